import { describe, expect, test } from 'vitest';
import { SettingsError } from '../../lib/setting-values.ts';
import { parseSettings, type Settings } from '../../lib/settings.ts';
import { BACKEND_SECRET_ARN, BACKENDS, KMS_KEY_ARN, URLS } from './sample-backends.ts';

const CERTIFICATE_ARN = 'arn:aws:acm:eu-central-1:111122223333:certificate/0000';
const EXISTING_TABLES = {
  providerCallTableName: 'records',
  providerCallTableStreamArn:
    'arn:aws:dynamodb:eu-west-1:111122223333:table/records/stream/2026-11-24T00:00:00.000',
  accessKeyTableName: 'keys',
};
const LOOPBACK = {
  routeBackendUrl: 'http://127.0.0.1:3001',
  flowBackendUrl: 'http://localhost:3001',
  callBackendUrl: 'http://[::1]:3001',
};

const DEFAULTS: Settings = {
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

const ACCEPTED: [string, Record<string, unknown>, Partial<Settings>][] = [
  ['nothing: the sandbox with its stand-in', {}, {}],
  [
    'keys of the CDK itself',
    { 'aws:cdk:bundling-stacks': ['**'], '@aws-cdk/core:x': true, 'cli-telemetry': false },
    {},
  ],
  [
    'another stage with its stand-in, which reserves concurrency for create',
    { stage: 'prod', platformStandIn: 'true' },
    { stage: 'prod', createConcurrency: 25 },
  ],
  ['room for create', { createConcurrency: '7' }, { createConcurrency: 7 }],
  [
    'no reserved concurrency for create',
    { stage: 'prod', platformStandIn: true, createConcurrency: '0' },
    { stage: 'prod' },
  ],
  [
    'a signing key under a customer-managed key',
    { signingKeyKmsKeyArn: KMS_KEY_ARN },
    { signingKey: { secretArn: null, kmsKeyArn: KMS_KEY_ARN } },
  ],
  [
    'existing tables',
    EXISTING_TABLES,
    {
      existingTables: {
        providerCalls: { name: 'records', streamArn: EXISTING_TABLES.providerCallTableStreamArn },
        accessKeys: { name: 'keys' },
      },
    },
  ],
  [
    'a stand-by on existing tables',
    { ...EXISTING_TABLES, standby: 'true' },
    {
      standby: true,
      existingTables: {
        providerCalls: { name: 'records', streamArn: EXISTING_TABLES.providerCallTableStreamArn },
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
    'the console with a real platform',
    { ...URLS, backendAuth: 'none', console: 'true', platformApiUrl: 'https://api.example.com/' },
    {
      backends: { ...BACKENDS, auth: { type: 'none' } },
      console: { platformApiUrl: 'https://api.example.com' },
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
      certificateArn: CERTIFICATE_ARN,
      hostedZoneId: 'Z0123',
      hostedZoneName: 'example.com',
      basePath: 'api',
    },
    {
      domain: {
        name: 'calls.example.com',
        certificateArn: CERTIFICATE_ARN,
        basePath: 'api',
        zone: { id: 'Z0123', name: 'example.com' },
      },
    },
  ],
  [
    'a domain alone',
    { domainName: 'calls.example.com', certificateArn: CERTIFICATE_ARN },
    { domain: { name: 'calls.example.com', certificateArn: CERTIFICATE_ARN, basePath: null, zone: null } },
  ],
  [
    'a VPC',
    { vpcId: 'vpc-0123456789abcdef0', vpcSubnetIds: 'subnet-01234567,subnet-0123456789abcdef0' },
    { vpc: { id: 'vpc-0123456789abcdef0', subnetIds: ['subnet-01234567', 'subnet-0123456789abcdef0'] } },
  ],
  [
    'an existing signing key',
    { signingKeySecretArn: BACKEND_SECRET_ARN },
    { signingKey: { secretArn: BACKEND_SECRET_ARN, kmsKeyArn: null } },
  ],
  ['an address for alarms', { alarmEmail: 'ops@example.com' }, { alarmEmail: 'ops@example.com' }],
  [
    'replicas',
    { region: 'eu-central-1', replicas: 'eu-west-1, us-east-1' },
    { region: 'eu-central-1', replicas: ['eu-west-1', 'us-east-1'] },
  ],
  ['flags from the command line', { retain: 'false', tracing: 'true' }, { retain: false, tracing: true }],
  ['flags as cdk.json has them', { retain: false, tracing: true }, { retain: false, tracing: true }],
  [
    'origins',
    { corsOrigins: 'https://admin.example.com, http://localhost:5173' },
    { corsOrigins: ['https://admin.example.com', 'http://localhost:5173'] },
  ],
];

describe('settings accept', () => {
  test.each(ACCEPTED)('settings accept %s', (_what, context, settings) => {
    // The console is on in a sandbox with its stand-in.
    const console =
      settings.backends || (settings.stage ?? 'sandbox') !== 'sandbox' ? null : DEFAULTS.console;
    expect(parseSettings(context)).toEqual({ ...DEFAULTS, console, ...settings });
  });
});

const REFUSED: [string, Record<string, unknown>, RegExp][] = [
  ['an unknown key', { stag: 'prod' }, /^context stag: no such setting; there are stage, /],
  ['a stage with an invalid name', { stage: 'Prod-1' }, /^context stage: must be 1 to 12 characters/],
  ['a key set in the clear', { jwksUrl: 'http://id.example.com' }, /^context jwksUrl: must be an https URL/],
  ['a domain without a certificate', { domainName: 'calls.example.com' }, /^context certificateArn: set/],
  ['a certificate without a domain', { certificateArn: CERTIFICATE_ARN }, /^context domainName: set it too/],
  ['a base path without a domain', { basePath: 'api' }, /^context domainName: set it too/],
  [
    'a base path of two segments',
    { domainName: 'a.example.com', certificateArn: CERTIFICATE_ARN, basePath: 'a/b' },
    /^context basePath: must be one/,
  ],
  [
    'half a zone',
    { domainName: 'calls.example.com', certificateArn: CERTIFICATE_ARN, hostedZoneId: 'Z0123' },
    /^context hostedZoneId, hostedZoneName: set both/,
  ],
  ['a VPC without subnets', { vpcId: 'vpc-01234567' }, /^context vpcId, vpcSubnetIds: set both/],
  ['subnets without a VPC', { vpcSubnetIds: 'subnet-01234567' }, /^context vpcId, vpcSubnetIds: set both/],
  [
    'a malformed subnet',
    { vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567,x' },
    /^context vpcId, vpcSubnetIds: set both/,
  ],
  ['an invalid VPC id', { vpcId: 'main' }, /^context vpcId: must be a VPC id/],
  ['an invalid e-mail address', { alarmEmail: 'ops' }, /^context alarmEmail: must be an e-mail address/],
  ['replicas of an unknown region', { replicas: 'eu-west-1' }, /^context region: set the region/],
  [
    'a replica of itself',
    { region: 'eu-west-1', replicas: 'eu-west-1' },
    /^context replicas: must not contain the main region/,
  ],
  [
    'a replica that is not a region',
    { region: 'eu-west-1', replicas: 'Ireland' },
    /^context replicas: must be regions/,
  ],
  ['a flag that is neither true nor false', { retain: 'yes' }, /^context retain: must be true or false/],
  [
    'an origin with a path',
    { corsOrigins: 'https://admin.example.com/' },
    /^context corsOrigins: must be origins/,
  ],
  ['every origin', { corsOrigins: '*' }, /^context corsOrigins: must be origins/],
  [
    'a negative concurrency for create',
    { createConcurrency: '-1' },
    /^context createConcurrency: must be a whole number, 0 for no reservation$/,
  ],
  [
    'an alias instead of a KMS key',
    { signingKeyKmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:alias/secrets' },
    /^context signingKeyKmsKeyArn: must be a key's ARN/,
  ],
  [
    'one existing table of two',
    { ...EXISTING_TABLES, accessKeyTableName: undefined },
    /^context providerCallTableName, providerCallTableStreamArn, accessKeyTableName: set all three/,
  ],
  [
    'the stream of another table',
    { ...EXISTING_TABLES, providerCallTableName: 'others' },
    /^context providerCallTableStreamArn: must be a stream of providerCallTableName$/,
  ],
  [
    'replicas of existing tables',
    { ...EXISTING_TABLES, region: 'eu-west-1', replicas: 'eu-central-1' },
    /^context replicas: belongs to the stack that creates the tables/,
  ],
  [
    'a console with real backends but without the platform’s own API',
    { ...URLS, backendAuth: 'none', console: 'true' },
    /^context platformApiUrl: set the base URL of the platform's public API/,
  ],
  [
    'a platform’s API beside the stand-in',
    { platformApiUrl: 'https://api.example.com' },
    /^context platformApiUrl: has no use with the stand-in/,
  ],
  [
    'a platform’s API without a console',
    { ...URLS, backendAuth: 'none', platformApiUrl: 'https://api.example.com' },
    /^context platformApiUrl: is for the console; set console=true too$/,
  ],
  [
    'an unencrypted API of the platform',
    { ...URLS, backendAuth: 'none', console: 'true', platformApiUrl: 'http://api.example.com' },
    /^context platformApiUrl: must be an https URL/,
  ],
  [
    'a console on one machine',
    { ...LOOPBACK, stage: 'local', console: 'true' },
    /^context console: is for a deployed stage/,
  ],
  ['a stand-by without tables', { standby: 'true' }, /^context standby: is for a stack on existing tables/],
  [
    'a zone of another domain',
    {
      domainName: 'calls.example.com',
      certificateArn: CERTIFICATE_ARN,
      hostedZoneId: 'Z0123',
      hostedZoneName: 'ample.com',
    },
    /^context hostedZoneName: must be the zone of domainName/,
  ],
  [
    'a subnet twice',
    { vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567,subnet-01234567' },
    /^context vpcId, vpcSubnetIds: set both: .* each once/,
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
    'a concurrency that is not a number',
    { createConcurrency: 'many' },
    /^context createConcurrency: must be a whole number, 0 for no reservation$/,
  ],
];

describe('settings reject', () => {
  test.each(REFUSED)('settings reject %s with one line that names the key', (_what, context, line) => {
    const parse = () => parseSettings(context);
    expect(parse).toThrow(SettingsError);
    expect(parse).toThrow(line);
    expect(parse).not.toThrow(/\n/);
  });
});
