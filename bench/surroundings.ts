import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startPlatform } from '@provider-call/platform';
import { DEVELOPMENT_KEY } from '../functions/auth/development-key.ts';
import { localAssembly } from '../packages/local/src/assembly-cache.ts';
import { createTables } from '../packages/local/src/create-tables.ts';
import {
  type AwsAccess,
  createDynamodbClient,
  startEmbeddedDynamodb,
} from '../packages/local/src/dynamodb.ts';
import { functionEnvironment } from '../packages/local/src/lambda/function-environment.ts';
import { startSecretsManager } from '../packages/local/src/secrets-manager.ts';
import { readAssembly } from '../packages/local/src/template/assembly.ts';
import { type FunctionDefinition, readFunctions } from '../packages/local/src/template/functions.ts';
import { createReferences } from '../packages/local/src/template/references.ts';
import { readTables } from '../packages/local/src/template/tables.ts';
import { signToken, superAdmin } from '../packages/local/src/token.ts';
import { runtimeVariables } from './fixture-bundles.ts';

/** The functions, by the word for what each does that its template's name ends with. */
export const functionNames = ['Authorize', 'Create', 'Get', 'List', 'Delete', 'Reconcile'] as const;
export type FunctionName = (typeof functionNames)[number];

export type Surroundings = {
  dynamodb: DynamoDBClient;
  token: string;
  /** The table of ProviderCalls. */
  table: string;
  /** Makes a table like that one under another name. */
  createTable(name: string): Promise<void>;
  bundleOf(name: FunctionName): string;
  environmentOf(name: FunctionName, changes?: Record<string, string>): Record<string, string>;
  close(): Promise<void>;
};

const aws: AwsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * What the functions need around them: DynamoDB with their tables, the stand-in for the backends, Secrets Manager, and
 * of the synthesized template their very bundles and environments.
 */
export async function startSurroundings(): Promise<Surroundings> {
  const embedded = await startEmbeddedDynamodb(undefined, aws);
  const dynamodb = createDynamodbClient(embedded.endpoint, aws);
  const platform = await startPlatform({ dynamodb });
  const template = readAssembly(await localAssembly());
  const references = createReferences(template, {
    region: aws.region,
    accountId: '000000000000',
    stackName: template.stackName,
  });
  const tables = readTables(template, references);
  await createTables(dynamodb, tables);
  const definitions = readFunctions(template, references);

  const definitionOf = (name: FunctionName): FunctionDefinition => {
    const found = definitions.find((definition) => definition.name.endsWith(`-${name}Function`));
    if (found === undefined) {
      throw new Error(
        `no function ${name} among ${definitions.map((definition) => definition.name).join(', ')}`,
      );
    }
    return found;
  };
  const variableOf = (name: FunctionName, variable: string): string => {
    const value = definitionOf(name).variables[variable];
    if (value === undefined) throw new Error(`${name} has no ${variable}`);
    return value;
  };

  const table = variableOf('Get', 'PROVIDER_CALL_TABLE');
  const secretsManager = await startSecretsManager(
    new Map([
      [variableOf('Authorize', 'SIGNING_KEY_SECRET_ARN'), JSON.stringify({ current: DEVELOPMENT_KEY })],
    ]),
  );
  const backends = {
    ROUTE_BACKEND_URL: platform.url,
    FLOW_BACKEND_URL: platform.url,
    CALL_BACKEND_URL: platform.url,
  };

  return {
    dynamodb,
    token: await signToken({ ...superAdmin, key: DEVELOPMENT_KEY }),
    table,
    createTable: async (name) => {
      const like = tables.find(({ TableName }) => TableName === table);
      if (like === undefined) throw new Error(`the template has no table ${table}`);
      await dynamodb.send(new CreateTableCommand({ ...like, TableName: name }));
    },
    bundleOf: (name) => `${definitionOf(name).codeDirectory}/index.js`,
    environmentOf: (name, changes = {}) =>
      functionEnvironment(
        { ...definitionOf(name), variables: { ...definitionOf(name).variables, ...backends, ...changes } },
        {
          region: aws.region,
          ...aws.credentials,
          dynamodbEndpoint: embedded.endpoint,
          secretsManagerEndpoint: secretsManager.endpoint,
        },
      ),
    close: async () => {
      await platform.close();
      await secretsManager.close();
      dynamodb.destroy();
      await embedded.close();
    },
  };
}

/** The table of the peers, whose items are not of our shape. */
export const peerTable = 'peers';

/** The environment of a peer of one of the functions. */
export const peerEnvironment = (
  { environmentOf }: Surroundings,
  name: FunctionName,
): Record<string, string> => environmentOf(name, { ...runtimeVariables, PROVIDER_CALL_TABLE: peerTable });

/** The environment of one peer that does the work of all. */
export const expressEnvironment = (surroundings: Surroundings): Record<string, string> => ({
  ...peerEnvironment(surroundings, 'Authorize'),
  ...peerEnvironment(surroundings, 'Create'),
});
