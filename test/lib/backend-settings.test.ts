import { describe, expect, test } from 'vitest';
import type { Backends } from '../../lib/backend-settings.ts';
import { SettingsError } from '../../lib/setting-values.ts';
import { parseSettings } from '../../lib/settings.ts';
import { BACKEND_SECRET_ARN, BACKENDS, KMS_KEY_ARN, URLS } from './sample-backends.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:platform';
const BROKER = 'amqps://b-1234.mq.eu-central-1.amazonaws.com:5671';
const BROKER_URLS = { routeBackendUrl: BROKER, flowBackendUrl: `${BROKER}/`, callBackendUrl: BROKER };
const AMQP_SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:broker-AbCdEf';
const AMQP_BACKENDS = {
  transport: 'amqp' as const,
  routeUrl: BROKER,
  flowUrl: BROKER,
  callUrl: BROKER,
  secret: { secretArn: AMQP_SECRET_ARN, kmsKeyArn: null },
  queues: {
    route: 'bin-manager.route-manager.request',
    flow: 'bin-manager.flow-manager.request',
    call: 'bin-manager.call-manager.request',
  },
  maxProcessingSeconds: 600,
  brokerSecurityGroupId: null,
};
function allThree(url: string) {
  return { routeBackendUrl: url, flowBackendUrl: url, callBackendUrl: url };
}
const LOOPBACK = {
  routeBackendUrl: 'http://127.0.0.1:3001',
  flowBackendUrl: 'http://localhost:3001',
  callBackendUrl: 'http://[::1]:3001',
};

const accepted: [string, Record<string, unknown>, Backends][] = [
  [
    'a bearer secret under a customer-managed key',
    { ...URLS, backendSecretArn: BACKEND_SECRET_ARN, backendSecretKmsKeyArn: KMS_KEY_ARN },
    {
      ...BACKENDS,
      auth: { type: 'bearer', secret: { secretArn: BACKEND_SECRET_ARN, kmsKeyArn: KMS_KEY_ARN } },
    },
  ],
  [
    'real backends with a bearer secret',
    { ...URLS, backendSecretArn: BACKEND_SECRET_ARN },
    {
      ...BACKENDS,
      auth: { type: 'bearer', secret: { secretArn: BACKEND_SECRET_ARN, kmsKeyArn: null } },
    },
  ],
  [
    'real backends without authentication',
    { ...URLS, backendAuth: 'none' },
    { ...BACKENDS, auth: { type: 'none' } },
  ],
  [
    'real backends behind IAM',
    { ...URLS, backendAuth: 'sigv4', backendFunctionArns: `${FUNCTION_ARN}, ${FUNCTION_ARN}2` },
    { ...BACKENDS, auth: { type: 'sigv4', functionArns: [FUNCTION_ARN, `${FUNCTION_ARN}2`] } },
  ],
  [
    'backends on the loopback of stage local',
    { ...LOOPBACK, stage: 'local' },
    {
      transport: 'http',
      routeUrl: 'http://127.0.0.1:3001',
      flowUrl: 'http://localhost:3001',
      callUrl: 'http://[::1]:3001',
      auth: { type: 'none' },
    },
  ],
  [
    "a broker, on which the queues have the platform's names",
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN },
    AMQP_BACKENDS,
  ],
  [
    'a broker in a VPC with its own queues, virtual host, processing time, key and security group',
    {
      ...allThree('amqps://broker.example.com/voip%2Fprod/'),
      amqpSecretArn: AMQP_SECRET_ARN,
      amqpSecretKmsKeyArn: KMS_KEY_ARN,
      amqpRouteQueue: 'route',
      amqpFlowQueue: 'flow',
      amqpCallQueue: 'call',
      amqpMaxProcessingSeconds: '30',
      amqpBrokerSecurityGroupId: 'sg-0123456789abcdef0',
      vpcId: 'vpc-01234567',
      vpcSubnetIds: 'subnet-01234567',
    },
    {
      transport: 'amqp',
      routeUrl: 'amqps://broker.example.com/voip%2Fprod',
      flowUrl: 'amqps://broker.example.com/voip%2Fprod',
      callUrl: 'amqps://broker.example.com/voip%2Fprod',
      secret: { secretArn: AMQP_SECRET_ARN, kmsKeyArn: KMS_KEY_ARN },
      queues: { route: 'route', flow: 'flow', call: 'call' },
      maxProcessingSeconds: 30,
      brokerSecurityGroupId: 'sg-0123456789abcdef0',
    },
  ],
  [
    'a broker for each manager, with the same queue on each',
    {
      routeBackendUrl: 'amqps://route.example.com',
      flowBackendUrl: 'amqps://flow.example.com',
      callBackendUrl: 'amqps://call.example.com',
      amqpSecretArn: AMQP_SECRET_ARN,
      amqpRouteQueue: 'requests',
      amqpFlowQueue: 'requests',
      amqpCallQueue: 'requests',
    },
    {
      ...AMQP_BACKENDS,
      routeUrl: 'amqps://route.example.com',
      flowUrl: 'amqps://flow.example.com',
      callUrl: 'amqps://call.example.com',
      queues: { route: 'requests', flow: 'requests', call: 'requests' },
    },
  ],
  [
    'a broker on the loopback of stage local, with a user in the URL',
    { ...allThree('amqp://guest:p%40ss@127.0.0.1:5673/local'), stage: 'local', amqpMaxProcessingSeconds: 1 },
    {
      ...AMQP_BACKENDS,
      routeUrl: 'amqp://guest:p%40ss@127.0.0.1:5673/local',
      flowUrl: 'amqp://guest:p%40ss@127.0.0.1:5673/local',
      callUrl: 'amqp://guest:p%40ss@127.0.0.1:5673/local',
      secret: null,
      maxProcessingSeconds: 1,
    },
  ],
  [
    'a broker elsewhere for stage local, over TLS',
    { ...allThree('amqps://user:secret@broker.example.com'), stage: 'local' },
    {
      ...AMQP_BACKENDS,
      routeUrl: 'amqps://user:secret@broker.example.com',
      flowUrl: 'amqps://user:secret@broker.example.com',
      callUrl: 'amqps://user:secret@broker.example.com',
      secret: null,
    },
  ],
];

describe('settings accept', () => {
  test.each(accepted)('%s', (_what, context, backends) => {
    expect(parseSettings(context).backends).toEqual(backends);
  });
});

const refused: [string, Record<string, unknown>, RegExp][] = [
  [
    'one backend URL',
    { routeBackendUrl: URLS.routeBackendUrl },
    /^context flowBackendUrl, callBackendUrl: set all/,
  ],
  ['two backend URLs', { ...URLS, callBackendUrl: undefined }, /^context callBackendUrl: set all three/],
  ['authentication without URLs', { backendAuth: 'none' }, /^context backendAuth: set routeBackendUrl/],
  [
    'a backend secret without URLs',
    { backendSecretArn: BACKEND_SECRET_ARN },
    /^context backendAuth: set routeBackendUrl/,
  ],
  [
    'function ARNs without URLs',
    { backendFunctionArns: FUNCTION_ARN },
    /^context backendAuth: set routeBackendUrl/,
  ],
  ['URLs without a secret', URLS, /^context backendSecretArn: set the ARN/],
  [
    'a secret with no use',
    { ...URLS, backendAuth: 'none', backendSecretArn: BACKEND_SECRET_ARN },
    /^context backendSecretArn: has no use/,
  ],
  [
    'function ARNs with no use',
    { ...URLS, backendSecretArn: BACKEND_SECRET_ARN, backendFunctionArns: FUNCTION_ARN },
    /^context backendFunctionArns: has no use/,
  ],
  ['IAM without functions', { ...URLS, backendAuth: 'sigv4' }, /^context backendFunctionArns: set the ARNs/],
  [
    'IAM with something other than functions',
    { ...URLS, backendAuth: 'sigv4', backendFunctionArns: `${FUNCTION_ARN},${BACKEND_SECRET_ARN}` },
    /^context backendFunctionArns: set the ARNs/,
  ],
  [
    'an unknown authentication',
    { ...URLS, backendAuth: 'basic' },
    /^context backendAuth: must be none, bearer or sigv4/,
  ],
  [
    'a secret that is not an ARN',
    { ...URLS, backendSecretArn: 'hunter2' },
    /^context backendSecretArn: must be an ARN/,
  ],
  [
    'HTTP over a network',
    { ...LOOPBACK, stage: 'local', callBackendUrl: 'http://10.0.0.1' },
    /^context callBackendUrl: must be an https/,
  ],
  [
    'HTTP outside of stage local',
    { ...LOOPBACK, backendAuth: 'none' },
    /^context routeBackendUrl: must be an https/,
  ],
  [
    'a backend URL that is not a URL',
    { ...URLS, flowBackendUrl: 'flow', backendSecretArn: BACKEND_SECRET_ARN },
    /^context flowBackendUrl: .* not "flow"$/,
  ],
  [
    'a user in a URL',
    { ...URLS, flowBackendUrl: 'https://a@flow.example.com', backendSecretArn: BACKEND_SECRET_ARN },
    /^context flowBackendUrl: must not contain credentials/,
  ],
  [
    'credentials in a URL',
    { ...URLS, flowBackendUrl: 'https://a:b@flow.example.com', backendSecretArn: BACKEND_SECRET_ARN },
    /^context flowBackendUrl: must not contain credentials/,
  ],
  [
    'a query in a URL',
    { ...URLS, flowBackendUrl: 'https://flow.example.com?a', backendSecretArn: BACKEND_SECRET_ARN },
    /must not contain credentials, a query/,
  ],
  [
    'different transports for different backends',
    { ...URLS, callBackendUrl: BROKER, amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must be an amqps URL too; all three backends use one transport$/,
  ],
  ['a broker without its secret', BROKER_URLS, /^context amqpSecretArn: set the ARN of the secret/],
  [
    'an unencrypted broker',
    { ...allThree('amqp://broker.example.com'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must be an amqps URL .* not "amqp:\/\/broker\.example\.com"$/,
  ],
  [
    'a broker on the loopback of a deployed stage',
    { ...allThree('amqp://127.0.0.1'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must be an amqps URL/,
  ],
  [
    'an unencrypted broker over a network, without repeating its password',
    { ...allThree('amqp://user:hunter2@10.0.0.1'), stage: 'local' },
    /^context routeBackendUrl: must be an amqps URL .* not "amqp:\/\/…@10\.0\.0\.1"$/,
  ],
  [
    'a broker without a host',
    { ...allThree('amqps://'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must be an amqps URL/,
  ],
  [
    'a broker at an invalid port',
    { ...allThree('amqps://broker.example.com:x'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must be an amqps URL/,
  ],
  [
    'a password in the URL of a deployed broker',
    { ...allThree('amqps://user:hunter2@broker.example.com'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must not contain a user or password; put them into the secret of amqpSecretArn$/,
  ],
  [
    'a virtual host of two segments',
    { ...allThree('amqps://broker.example.com/voip/prod'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must have nothing after the host but the virtual host/,
  ],
  [
    'options of a client in the URL',
    { ...allThree('amqps://broker.example.com/?heartbeat=5'), amqpSecretArn: AMQP_SECRET_ARN },
    /^context routeBackendUrl: must have nothing after the host but the virtual host/,
  ],
  [
    'authentication of HTTP before a broker',
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, backendAuth: 'none' },
    /^context backendAuth: is for HTTP backends; a broker takes user and password from amqpSecretArn$/,
  ],
  [
    "HTTP backends' secret before a broker",
    { ...BROKER_URLS, backendSecretArn: BACKEND_SECRET_ARN },
    /^context backendSecretArn: is for HTTP backends/,
  ],
  [
    "a broker's secret with HTTP backends",
    { ...URLS, backendAuth: 'none', amqpSecretArn: AMQP_SECRET_ARN },
    /^context amqpSecretArn: has no use with HTTP backends/,
  ],
  [
    "a broker's secret without backends",
    { amqpSecretArn: AMQP_SECRET_ARN },
    /^context amqpSecretArn: is for a broker; set routeBackendUrl/,
  ],
  [
    "a broker's KMS key without its secret",
    { ...BROKER_URLS, amqpSecretKmsKeyArn: KMS_KEY_ARN },
    /^context amqpSecretArn: set/,
  ],
  [
    "a broker's secret on one machine",
    { ...allThree('amqp://127.0.0.1'), stage: 'local', amqpSecretArn: AMQP_SECRET_ARN },
    /^context amqpSecretArn: has no use in stage local; put user and password into the URLs$/,
  ],
  [
    'one queue for two managers',
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, amqpRouteQueue: 'requests', amqpCallQueue: 'requests' },
    /^context amqpRouteQueue, amqpFlowQueue, amqpCallQueue: must be three different queues/,
  ],
  [
    'a queue of RabbitMQ’s own',
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, amqpCallQueue: 'amq.gen-1' },
    /^context amqpCallQueue: must be the name of a queue/,
  ],
  [
    'a queue without a name',
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, amqpFlowQueue: '' },
    /^context amqpFlowQueue: must be the name of a queue/,
  ],
  [
    'a broker’s security group without a VPC',
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, amqpBrokerSecurityGroupId: 'sg-01234567' },
    /^context amqpBrokerSecurityGroupId: lets functions in a VPC reach the broker; set vpcId/,
  ],
  [
    'a malformed security group',
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, amqpBrokerSecurityGroupId: 'broker' },
    /^context amqpBrokerSecurityGroupId: must be the id of a security group$/,
  ],
  ...['0', '86401', '1.5', 'long'].map((seconds): [string, Record<string, unknown>, RegExp] => [
    `managers that take ${seconds} seconds`,
    { ...BROKER_URLS, amqpSecretArn: AMQP_SECRET_ARN, amqpMaxProcessingSeconds: seconds },
    /^context amqpMaxProcessingSeconds: must be a whole number of seconds from 1 to 86400$/,
  ]),
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
    { ...URLS, backendAuth: 'none', platformStandIn: 'true' },
    /^context platformStandIn: takes the place of the backend URLs/,
  ],
  [
    'a KMS key without a secret',
    { ...URLS, backendAuth: 'none', backendSecretKmsKeyArn: KMS_KEY_ARN },
    /^context backendSecretKmsKeyArn: has no use with backendAuth=none/,
  ],
  [
    'a KMS key without backends',
    { backendSecretKmsKeyArn: KMS_KEY_ARN },
    /^context backendAuth: set routeBackendUrl/,
  ],
];

describe('settings reject', () => {
  test.each(refused)('%s, in one line that names the key', (_what, context, line) => {
    const parse = () => parseSettings(context);
    expect(parse).toThrow(SettingsError);
    expect(parse).toThrow(line);
    expect(parse).not.toThrow(/\n/);
  });
});
