import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { buildApp } from '../../lib/app.ts';
import { parseSettings } from '../../lib/settings.ts';
import {
  ONE_MACHINE,
  ONE_MACHINE_OVER_AMQP,
  OVER_AMQP,
  PRODUCTION,
  type SynthesizedStack,
  synthesize,
  synthesizeProviderCall,
} from './synthesized.ts';

// Without the console, whose files are uploaded by one of the CDK's own functions.
const sandbox = synthesize({ console: false });
const prod = synthesizeProviderCall(PRODUCTION);
const { backendSecretArn } = PRODUCTION;

const oneOrMore = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((value) => (typeof value === 'string' ? [value] : value)),
);
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: z.optional(z.unknown()),
});
const policySchema = z.object({
  PolicyDocument: z.object({ Statement: z.array(statementSchema) }),
  Roles: z.array(z.string()),
});

/** Returns the permissions of each role by its id, as "action on resource", with any conditions. */
function rightsOf(stack: SynthesizedStack | undefined): Record<string, string[]> {
  const rights: Record<string, string[]> = {};
  for (const { properties } of Object.values(stack?.ofType('AWS::IAM::Policy') ?? {})) {
    const { PolicyDocument, Roles } = policySchema.parse(properties);
    for (const role of Roles) {
      rights[role] = PolicyDocument.Statement.flatMap(({ Effect, Action, Resource, Condition }) =>
        Action.flatMap((action) =>
          Resource.map(
            (resource) =>
              `${Effect === 'Deny' ? 'not ' : ''}${action} on ${resource}${Condition === undefined ? '' : `, if ${JSON.stringify(Condition)}`}`,
          ),
        ),
      )
        .concat(rights[role] ?? [])
        .toSorted();
    }
  }
  return rights;
}

function log(owner: string) {
  return [`logs:CreateLogStream on ${owner}Log.Arn`, `logs:PutLogEvents on ${owner}Log.Arn`];
}
const TABLE = 'ProviderCallsTable.Arn';
const secret = `secretsmanager:GetSecretValue on ${backendSecretArn}`;
function items(...actions: string[]) {
  return actions.map((action) => `dynamodb:${action} on ${TABLE}`);
}

function functionRights(backends: string[]): Record<string, string[]> {
  return {
    FunctionsAuthorizeRole: [
      'dynamodb:GetItem on AccessKeysTable.Arn',
      'secretsmanager:GetSecretValue on SigningKeySecret',
      ...log('FunctionsAuthorize'),
    ],
    FunctionsCreateRole: [
      ...items('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
      ...backends,
      ...log('FunctionsCreate'),
    ],
    FunctionsGetRole: [...items('GetItem'), ...log('FunctionsGet')],
    FunctionsListRole: [
      `dynamodb:Query on ${TABLE}/index/by-customer`,
      `dynamodb:Query on ${TABLE}/index/by-provider`,
      ...log('FunctionsList'),
    ],
    FunctionsDeleteRole: [...items('GetItem', 'UpdateItem'), ...log('FunctionsDelete')],
    FunctionsReconcileRole: [
      `dynamodb:Query on ${TABLE}/index/open`,
      ...items('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
      ...backends,
      ...log('FunctionsReconcile'),
    ],
    EventsEnrichRole: log('EventsEnrich'),
  };
}

const pipeRights = {
  EventsRole: [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
      (action) => `dynamodb:${action} on ProviderCallsTable.StreamArn`,
    ),
    'lambda:InvokeFunction on EnrichFunction.Arn',
    'events:PutEvents on EventsBus.Arn',
    'sqs:SendMessage on EventsDeadLetters.Arn',
  ],
};

function sorted(rights: Record<string, string[]>) {
  return Object.fromEntries(Object.entries(rights).map(([role, list]) => [role, list.toSorted()]));
}

describe('each role has exactly the permissions that its function needs', () => {
  test('roles can read the bearer secret of real backends', () => {
    expect(rightsOf(prod)).toEqual(sorted({ ...functionRights([secret]), ...pipeRights }));
  });

  test('roles need no secret for backends without authentication', () => {
    const { backendSecretArn: _, ...urls } = PRODUCTION;
    expect(rightsOf(synthesizeProviderCall({ ...urls, backendAuth: 'none' }))).toEqual(
      sorted({ ...functionRights([]), ...pipeRights }),
    );
  });

  test("roles can read the secret of a broker's user and, under a customer-managed key, decrypt it", () => {
    const brokerRights = (...access: string[]) => {
      const rights = functionRights(access);
      // To settle the first of two equal requests, create looks for records that could own the same calls.
      const create = [...(rights['FunctionsCreateRole'] ?? []), `dynamodb:Query on ${TABLE}/index/open`];
      return sorted({ ...rights, FunctionsCreateRole: create, ...pipeRights });
    };
    const read = `secretsmanager:GetSecretValue on ${OVER_AMQP.amqpSecretArn}`;
    expect(rightsOf(synthesizeProviderCall(OVER_AMQP))).toEqual(brokerRights(read));
    const amqpSecretKmsKeyArn =
      'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const decrypt = `kms:Decrypt on ${amqpSecretKmsKeyArn}, if {"StringEquals":{"kms:ViaService":"secretsmanager.eu-central-1.amazonaws.com"}}`;
    expect(rightsOf(synthesizeProviderCall({ ...OVER_AMQP, amqpSecretKmsKeyArn }))).toEqual(
      brokerRights(read, decrypt),
    );
  });

  test('roles can call the platform stand-in by signed requests to its URL only', () => {
    const platform =
      'import provider-call-sandbox-platform:ExportsOutputFnGetAttPlatformFunctionA87FB848Arn478C35F6';
    const invoke = [
      `lambda:InvokeFunctionUrl on ${platform}, if {"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}`,
      `lambda:InvokeFunction on ${platform}, if {"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}`,
    ];
    expect(rightsOf(sandbox['provider-call-sandbox'])).toEqual(
      sorted({
        ...functionRights(invoke),
        ...pipeRights,
        PlatformApiRole: [...invoke, ...log('PlatformApi')],
      }),
    );
  });

  test('the platform stand-in can use its own table only', () => {
    const documents = 'DocumentsTable.Arn';
    expect(rightsOf(sandbox['provider-call-sandbox-platform'])).toEqual(
      sorted({
        PlatformRole: [
          ...['GetItem', 'PutItem'].map((action) => `dynamodb:${action} on ${documents}`),
          ...['by-kind', 'by-customer', 'open'].map((name) => `dynamodb:Query on ${documents}/index/${name}`),
          ...log('Platform'),
        ],
      }),
    );
  });

  test('a secret under a customer-managed key needs permission to decrypt with that key, through Secrets Manager only', () => {
    const backendKey = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const signingKey = 'arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab';
    const stack = synthesizeProviderCall({
      ...PRODUCTION,
      backendSecretKmsKeyArn: backendKey,
      signingKeyKmsKeyArn: signingKey,
    });
    const decrypt = (key: string) =>
      `kms:Decrypt on ${key}, if {"StringEquals":{"kms:ViaService":"secretsmanager.eu-central-1.amazonaws.com"}}`;
    const rights = functionRights([secret, decrypt(backendKey)]);
    const authorize = [...(rights['FunctionsAuthorizeRole'] ?? []), decrypt(signingKey)];
    expect(rightsOf(stack)).toEqual(sorted({ ...rights, FunctionsAuthorizeRole: authorize, ...pipeRights }));
  });

  test('the authorizer reads only the configured signing key', () => {
    const signingKeySecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing-AbCdEf';
    const stack = synthesizeProviderCall({ ...PRODUCTION, signingKeySecretArn });
    expect(rightsOf(stack)['FunctionsAuthorizeRole']).toContain(
      `secretsmanager:GetSecretValue on ${signingKeySecretArn}`,
    );
    expect(stack.ofType('AWS::SecretsManager::Secret')).toEqual({});
  });
});

describe('wildcards', () => {
  const wildcards = (stack: SynthesizedStack | undefined) =>
    Object.entries(rightsOf(stack)).flatMap(([role, rights]) =>
      rights.filter((right) => right.includes('*')).map((right) => `${role}: ${right}`),
    );

  test.each([
    ['real backends', prod],
    ['a broker', synthesizeProviderCall(OVER_AMQP)],
    ['a stack that uses the stand-in', sandbox['provider-call-sandbox']],
    ['the stack of the stand-in', sandbox['provider-call-sandbox-platform']],
  ])('no role has wildcards: %s', (_what, stack) => {
    expect(Object.keys(rightsOf(stack)).length).toBeGreaterThan(0);
    expect(wildcards(stack)).toEqual([]);
  });

  test('tracing needs two actions for which X-Ray has no resources', () => {
    const stack = synthesizeProviderCall({ ...PRODUCTION, tracing: true });
    expect(new Set(wildcards(stack).map((right) => right.replace(/^\w+: /, '')))).toEqual(
      new Set(['xray:PutTelemetryRecords on *', 'xray:PutTraceSegments on *']),
    );
  });

  test('a VPC needs actions on network interfaces, which the functions’ own code is denied', () => {
    const stack = synthesizeProviderCall({
      ...PRODUCTION,
      vpcId: 'vpc-01234567',
      vpcSubnetIds: 'subnet-01234567',
    });
    const actions = [
      'AssignPrivateIpAddresses',
      'CreateNetworkInterface',
      'DeleteNetworkInterface',
      'DescribeNetworkInterfaces',
      'DescribeSubnets',
      'UnassignPrivateIpAddresses',
    ];
    const byCode = ', if {"Null":{"lambda:SourceFunctionArn":"false"}}';
    expect(wildcards(stack).toSorted()).toEqual(
      ['FunctionsCreateRole', 'FunctionsReconcileRole']
        .flatMap((role) =>
          actions.flatMap((action) => [
            `${role}: ec2:${action} on *`,
            `${role}: not ec2:${action} on *${byCode}`,
          ]),
        )
        .toSorted(),
    );
  });
});

test('no function’s role has a managed policy', () => {
  const roles = {
    ...prod.ofType('AWS::IAM::Role'),
    ...sandbox['provider-call-sandbox-platform']?.ofType('AWS::IAM::Role'),
  };
  const managed = Object.entries(roles)
    .filter(([, { properties }]) => properties['ManagedPolicyArns'] !== undefined)
    .map(([role]) => role);
  // API Gateway's and CodeDeploy's own, which AWS documents for these two services.
  expect(managed.toSorted()).toEqual(['ApiRestApiCloudWatchRole', 'DeploymentRole']);
});

const functionSchema = z.object({
  Environment: z.optional(z.object({ Variables: z.record(z.string(), z.string()) })),
  Timeout: z.number(),
  MemorySize: z.number(),
  ReservedConcurrentExecutions: z.optional(z.number()),
});

function functionsOf(stack: SynthesizedStack | undefined) {
  return Object.fromEntries(
    Object.entries(stack?.ofType('AWS::Lambda::Function') ?? {}).map(([id, { properties }]) => {
      const { Environment, Timeout, MemorySize, ReservedConcurrentExecutions } =
        functionSchema.parse(properties);
      return [
        id,
        {
          variables: Environment?.Variables ?? {},
          timeout: Timeout,
          memory: MemorySize,
          ...(ReservedConcurrentExecutions !== undefined && { reserved: ReservedConcurrentExecutions }),
        },
      ];
    }),
  );
}

describe('environment, timeout and memory', () => {
  const URL_SUFFIX = 'AWS::URLSuffix';
  const common = { STAGE: 'prod', URL_SUFFIX };
  const store = { ...common, PROVIDER_CALL_TABLE: 'ProviderCallsTable' };
  const settleBackends = {
    FLOW_BACKEND_URL: 'https://flow.example.com',
    CALL_BACKEND_URL: 'https://call.example.com:8443/base',
    BACKEND_AUTH: 'bearer',
    BACKEND_SECRET_ARN: backendSecretArn,
  };
  const backends = { ROUTE_BACKEND_URL: 'https://route.example.com', ...settleBackends };

  test('functions have the environment for real backends', () => {
    expect(functionsOf(prod)).toEqual({
      AuthorizeFunction: {
        variables: {
          ...common,
          SIGNING_KEY_SECRET_ARN: 'SigningKeySecret',
          ACCESS_KEY_TABLE: 'AccessKeysTable',
        },
        timeout: 10,
        memory: 512,
      },
      CreateFunction: {
        variables: { ...store, ...backends },
        timeout: 28,
        memory: 512,
        reserved: 25,
      },
      GetFunction: { variables: store, timeout: 10, memory: 512 },
      ListFunction: { variables: store, timeout: 10, memory: 512 },
      DeleteFunction: { variables: store, timeout: 10, memory: 512 },
      ReconcileFunction: { variables: { ...store, ...settleBackends }, timeout: 120, memory: 256 },
      EnrichFunction: { variables: common, timeout: 30, memory: 256 },
    });
  });

  test('functions have the environment for the platform stand-in, whose requests are signed', () => {
    const functions = functionsOf(sandbox['provider-call-sandbox']);
    const url = expect.stringMatching(/^https:\/\/.*FunctionUrl/);
    const signed = {
      ROUTE_BACKEND_URL: url,
      FLOW_BACKEND_URL: url,
      CALL_BACKEND_URL: url,
      BACKEND_AUTH: 'sigv4',
    };
    expect(functions['PlatformApiFunction']?.variables).toEqual({ STAGE: 'sandbox', URL_SUFFIX, ...signed });
    expect(functions['CreateFunction']?.variables).toMatchObject(signed);
    expect(functionsOf(sandbox['provider-call-sandbox-platform'])).toEqual({
      PlatformFunction: {
        variables: { STAGE: 'sandbox', URL_SUFFIX, SANDBOX_TABLE: 'DocumentsTable' },
        timeout: 10,
        memory: 512,
      },
    });
  });

  const settleQueues = {
    AMQP_FLOW_QUEUE: 'bin-manager.flow-manager.request',
    AMQP_CALL_QUEUE: 'bin-manager.call-manager.request',
    AMQP_MAX_PROCESSING_SECONDS: '600',
  };

  test('functions have the environment for a broker', () => {
    const settleBroker = {
      FLOW_BACKEND_URL: OVER_AMQP.flowBackendUrl,
      CALL_BACKEND_URL: OVER_AMQP.callBackendUrl,
      AMQP_SECRET_ARN: OVER_AMQP.amqpSecretArn,
      ...settleQueues,
    };
    const functions = functionsOf(synthesizeProviderCall(OVER_AMQP));
    expect(functions['CreateFunction']?.variables).toEqual({
      ...store,
      ...settleBroker,
      ROUTE_BACKEND_URL: OVER_AMQP.routeBackendUrl,
      AMQP_ROUTE_QUEUE: 'bin-manager.route-manager.request',
    });
    expect(functions['ReconcileFunction']?.variables).toEqual({ ...store, ...settleBroker });
  });

  test('functions have the environment for a broker with other queues and slower managers', () => {
    const functions = functionsOf(
      synthesizeProviderCall({
        ...OVER_AMQP,
        amqpRouteQueue: 'route',
        amqpFlowQueue: 'flow',
        amqpCallQueue: 'call',
        amqpMaxProcessingSeconds: 1_800,
      }),
    );
    expect(functions['CreateFunction']?.variables).toMatchObject({
      AMQP_ROUTE_QUEUE: 'route',
      AMQP_FLOW_QUEUE: 'flow',
      AMQP_CALL_QUEUE: 'call',
      AMQP_MAX_PROCESSING_SECONDS: '1800',
    });
  });

  test('functions have the environment for a broker on one machine, whose user is in the URLs', () => {
    const functions = functionsOf(synthesizeProviderCall(ONE_MACHINE_OVER_AMQP));
    const { callBackendUrl } = ONE_MACHINE_OVER_AMQP;
    expect(functions['CreateFunction']?.variables).toMatchObject({
      ROUTE_BACKEND_URL: callBackendUrl,
      FLOW_BACKEND_URL: callBackendUrl,
      CALL_BACKEND_URL: callBackendUrl,
      ...settleQueues,
    });
    expect(functions['CreateFunction']?.variables).not.toHaveProperty('AMQP_SECRET_ARN');
  });

  test('functions have the environment for a key set and origins', () => {
    const functions = functionsOf(
      synthesizeProviderCall({
        ...PRODUCTION,
        jwksUrl: 'https://id.example.com/jwks.json',
        corsOrigins: 'https://a.example.com,https://b.example.com',
      }),
    );
    expect(functions['AuthorizeFunction']?.variables).toMatchObject({
      JWKS_URL: 'https://id.example.com/jwks.json',
    });
    for (const name of ['Create', 'Get', 'List', 'Delete']) {
      expect(functions[`${name}Function`]?.variables).toMatchObject({
        CORS_ORIGINS: 'https://a.example.com,https://b.example.com',
      });
    }
  });

  test('create has the configured reserved concurrency', () => {
    const functions = functionsOf(synthesizeProviderCall({ ...PRODUCTION, createConcurrency: 3 }));
    expect(functions['CreateFunction']?.reserved).toBe(3);
  });
});

/** The bundles that are deployed in stage local, by the function's id. */
function bundlesOf(context: Record<string, string>): Record<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'provider-call-functions-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  buildApp({ settings: parseSettings(context), outdir }).synth();
  const functionSchema = z.object({ Properties: z.object({ Code: z.object({ S3Key: z.string() }) }) });
  const templateSchema = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });
  const { Resources } = templateSchema.parse(
    JSON.parse(readFileSync(join(outdir, 'provider-call-local.template.json'), 'utf8')),
  );
  return Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
      .map(([id, resource]) => {
        const asset = functionSchema.parse(resource).Properties.Code.S3Key.replace('.zip', '');
        return [id, readFileSync(join(outdir, `asset.${asset}`, 'index.js'), 'utf8')];
      }),
  );
}

test('the transport chooses the bundles of the functions that call backends, and of no others', () => {
  const overHttp = bundlesOf(ONE_MACHINE);
  const overAmqp = bundlesOf(ONE_MACHINE_OVER_AMQP);
  const different = Object.keys(overHttp).filter((id) => overHttp[id] !== overAmqp[id]);
  expect(different.toSorted()).toEqual(['CreateFunction', 'ReconcileFunction']);
  const speaksAmqp = (bundles: Record<string, string>) =>
    Object.keys(bundles).filter((id) => bundles[id]?.includes('amq.rabbitmq.reply-to'));
  expect(speaksAmqp(overHttp)).toEqual([]);
  expect(speaksAmqp(overAmqp).toSorted()).toEqual(['CreateFunction', 'ReconcileFunction']);
});
