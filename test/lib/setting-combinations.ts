import { pairwise } from './pairwise.ts';

/*
 * Contexts in which every two values of the settings meet. `keyCombinations` sets or omits each key
 * independently of the others, so few of its contexts are complete; `featureCombinations` sets keys together
 * that belong together, so almost all of its contexts can be deployed.
 */

const BROKER = 'amqps://b-1234.mq.eu-central-1.amazonaws.com:5671';
const KMS_KEYS = {
  broker: 'arn:aws:kms:eu-central-1:111122223333:key/2345abcd-12ab-34cd-56ef-1234567890ab',
  backend: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  signing: 'arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab',
};

const URLS = {
  routeBackendUrl: 'https://route.example.com',
  flowBackendUrl: 'https://flow.example.com',
  callBackendUrl: 'https://call.example.com:8443/base',
};
const BROKER_URLS = { routeBackendUrl: BROKER, flowBackendUrl: BROKER, callBackendUrl: BROKER };
const QUEUES = { amqpRouteQueue: 'route', amqpFlowQueue: 'flow', amqpCallQueue: 'call' };
const SECURITY_GROUP = 'sg-0123456789abcdef0';
const EXISTING_TABLES = {
  providerCallTableName: 'records',
  providerCallTableStreamArn:
    'arn:aws:dynamodb:eu-central-1:111122223333:table/records/stream/2026-11-24T00:00:00.000',
  accessKeyTableName: 'keys',
};
const DOMAIN = {
  domainName: 'calls.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
};

type Context = Record<string, string>;

/** Values of each single key besides its absence. A key that the settings have and this table lacks fails a test. */
export const KEY_VALUES: Readonly<Record<string, readonly string[]>> = {
  stage: ['sandbox', 'prod', 'local'],
  routeBackendUrl: [URLS.routeBackendUrl, BROKER],
  flowBackendUrl: [URLS.flowBackendUrl, BROKER],
  callBackendUrl: [URLS.callBackendUrl, BROKER],
  backendAuth: ['none', 'bearer', 'sigv4'],
  backendSecretArn: [secretArn('backend')],
  backendSecretKmsKeyArn: [KMS_KEYS.backend],
  backendFunctionArns: ['arn:aws:lambda:eu-central-1:111122223333:function:backend'],
  amqpSecretArn: [secretArn('broker')],
  amqpSecretKmsKeyArn: [KMS_KEYS.broker],
  amqpRouteQueue: [QUEUES.amqpRouteQueue],
  amqpFlowQueue: [QUEUES.amqpFlowQueue],
  amqpCallQueue: [QUEUES.amqpCallQueue],
  amqpMaxProcessingSeconds: ['30'],
  amqpBrokerSecurityGroupId: [SECURITY_GROUP],
  platformStandIn: ['true', 'false'],
  jwksUrl: ['https://id.example.com/jwks.json'],
  domainName: [DOMAIN.domainName],
  certificateArn: [DOMAIN.certificateArn],
  hostedZoneId: ['Z0123456789ABC'],
  hostedZoneName: ['example.com'],
  basePath: ['api'],
  vpcId: ['vpc-0123456789abcdef0'],
  vpcSubnetIds: ['subnet-0123456789abcdef0,subnet-0123456789abcdef1'],
  signingKeySecretArn: [secretArn('signing')],
  signingKeyKmsKeyArn: [KMS_KEYS.signing],
  alarmEmail: ['ops@example.com'],
  replicas: ['eu-west-1,us-east-1'],
  region: ['eu-central-1'],
  providerCallTableName: [EXISTING_TABLES.providerCallTableName],
  providerCallTableStreamArn: [EXISTING_TABLES.providerCallTableStreamArn],
  accessKeyTableName: [EXISTING_TABLES.accessKeyTableName],
  standby: ['true', 'false'],
  retain: ['true', 'false'],
  tracing: ['true', 'false'],
  corsOrigins: ['https://admin.example.com', 'https://a.example.com,http://localhost:5173'],
  createConcurrency: ['0', '7'],
  canary: ['true', 'false'],
  console: ['true', 'false'],
  platformApiUrl: ['https://api.example.com'],
};

/** Keys that belong together, by feature and variant. */
const FEATURES: Readonly<Record<string, Readonly<Record<string, Context>>>> = {
  stage: { sandbox: {}, prod: { stage: 'prod' }, local: { stage: 'local' } },
  backends: {
    standIn: { platformStandIn: 'true' },
    none: { ...URLS, backendAuth: 'none' },
    bearer: { ...URLS, backendAuth: 'bearer', backendSecretArn: secretArn('backend') },
    bearerWithKey: {
      ...URLS,
      backendAuth: 'bearer',
      backendSecretArn: secretArn('backend'),
      backendSecretKmsKeyArn: KMS_KEYS.backend,
    },
    sigv4: {
      ...URLS,
      backendAuth: 'sigv4',
      backendFunctionArns: 'arn:aws:lambda:eu-central-1:111122223333:function:backend',
    },
    broker: { ...BROKER_URLS, amqpSecretArn: secretArn('broker') },
    brokerWithKey: {
      ...BROKER_URLS,
      ...QUEUES,
      amqpSecretArn: secretArn('broker'),
      amqpSecretKmsKeyArn: KMS_KEYS.broker,
      amqpMaxProcessingSeconds: '30',
    },
    brokerInside: {
      ...BROKER_URLS,
      amqpSecretArn: secretArn('broker'),
      amqpBrokerSecurityGroupId: SECURITY_GROUP,
    },
    brokerHere: {
      routeBackendUrl: 'amqp://guest:guest@127.0.0.1:5672',
      flowBackendUrl: 'amqp://guest:guest@127.0.0.1:5672',
      callBackendUrl: 'amqp://guest:guest@127.0.0.1:5672',
    },
  },
  domain: {
    none: {},
    bare: DOMAIN,
    zone: { ...DOMAIN, hostedZoneId: 'Z0123456789ABC', hostedZoneName: 'example.com', basePath: 'api' },
  },
  tables: {
    own: {},
    replicated: { region: 'eu-central-1', replicas: 'eu-west-1,us-east-1' },
    existing: EXISTING_TABLES,
    standby: { ...EXISTING_TABLES, standby: 'true', region: 'eu-central-1' },
  },
  signingKey: {
    created: {},
    createdWithKey: { signingKeyKmsKeyArn: KMS_KEYS.signing },
    given: { signingKeySecretArn: secretArn('signing') },
    givenWithKey: { signingKeySecretArn: secretArn('signing'), signingKeyKmsKeyArn: KMS_KEYS.signing },
  },
  vpc: {
    outside: {},
    inside: { vpcId: 'vpc-0123456789abcdef0', vpcSubnetIds: 'subnet-0123456789abcdef0' },
  },
  cors: {
    none: {},
    one: { corsOrigins: 'https://admin.example.com' },
    several: { corsOrigins: 'https://a.example.com,http://localhost:5173' },
  },
  createConcurrency: { default: {}, none: { createConcurrency: '0' }, seven: { createConcurrency: '7' } },
  jwks: { none: {}, set: { jwksUrl: 'https://id.example.com/jwks.json' } },
  alarmEmail: { none: {}, set: { alarmEmail: 'ops@example.com' } },
  retain: { yes: {}, no: { retain: 'false' } },
  tracing: { no: {}, yes: { tracing: 'true' } },
  canary: { yes: {}, no: { canary: 'false' } },
  console: {
    default: {},
    on: { console: 'true' },
    ofPlatform: { console: 'true', platformApiUrl: 'https://api.example.com' },
    off: { console: 'false' },
  },
};

/**
 * Pairs that are rejected: each would hide whatever else is in its context. On one machine the backends are
 * processes.
 */
const EXCLUSIONS = [
  ['stage', 'local', 'backends', 'standIn'],
  // The console of a deployed stage reads the platform's public API, and with the stand-in our own.
  ['stage', 'local', 'console', 'on'],
  ['stage', 'local', 'console', 'ofPlatform'],
  ['backends', 'standIn', 'console', 'ofPlatform'],
  ...[
    'none',
    'bearer',
    'bearerWithKey',
    'sigv4',
    'broker',
    'brokerWithKey',
    'brokerInside',
    'brokerHere',
  ].map((backends) => ['backends', backends, 'console', 'on'] as const),
  // On one machine the broker's user is in its URL, which a deployed stage rejects, like an unencrypted broker.
  ...['broker', 'brokerWithKey', 'brokerInside'].map(
    (backends) => ['stage', 'local', 'backends', backends] as const,
  ),
  ...['sandbox', 'prod'].map((stage) => ['stage', stage, 'backends', 'brokerHere'] as const),
  ['backends', 'brokerInside', 'vpc', 'outside'],
] as const;

const ABSENT = '';

export function keyCombinations(): Context[] {
  const choices = Object.fromEntries(
    Object.entries(KEY_VALUES).map(([key, values]) => [key, [ABSENT, ...values]]),
  );
  return pairwise(choices).map((choice) =>
    Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== ABSENT)),
  );
}

function secretArn(name: string) {
  return `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`;
}

export type FeatureCombination = { context: Context; isRefused: boolean };

export function featureCombinations(): FeatureCombination[] {
  const choices = Object.fromEntries(
    Object.entries(FEATURES).map(([name, variants]) => [name, Object.keys(variants)]),
  );
  return pairwise(choices, EXCLUSIONS).map((choice) => ({
    context: Object.assign({}, ...Object.entries(choice).map(([name, variant]) => FEATURES[name]?.[variant])),
    isRefused: EXCLUSIONS.some(([a, x, b, y]) => choice[a] === x && choice[b] === y),
  }));
}

/** Returns a context as one line, for the name of a test. */
export function describeContext(context: Context): string {
  return Object.entries(context)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
