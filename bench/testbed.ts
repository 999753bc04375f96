import { createServer } from 'node:http';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { localAssembly } from '@provider-call/local/assembly-cache';
import { createTables } from '@provider-call/local/create-tables';
import { type AwsAccess, createDynamodbClient, startEmbeddedDynamodb } from '@provider-call/local/dynamodb';
import { listen } from '@provider-call/local/http-server';
import { functionEnvironment } from '@provider-call/local/lambda/function-environment';
import { startSecretsManager } from '@provider-call/local/secrets-manager';
import { readAssembly } from '@provider-call/local/template/assembly';
import { type FunctionDefinition, readFunctions } from '@provider-call/local/template/functions';
import { createReferences } from '@provider-call/local/template/references';
import { readTables } from '@provider-call/local/template/tables';
import { SUPER_ADMIN, signToken } from '@provider-call/local/token';
import { startPlatform } from '@provider-call/platform';
import { DEVELOPMENT_KEY } from '../functions/auth/development-key.ts';
import { RUNTIME_VARIABLES } from './fixture-bundles.ts';

/** The functions, by the name in their logical ids. */
export const FUNCTION_NAMES = ['Authorize', 'Create', 'Get', 'List', 'Delete', 'Reconcile'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The functions of one synthesized template. */
export type Functions = {
  bundleOf(name: FunctionName): string;
  environmentOf(name: FunctionName, changes?: Record<string, string>): Record<string, string>;
};

export type Testbed = Functions & {
  dynamodb: DynamoDBClient;
  token: string;
  /** The table of ProviderCalls. */
  table: string;
  /** Creates a table of the same shape under another name. */
  createTable(name: string): Promise<void>;
  /** Returns the functions of another assembly, which run in the same environment. */
  functionsOf(assembly: string): Functions;
  close(): Promise<void>;
};

const AWS: AwsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * Starts everything that the functions need: DynamoDB with their tables, Secrets Manager and the backends. Bundles and
 * environments are those of the synthesized template.
 *
 * @param backends The platform stand-in, or, if only the function's own work is measured, a server that immediately
 *   responds with the same JSON every time.
 */
export async function startTestbed(backends: 'platform' | 'scripted' = 'platform'): Promise<Testbed> {
  const embedded = await startEmbeddedDynamodb(undefined, AWS);
  const dynamodb = createDynamodbClient(embedded.endpoint, AWS);
  const backend = backends === 'platform' ? await startPlatform({ dynamodb }) : await startScriptedBackends();
  const assembly = readFunctionsOf(await localAssembly());
  await createTables(dynamodb, assembly.tables);

  const table = assembly.variableOf('Get', 'PROVIDER_CALL_TABLE');
  const secretsManager = await startSecretsManager(
    new Map([
      [
        assembly.variableOf('Authorize', 'SIGNING_KEY_SECRET_ARN'),
        JSON.stringify({ current: DEVELOPMENT_KEY }),
      ],
    ]),
  );
  const backendUrls = {
    ROUTE_BACKEND_URL: backend.url,
    FLOW_BACKEND_URL: backend.url,
    CALL_BACKEND_URL: backend.url,
  };

  function functionsOf({ definitionOf }: ReturnType<typeof readFunctionsOf>): Functions {
    return {
      bundleOf: (name) => `${definitionOf(name).codeDirectory}/index.js`,
      environmentOf: (name, changes = {}) =>
        functionEnvironment(
          {
            ...definitionOf(name),
            variables: { ...definitionOf(name).variables, ...backendUrls, ...changes },
          },
          {
            region: AWS.region,
            ...AWS.credentials,
            dynamodbEndpoint: embedded.endpoint,
            secretsManagerEndpoint: secretsManager.endpoint,
          },
        ),
    };
  }

  return {
    ...functionsOf(assembly),
    functionsOf: (directory) => functionsOf(readFunctionsOf(directory)),
    dynamodb,
    token: await signToken({ ...SUPER_ADMIN, key: DEVELOPMENT_KEY }),
    table,
    createTable: async (name) => {
      const like = assembly.tables.find(({ TableName }) => TableName === table);
      if (like === undefined) throw new Error(`the template has no table ${table}`);
      await dynamodb.send(new CreateTableCommand({ ...like, TableName: name }));
    },
    close: async () => {
      await backend.close();
      await secretsManager.close();
      dynamodb.destroy();
      await embedded.close();
    },
  };
}

/** Reads the functions and tables of an assembly. */
function readFunctionsOf(assembly: string) {
  const template = readAssembly(assembly);
  const references = createReferences(template, {
    region: AWS.region,
    accountId: '000000000000',
    stackName: template.stackName,
  });
  const definitions = readFunctions(template, references);

  function definitionOf(name: FunctionName): FunctionDefinition {
    // An earlier template's logical ids begin with the construct's and end with a hash.
    const logicalId = new RegExp(`-(Functions)?${name}Function[0-9A-F]*$`);
    const found = definitions.find((definition) => logicalId.test(definition.name));
    if (found === undefined) {
      throw new Error(
        `no function ${name} among ${definitions.map((definition) => definition.name).join(', ')}`,
      );
    }
    return found;
  }

  return {
    tables: readTables(template, references),
    definitionOf,
    variableOf: (name: FunctionName, variable: string): string => {
      const value = definitionOf(name).variables[variable];
      if (value === undefined) throw new Error(`${name} has no ${variable}`);
      return value;
    },
  };
}

/** Starts one server for all three backends: every provider exists, and every flow and call is the same one. */
async function startScriptedBackends(): Promise<{ url: string; close(): Promise<void> }> {
  const id = '0190a5b8-0000-4000-8000-000000000001';
  const found = JSON.stringify({ id, tm_delete: null });
  const placed = JSON.stringify({ calls: [{ id }], groupcalls: [] });
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(request.url === '/v1/calls' ? placed : found);
    });
  });
  const { url, close } = await listen(server, '127.0.0.1', 0);
  return { url, close };
}

/** The table of the peers, whose items have a different shape. */
export const PEER_TABLE = 'peers';

/** Returns the environment of a function's peer. */
export function peerEnvironment({ environmentOf }: Testbed, name: FunctionName): Record<string, string> {
  return environmentOf(name, { ...RUNTIME_VARIABLES, PROVIDER_CALL_TABLE: PEER_TABLE });
}

/** Returns the environment of the peer that serves all routes. */
export function expressEnvironment(testbed: Testbed): Record<string, string> {
  return {
    ...peerEnvironment(testbed, 'Authorize'),
    ...peerEnvironment(testbed, 'Create'),
  };
}
