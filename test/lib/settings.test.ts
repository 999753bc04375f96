import { describe, expect, test } from 'vitest';
import { parseSettings, SettingsError } from '../../lib/settings.ts';
import { productionContext } from './synthesized.ts';

const { routeBackendUrl, flowBackendUrl, callBackendUrl, backendSecretArn } = productionContext;
const urls = { routeBackendUrl, flowBackendUrl, callBackendUrl };

describe('a wrong or half configuration is refused in one line that says what to set:', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a misspelt key', { stge: 'prod' }, /stge.*no such setting/],
    ['one backend URL of three', { routeBackendUrl }, /flowBackendUrl, callBackendUrl.*set all three/],
    ['real backends without their secret', urls, /backendSecretArn: set the ARN/],
    ['a secret without backends', { backendSecretArn }, /set routeBackendUrl/],
    [
      'a secret for backends that take none',
      { ...urls, backendAuth: 'none', backendSecretArn },
      /has no use/,
    ],
    ['a signature for no function', { ...urls, backendAuth: 'sigv4' }, /backendFunctionArns: set/],
    ['plain HTTP', { ...productionContext, callBackendUrl: 'http://call.example.com' }, /https/],
    [
      'a URL with a password',
      { ...productionContext, callBackendUrl: 'https://a:b@call.example.com' },
      /no credentials/,
    ],
    ['a domain without a certificate', { domainName: 'api.example.com' }, /certificateArn: set/],
    ['a certificate without a domain', { basePath: 'calls' }, /domainName: set/],
    ['a VPC without subnets', { vpcId: 'vpc-12345678' }, /vpcSubnetIds/],
    ['replicas without the main region', { replicas: 'eu-west-1' }, /region: set/],
    ['an origin with a path', { corsOrigins: 'https://a.example.com/x' }, /corsOrigins/],
    ['no e-mail address', { alarmEmail: 'me' }, /alarmEmail/],
    ['a stage that no name can hold', { stage: 'My Stage' }, /stage/],
  ])('%s', (_, context, message) => {
    const parse = () => parseSettings(context);
    expect(parse).toThrow(SettingsError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/\n/);
  });
});

test('nothing set is a sandbox with the stand-in', () => {
  expect(parseSettings({})).toEqual({
    stage: 'sandbox',
    backends: null,
    jwksUrl: null,
    domain: null,
    vpc: null,
    signingKeySecretArn: null,
    alarmEmail: null,
    replicas: [],
    region: null,
    retain: true,
    tracing: false,
    corsOrigins: [],
    createConcurrency: null,
  });
});

test('real backends are called with the secret', () => {
  expect(parseSettings(productionContext).backends).toEqual({
    routeUrl: routeBackendUrl,
    flowUrl: flowBackendUrl,
    callUrl: callBackendUrl,
    auth: { type: 'bearer', secretArn: backendSecretArn },
  });
});
