import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { localAssembly } from '@provider-call/local/assembly-cache';
import { createTables } from '@provider-call/local/create-tables';
import { type AwsAccess, createDynamodbClient, startEmbeddedDynamodb } from '@provider-call/local/dynamodb';
import { functionEnvironment } from '@provider-call/local/lambda/function-environment';
import { startSecretsManager } from '@provider-call/local/secrets-manager';
import { readAssembly } from '@provider-call/local/template/assembly';
import { type FunctionDefinition, readFunctions } from '@provider-call/local/template/functions';
import { createReferences } from '@provider-call/local/template/references';
import { readTables } from '@provider-call/local/template/tables';
import { signToken, superAdmin } from '@provider-call/local/token';
import { startPlatform } from '@provider-call/platform';
import { DEVELOPMENT_KEY } from '../functions/auth/development-key.ts';
import { RUNTIME_VARIABLES } from './fixture-bundles.ts';

/** The functions, by the word for each in its logical id. */
export const FUNCTION_NAMES = ['Authorize', 'Create', 'Get', 'List', 'Delete', 'Reconcile'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export type Surroundings = {
  dynamodb: DynamoDBClient;
  token: string;
  /** The table of ProviderCalls. */
  table: string;
  /** Creates a table of the same shape under another name. */
  createTable(name: string): Promise<void>;
  bundleOf(name: FunctionName): string;
  environmentOf(name: FunctionName, changes?: Record<string, string>): Record<string, string>;
  close(): Promise<void>;
};

const AWS: AwsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * Starts what the functions need: DynamoDB with their tables, the platform stand-in and Secrets Manager. Bundles and
 * environments are those of the synthesized template.
 */
export async function startSurroundings(): Promise<Surroundings> {
  const embedded = await startEmbeddedDynamodb(undefined, AWS);
  const dynamodb = createDynamodbClient(embedded.endpoint, AWS);
  const platform = await startPlatform({ dynamodb });
  const template = readAssembly(await localAssembly());
  const references = createReferences(template, {
    region: AWS.region,
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
          region: AWS.region,
          ...AWS.credentials,
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

/** The table of the peers, whose items have another shape. */
export const PEER_TABLE = 'peers';

/** Returns the environment of a function's peer. */
export function peerEnvironment({ environmentOf }: Surroundings, name: FunctionName): Record<string, string> {
  return environmentOf(name, { ...RUNTIME_VARIABLES, PROVIDER_CALL_TABLE: PEER_TABLE });
}

/** Returns the environment of the one peer that serves every route. */
export function expressEnvironment(surroundings: Surroundings): Record<string, string> {
  return {
    ...peerEnvironment(surroundings, 'Authorize'),
    ...peerEnvironment(surroundings, 'Create'),
  };
}
