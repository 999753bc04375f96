import { describe, expect, test } from 'vitest';
import { SettingsError } from '../../lib/setting-values.ts';
import { parseSettings, type Settings } from '../../lib/settings.ts';

const backendSecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:backend-AbCdEf';
const certificateArn = 'arn:aws:acm:eu-central-1:111122223333:certificate/0000';
const kmsKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const existingTables = {
  providerCallTableName: 'records',
  providerCallTableStreamArn:
    'arn:aws:dynamodb:eu-west-1:111122223333:table/records/stream/2026-11-24T00:00:00.000',
  accessKeyTableName: 'keys',
};
const functionArn = 'arn:aws:lambda:eu-central-1:111122223333:function:platform';
const urls = {
  routeBackendUrl: 'https://route.example.com',
  flowBackendUrl: 'https://flow.example.com/',
  callBackendUrl: 'https://call.example.com/base/',
};
const backends = {
  transport: 'http' as const,
  routeUrl: 'https://route.example.com',
  flowUrl: 'https://flow.example.com',
  callUrl: 'https://call.example.com/base',
};
const broker = 'amqps://b-1234.mq.eu-central-1.amazonaws.com:5671';
const brokerUrls = { routeBackendUrl: broker, flowBackendUrl: `${broker}/`, callBackendUrl: broker };
const amqpSecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:broker-AbCdEf';
const amqpBackends = {
  transport: 'amqp' as const,
  routeUrl: broker,
  flowUrl: broker,
  callUrl: broker,
  secret: { secretArn: amqpSecretArn, kmsKeyArn: null },
  queues: {
    route: 'bin-manager.route-manager.request',
    flow: 'bin-manager.flow-manager.request',
    call: 'bin-manager.call-manager.request',
  },
  maxProcessingSeconds: 600,
  brokerSecurityGroupId: null,
};
const allThree = (url: string) => ({ routeBackendUrl: url, flowBackendUrl: url, callBackendUrl: url });
const loopback = {
  routeBackendUrl: 'http://127.0.0.1:3001',
  flowBackendUrl: 'http://localhost:3001',
  callBackendUrl: 'http://[::1]:3001',
};

const defaults: Settings = {
  stage: 'sandbox',
  backends: null,
  jwksUrl: null,
  domain: null,
  vpc: null,
  signingKey: { secretArn: null, kmsKeyArn: null },
  alarmEmail: null,
  replicas: [],
  region: null,
  existingTables: null,
  standby: false,
  retain: true,
  tracing: false,
  corsOrigins: [],
  createConcurrency: null,
  canary: true,
  console: { platformApiUrl: null },
};

const accepted: [string, Record<string, unknown>, Partial<Settings>][] = [
  ['nothing: the sandbox with its stand-in', {}, {}],
  [
    'keys of the CDK itself',
    { 'aws:cdk:bundling-stacks': ['**'], '@aws-cdk/core:x': true, 'cli-telemetry': false },
    {},
  ],
  [
    'another stage with its stand-in, which reserves room for create',
    { stage: 'prod', platformStandIn: 'true' },
    { stage: 'prod', createConcurrency: 25 },
  ],
  ['room for create', { createConcurrency: '7' }, { createConcurrency: 7 }],
  [
    'no reserved room for create',
    { stage: 'prod', platformStandIn: true, createConcurrency: '0' },
    { stage: 'prod' },
  ],
  [
    'a bearer secret under a customer-managed key',
    { ...urls, backendSecretArn, backendSecretKmsKeyArn: kmsKeyArn },
    {
      backends: {
        ...backends,
        auth: { type: 'bearer', secret: { secretArn: backendSecretArn, kmsKeyArn } },
      },
    },
  ],
  [
    'a signing key under a customer-managed key',
    { signingKeyKmsKeyArn: kmsKeyArn },
    { signingKey: { secretArn: null, kmsKeyArn } },
  ],
  [
    'existing tables',
    existingTables,
    {
      existingTables: {
        providerCalls: { name: 'records', streamArn: existingTables.providerCallTableStreamArn },
        accessKeys: { name: 'keys' },
      },
    },
  ],
  [
    'a stand-by on existing tables',
    { ...existingTables, standby: 'true' },
    {
      standby: true,
      existingTables: {
        providerCalls: { name: 'records', streamArn: existingTables.providerCallTableStreamArn },
        accessKeys: { name: 'keys' },
      },
    },
  ],
  ['an emergency without a canary', { canary: 'false' }, { canary: false }],
  ['a sandbox without a console', { console: 'false' }, { console: null }],
  [
    'the console of another stage with its stand-in',
    { stage: 'dev', platformStandIn: 'true', console: 'true' },
    { stage: 'dev', createConcurrency: 25, console: { platformApiUrl: null } },
  ],
  [
    'the console before a real platform',
    { ...urls, backendAuth: 'none', console: 'true', platformApiUrl: 'https://api.example.com/' },
    {
      backends: { ...backends, auth: { type: 'none' } },
      console: { platformApiUrl: 'https://api.example.com' },
    },
  ],
  [
    'real backends with a bearer secret',
    { ...urls, backendSecretArn },
    {
      backends: {
        ...backends,
        auth: { type: 'bearer', secret: { secretArn: backendSecretArn, kmsKeyArn: null } },
      },
    },
  ],
  [
    'real backends that ask for nothing',
    { ...urls, backendAuth: 'none' },
    { backends: { ...backends, auth: { type: 'none' } } },
  ],
  [
    'real backends behind IAM',
    { ...urls, backendAuth: 'sigv4', backendFunctionArns: `${functionArn}, ${functionArn}2` },
    { backends: { ...backends, auth: { type: 'sigv4', functionArns: [functionArn, `${functionArn}2`] } } },
  ],
  [
    'backends on the loopback of stage local',
    { ...loopback, stage: 'local' },
    {
      stage: 'local',
      backends: {
        transport: 'http',
        routeUrl: 'http://127.0.0.1:3001',
        flowUrl: 'http://localhost:3001',
        callUrl: 'http://[::1]:3001',
        auth: { type: 'none' },
      },
    },
  ],
  [
    "a broker, on which the queues have the platform's names",
    { ...brokerUrls, amqpSecretArn },
    { backends: amqpBackends },
  ],
  [
    'a broker in a VPC with its own queues, virtual host, processing time, key and security group',
    {
      ...allThree('amqps://broker.example.com/voip%2Fprod/'),
      amqpSecretArn,
      amqpSecretKmsKeyArn: kmsKeyArn,
      amqpRouteQueue: 'route',
      amqpFlowQueue: 'flow',
      amqpCallQueue: 'call',
      amqpMaxProcessingSeconds: '30',
      amqpBrokerSecurityGroupId: 'sg-0123456789abcdef0',
      vpcId: 'vpc-01234567',
      vpcSubnetIds: 'subnet-01234567',
    },
    {
      vpc: { id: 'vpc-01234567', subnetIds: ['subnet-01234567'] },
      backends: {
        transport: 'amqp',
        routeUrl: 'amqps://broker.example.com/voip%2Fprod',
        flowUrl: 'amqps://broker.example.com/voip%2Fprod',
        callUrl: 'amqps://broker.example.com/voip%2Fprod',
        secret: { secretArn: amqpSecretArn, kmsKeyArn },
        queues: { route: 'route', flow: 'flow', call: 'call' },
        maxProcessingSeconds: 30,
        brokerSecurityGroupId: 'sg-0123456789abcdef0',
      },
    },
  ],
  [
    'a broker for each manager, with the same queue on each',
    {
      routeBackendUrl: 'amqps://route.example.com',
      flowBackendUrl: 'amqps://flow.example.com',
      callBackendUrl: 'amqps://call.example.com',
      amqpSecretArn,
      amqpRouteQueue: 'requests',
      amqpFlowQueue: 'requests',
      amqpCallQueue: 'requests',
    },
    {
      backends: {
        ...amqpBackends,
        routeUrl: 'amqps://route.example.com',
        flowUrl: 'amqps://flow.example.com',
        callUrl: 'amqps://call.example.com',
        queues: { route: 'requests', flow: 'requests', call: 'requests' },
      },
    },
  ],
  [
    'a broker on the loopback of stage local, with a user in the URL',
    { ...allThree('amqp://guest:p%40ss@127.0.0.1:5673/local'), stage: 'local', amqpMaxProcessingSeconds: 1 },
    {
      stage: 'local',
      backends: {
        ...amqpBackends,
        routeUrl: 'amqp://guest:p%40ss@127.0.0.1:5673/local',
        flowUrl: 'amqp://guest:p%40ss@127.0.0.1:5673/local',
        callUrl: 'amqp://guest:p%40ss@127.0.0.1:5673/local',
        secret: null,
        maxProcessingSeconds: 1,
      },
    },
  ],
  [
    'a broker elsewhere for stage local, over TLS',
    { ...allThree('amqps://user:secret@broker.example.com'), stage: 'local' },
    {
      stage: 'local',
      backends: {
        ...amqpBackends,
        routeUrl: 'amqps://user:secret@broker.example.com',
        flowUrl: 'amqps://user:secret@broker.example.com',
        callUrl: 'amqps://user:secret@broker.example.com',
        secret: null,
      },
    },
  ],
  [
    'a key set',
    { jwksUrl: 'https://id.example.com/jwks.json' },
    { jwksUrl: 'https://id.example.com/jwks.json' },
  ],
  [
    'a domain with its zone and a base path',
    {
      domainName: 'calls.example.com',
      certificateArn,
      hostedZoneId: 'Z0123',
      hostedZoneName: 'example.com',
      basePath: 'api',
    },
    {
      domain: {
        name: 'calls.example.com',
        certificateArn,
        basePath: 'api',
        zone: { id: 'Z0123', name: 'example.com' },
      },
    },
  ],
  [
    'a domain alone',
    { domainName: 'calls.example.com', certificateArn },
    { domain: { name: 'calls.example.com', certificateArn, basePath: null, zone: null } },
  ],
  [
    'a VPC',
    { vpcId: 'vpc-0123456789abcdef0', vpcSubnetIds: 'subnet-01234567,subnet-0123456789abcdef0' },
    { vpc: { id: 'vpc-0123456789abcdef0', subnetIds: ['subnet-01234567', 'subnet-0123456789abcdef0'] } },
  ],
  [
    'a signing key of one’s own',
    { signingKeySecretArn: backendSecretArn },
    { signingKey: { secretArn: backendSecretArn, kmsKeyArn: null } },
  ],
  ['an address for alarms', { alarmEmail: 'ops@example.com' }, { alarmEmail: 'ops@example.com' }],
  [
    'replicas',
    { region: 'eu-central-1', replicas: 'eu-west-1, us-east-1' },
    { region: 'eu-central-1', replicas: ['eu-west-1', 'us-east-1'] },
  ],
  [
    'flags as the command line has them',
    { retain: 'false', tracing: 'true' },
    { retain: false, tracing: true },
  ],
  ['flags as cdk.json has them', { retain: false, tracing: true }, { retain: false, tracing: true }],
  [
    'origins',
    { corsOrigins: 'https://admin.example.com, http://localhost:5173' },
    { corsOrigins: ['https://admin.example.com', 'http://localhost:5173'] },
  ],
];

describe('settings accept', () => {
  test.each(accepted)('%s', (_what, context, settings) => {
    // The console is on in a sandbox with its stand-in.
    const console =
      settings.backends || (settings.stage ?? 'sandbox') !== 'sandbox' ? null : defaults.console;
    expect(parseSettings(context)).toEqual({ ...defaults, console, ...settings });
  });
});

const refused: [string, Record<string, unknown>, RegExp][] = [
  ['an unknown key', { stag: 'prod' }, /^context stag: no such setting; there are stage, /],
  ['a stage that is no name', { stage: 'Prod-1' }, /^context stage: must be 1 to 12 characters/],
  [
    'one backend URL',
    { routeBackendUrl: urls.routeBackendUrl },
    /^context flowBackendUrl, callBackendUrl: set all/,
  ],
  ['two backend URLs', { ...urls, callBackendUrl: undefined }, /^context callBackendUrl: set all three/],
  ['authentication without URLs', { backendAuth: 'none' }, /^context backendAuth: set routeBackendUrl/],
  ['a backend secret without URLs', { backendSecretArn }, /^context backendAuth: set routeBackendUrl/],
  [
    'function ARNs without URLs',
    { backendFunctionArns: functionArn },
    /^context backendAuth: set routeBackendUrl/,
  ],
  ['URLs without a secret', urls, /^context backendSecretArn: set the ARN/],
  [
    'a secret with no use',
    { ...urls, backendAuth: 'none', backendSecretArn },
    /^context backendSecretArn: has no use/,
  ],
  [
    'function ARNs with no use',
    { ...urls, backendSecretArn, backendFunctionArns: functionArn },
    /^context backendFunctionArns: has no use/,
  ],
  ['IAM without functions', { ...urls, backendAuth: 'sigv4' }, /^context backendFunctionArns: set the ARNs/],
  [
    'IAM with something else than functions',
    { ...urls, backendAuth: 'sigv4', backendFunctionArns: `${functionArn},${backendSecretArn}` },
    /^context backendFunctionArns: set the ARNs/,
  ],
  [
    'an unknown authentication',
    { ...urls, backendAuth: 'basic' },
    /^context backendAuth: must be none, bearer or sigv4/,
  ],
  [
    'a secret that is no ARN',
    { ...urls, backendSecretArn: 'hunter2' },
    /^context backendSecretArn: must be an ARN/,
  ],
  [
    'HTTP over a network',
    { ...loopback, stage: 'local', callBackendUrl: 'http://10.0.0.1' },
    /^context callBackendUrl: must be an https/,
  ],
  [
    'HTTP outside of stage local',
    { ...loopback, backendAuth: 'none' },
    /^context routeBackendUrl: must be an https/,
  ],
  [
    'a backend URL that is none',
    { ...urls, flowBackendUrl: 'flow', backendSecretArn },
    /^context flowBackendUrl: .* not "flow"$/,
  ],
  [
    'a user in a URL',
    { ...urls, flowBackendUrl: 'https://a@flow.example.com', backendSecretArn },
    /^context flowBackendUrl: must carry no credentials/,
  ],
  [
    'credentials in a URL',
    { ...urls, flowBackendUrl: 'https://a:b@flow.example.com', backendSecretArn },
    /^context flowBackendUrl: must carry no credentials/,
  ],
  [
    'a query in a URL',
    { ...urls, flowBackendUrl: 'https://flow.example.com?a', backendSecretArn },
    /must carry no credentials, query/,
  ],
  [
    'one transport for some backends and another for the rest',
    { ...urls, callBackendUrl: broker, amqpSecretArn },
    /^context routeBackendUrl: must be an amqps URL too; all three backends use one transport$/,
  ],
  ['a broker without its secret', brokerUrls, /^context amqpSecretArn: set the ARN of the secret/],
  [
    'a broker in the clear',
    { ...allThree('amqp://broker.example.com'), amqpSecretArn },
    /^context routeBackendUrl: must be an amqps URL .* not "amqp:\/\/broker\.example\.com"$/,
  ],
  [
    'a broker on the loopback of a deployed stage',
    { ...allThree('amqp://127.0.0.1'), amqpSecretArn },
    /^context routeBackendUrl: must be an amqps URL/,
  ],
  [
    'a broker in the clear over a network, without repeating its password',
    { ...allThree('amqp://user:hunter2@10.0.0.1'), stage: 'local' },
    /^context routeBackendUrl: must be an amqps URL .* not "amqp:\/\/…@10\.0\.0\.1"$/,
  ],
  [
    'a broker without a host',
    { ...allThree('amqps://'), amqpSecretArn },
    /^context routeBackendUrl: must be an amqps URL/,
  ],
  [
    'a broker at no port',
    { ...allThree('amqps://broker.example.com:x'), amqpSecretArn },
    /^context routeBackendUrl: must be an amqps URL/,
  ],
  [
    'a password in the URL of a deployed broker',
    { ...allThree('amqps://user:hunter2@broker.example.com'), amqpSecretArn },
    /^context routeBackendUrl: must carry no user or password; put them into the secret of amqpSecretArn$/,
  ],
  [
    'a virtual host of two segments',
    { ...allThree('amqps://broker.example.com/voip/prod'), amqpSecretArn },
    /^context routeBackendUrl: must have nothing after the host but the virtual host/,
  ],
  [
    'options of a client in the URL',
    { ...allThree('amqps://broker.example.com/?heartbeat=5'), amqpSecretArn },
    /^context routeBackendUrl: must have nothing after the host but the virtual host/,
  ],
  [
    'authentication of HTTP before a broker',
    { ...brokerUrls, amqpSecretArn, backendAuth: 'none' },
    /^context backendAuth: is for HTTP backends; a broker takes user and password from amqpSecretArn$/,
  ],
  [
    "HTTP backends' secret before a broker",
    { ...brokerUrls, backendSecretArn },
    /^context backendSecretArn: is for HTTP backends/,
  ],
  [
    "a broker's secret with HTTP backends",
    { ...urls, backendAuth: 'none', amqpSecretArn },
    /^context amqpSecretArn: has no use with HTTP backends/,
  ],
  [
    "a broker's secret without backends",
    { amqpSecretArn },
    /^context amqpSecretArn: is for a broker; set routeBackendUrl/,
  ],
  [
    "a broker's KMS key without its secret",
    { ...brokerUrls, amqpSecretKmsKeyArn: kmsKeyArn },
    /^context amqpSecretArn: set/,
  ],
  [
    "a broker's secret on one machine",
    { ...allThree('amqp://127.0.0.1'), stage: 'local', amqpSecretArn },
    /^context amqpSecretArn: has no use in stage local; put user and password into the URLs$/,
  ],
  [
    'one queue for two managers',
    { ...brokerUrls, amqpSecretArn, amqpRouteQueue: 'requests', amqpCallQueue: 'requests' },
    /^context amqpRouteQueue, amqpFlowQueue, amqpCallQueue: must be three different queues/,
  ],
  [
    'a queue of RabbitMQ’s own',
    { ...brokerUrls, amqpSecretArn, amqpCallQueue: 'amq.gen-1' },
    /^context amqpCallQueue: must be the name of a queue/,
  ],
  [
    'a queue without a name',
    { ...brokerUrls, amqpSecretArn, amqpFlowQueue: '' },
    /^context amqpFlowQueue: must be the name of a queue/,
  ],
  [
    'a broker’s security group without a VPC',
    { ...brokerUrls, amqpSecretArn, amqpBrokerSecurityGroupId: 'sg-01234567' },
    /^context amqpBrokerSecurityGroupId: lets functions in a VPC reach the broker; set vpcId/,
  ],
  [
    'a security group that is none',
    { ...brokerUrls, amqpSecretArn, amqpBrokerSecurityGroupId: 'broker' },
    /^context amqpBrokerSecurityGroupId: must be the id of a security group$/,
  ],
  ...['0', '86401', '1.5', 'long'].map((seconds): [string, Record<string, unknown>, RegExp] => [
    `managers that take ${seconds} seconds`,
    { ...brokerUrls, amqpSecretArn, amqpMaxProcessingSeconds: seconds },
    /^context amqpMaxProcessingSeconds: must be a whole number of seconds from 1 to 86400$/,
  ]),
  ['a key set in the clear', { jwksUrl: 'http://id.example.com' }, /^context jwksUrl: must be an https URL/],
  ['a domain without a certificate', { domainName: 'calls.example.com' }, /^context certificateArn: set/],
  ['a certificate without a domain', { certificateArn }, /^context domainName: set it too/],
  ['a base path without a domain', { basePath: 'api' }, /^context domainName: set it too/],
  [
    'a base path of two segments',
    { domainName: 'a.example.com', certificateArn, basePath: 'a/b' },
    /^context basePath: must be one/,
  ],
  [
    'half a zone',
    { domainName: 'calls.example.com', certificateArn, hostedZoneId: 'Z0123' },
    /^context hostedZoneId, hostedZoneName: set both/,
  ],
  ['a VPC without subnets', { vpcId: 'vpc-01234567' }, /^context vpcId, vpcSubnetIds: set both/],
  ['subnets without a VPC', { vpcSubnetIds: 'subnet-01234567' }, /^context vpcId, vpcSubnetIds: set both/],
  [
    'a subnet that is none',
    { vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567,x' },
    /^context vpcId, vpcSubnetIds: set both/,
  ],
  ['a VPC that is none', { vpcId: 'main' }, /^context vpcId: must be a VPC id/],
  ['an e-mail address that is none', { alarmEmail: 'ops' }, /^context alarmEmail: must be an e-mail address/],
  ['replicas of an unknown region', { replicas: 'eu-west-1' }, /^context region: set the region/],
  [
    'a replica of itself',
    { region: 'eu-west-1', replicas: 'eu-west-1' },
    /^context replicas: name further regions/,
  ],
  [
    'a replica that is no region',
    { region: 'eu-west-1', replicas: 'Ireland' },
    /^context replicas: must be regions/,
  ],
  ['a flag that is none', { retain: 'yes' }, /^context retain: must be true or false/],
  [
    'an origin with a path',
    { corsOrigins: 'https://admin.example.com/' },
    /^context corsOrigins: must be origins/,
  ],
  ['every origin', { corsOrigins: '*' }, /^context corsOrigins: must be origins/],
  [
    'less than no room for create',
    { createConcurrency: '-1' },
    /^context createConcurrency: must be a whole number, 0 for no reservation$/,
  ],
  [
    'another stage without backends, which would place no call',
    { stage: 'prod' },
    /^context routeBackendUrl, flowBackendUrl, callBackendUrl: set all three, or platformStandIn=true/,
  ],
  [
    'a sandbox without backends and without a stand-in',
    { platformStandIn: 'false' },
    /^context routeBackendUrl, flowBackendUrl, callBackendUrl: set all three, or platformStandIn=true/,
  ],
  [
    'a stand-in beside backends',
    { ...urls, backendAuth: 'none', platformStandIn: 'true' },
    /^context platformStandIn: takes the place of the backend URLs/,
  ],
  [
    'an alias in the place of a KMS key',
    { signingKeyKmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:alias/secrets' },
    /^context signingKeyKmsKeyArn: must be a key's ARN/,
  ],
  [
    'a KMS key without a secret',
    { ...urls, backendAuth: 'none', backendSecretKmsKeyArn: kmsKeyArn },
    /^context backendSecretKmsKeyArn: has no use with backendAuth=none/,
  ],
  [
    'a KMS key without backends',
    { backendSecretKmsKeyArn: kmsKeyArn },
    /^context backendAuth: set routeBackendUrl/,
  ],
  [
    'one existing table of two',
    { ...existingTables, accessKeyTableName: undefined },
    /^context providerCallTableName, providerCallTableStreamArn, accessKeyTableName: set all three/,
  ],
  [
    'the stream of another table',
    { ...existingTables, providerCallTableName: 'others' },
    /^context providerCallTableStreamArn: must be a stream of providerCallTableName$/,
  ],
  [
    'replicas of existing tables',
    { ...existingTables, region: 'eu-west-1', replicas: 'eu-central-1' },
    /^context replicas: belongs to the stack that creates the tables/,
  ],
  [
    'a console before real backends without the platform’s own API',
    { ...urls, backendAuth: 'none', console: 'true' },
    /^context platformApiUrl: set the base URL of the platform's public API/,
  ],
  [
    'a platform’s API beside the stand-in',
    { platformApiUrl: 'https://api.example.com' },
    /^context platformApiUrl: has no use with the stand-in/,
  ],
  [
    'a platform’s API without a console',
    { ...urls, backendAuth: 'none', platformApiUrl: 'https://api.example.com' },
    /^context platformApiUrl: is for the console; set console=true too$/,
  ],
  [
    'a platform’s API in the clear',
    { ...urls, backendAuth: 'none', console: 'true', platformApiUrl: 'http://api.example.com' },
    /^context platformApiUrl: must be an https URL/,
  ],
  [
    'a console on one machine',
    { ...loopback, stage: 'local', console: 'true' },
    /^context console: is for a deployed stage/,
  ],
  ['a stand-by without tables', { standby: 'true' }, /^context standby: is for a stack on existing tables/],
  [
    'a zone of another domain',
    {
      domainName: 'calls.example.com',
      certificateArn,
      hostedZoneId: 'Z0123',
      hostedZoneName: 'ample.com',
    },
    /^context hostedZoneName: must be the zone of domainName/,
  ],
  [
    'a subnet twice',
    { vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567,subnet-01234567' },
    /^context vpcId, vpcSubnetIds: set both, .* each once/,
  ],
  [
    'a replica twice',
    { region: 'eu-central-1', replicas: 'eu-west-1,eu-west-1' },
    /^context replicas: must be regions, each once/,
  ],
  ['an origin that breaks quoting', { corsOrigins: "https://a'b.example.com" }, /^context corsOrigins: must/],
  [
    'half a function',
    { createConcurrency: 1.5 },
    /^context createConcurrency: must be a whole number, 0 for no reservation$/,
  ],
  ['a number for a name', { stage: 5 }, /^context stage: must be a string$/],
  [
    'room that is no number',
    { createConcurrency: 'many' },
    /^context createConcurrency: must be a whole number, 0 for no reservation$/,
  ],
];

describe('settings refuse', () => {
  test.each(refused)('%s, in one line that names the key', (_what, context, line) => {
    const parse = () => parseSettings(context);
    expect(parse).toThrow(SettingsError);
    expect(parse).toThrow(line);
    expect(parse).not.toThrow(/\n/);
  });
});
