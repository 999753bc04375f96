import https from 'node:https';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { callAwsService, signedHeaders } from '../../../functions/outbound/aws-service.ts';
import { readSecret } from '../../../functions/outbound/secret.ts';
import { jsonResponse, reset, startBackend } from '../backend-server.ts';

const service = await startBackend();

beforeEach(() => {
  service.forget();
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the-secret-of-the-role');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', service.url);
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', service.url);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

test('a call of DynamoDB uses its protocol and is signed', async () => {
  service.respond = jsonResponse(200, { Item: {} });
  const input = { TableName: 'keys', Key: { key_hash: { S: 'abc' } } };
  expect(await callAwsService('dynamodb', 'GetItem', input)).toEqual({ Item: {} });
  const [request] = service.received;
  expect({ method: request?.method, path: request?.path, body: request?.body }).toEqual({
    method: 'POST',
    path: '/',
    body: input,
  });
  expect(request?.headers).toMatchObject({
    host: new URL(service.url).host,
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    'x-amz-security-token': 'session',
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/dynamodb\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
    ),
  });
  expect(JSON.stringify(request)).not.toContain('the-secret-of-the-role');
});

test.each([['AWS_REGION'], ['URL_SUFFIX']])('without %s no request is made', async (variable) => {
  vi.stubEnv('URL_SUFFIX', 'amazonaws.com');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', undefined);
  for (const value of [undefined, '']) {
    vi.stubEnv(variable, value);
    await expect(callAwsService('dynamodb', 'GetItem', {})).rejects.toThrow(
      new Error(`environment: ${variable} is missing`),
    );
  }
});

test('nothing is signed for no region', () => {
  vi.stubEnv('AWS_REGION', undefined);
  const request = { method: 'GET', url: new URL(service.url), headers: {}, body: undefined };
  expect(() => signedHeaders('lambda', request)).toThrow(new Error('environment: AWS_REGION is missing'));
});

test('endpoints are in the domain of the partition', async () => {
  const requests: string[] = [];
  vi.spyOn(https, 'request').mockImplementation((url) => {
    requests.push(String(url));
    throw new Error('not sent');
  });
  onTestFinished(() => void vi.restoreAllMocks());
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', undefined);
  for (const [region, suffix] of [
    ['cn-north-1', 'amazonaws.com.cn'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['eusc-de-east-1', 'amazonaws.eu'],
  ]) {
    vi.stubEnv('AWS_REGION', region);
    vi.stubEnv('URL_SUFFIX', suffix);
    await expect(callAwsService('dynamodb', 'GetItem', {})).rejects.toThrow('not sent');
  }
  expect(requests).toEqual([
    'https://dynamodb.cn-north-1.amazonaws.com.cn/',
    'https://dynamodb.us-gov-west-1.amazonaws.com/',
    'https://dynamodb.eusc-de-east-1.amazonaws.eu/',
  ]);
});

test('a secret is read from Secrets Manager', async () => {
  service.respond = jsonResponse(200, { ARN: 'arn', SecretString: '{"current":"key"}' });
  expect(await readSecret('arn:aws:secretsmanager:eu-central-1:111122223333:secret:key')).toBe(
    '{"current":"key"}',
  );
  const [request] = service.received;
  expect(request?.body).toEqual({ SecretId: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:key' });
  expect(request?.headers).toMatchObject({
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
  });
});

describe('an error has the service’s name for it, never the input', () => {
  test.each([
    [
      400,
      { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message: 'vb_secret' },
      'dynamodb GetItem returned 400: com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
    ],
    [500, '<html>vb_secret</html>', 'dynamodb GetItem returned 500: an error without a name'],
    [302, '', 'dynamodb GetItem returned 302: an error without a name'],
  ])('with status %i', async (status, body, message) => {
    service.respond = jsonResponse(status, body);
    await expect(callAwsService('dynamodb', 'GetItem', { Key: 'vb_secret' })).rejects.toThrow(
      new Error(message),
    );
  });
});

describe('a read is repeated once', () => {
  const throttled = { __type: 'com.amazon.coral.availability#ThrottlingException' };
  const exceeded = { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' };
  test.each<[string, typeof service.respond]>([
    ['a lost connection', reset],
    ['500', jsonResponse(500, {})],
    ['throttling', jsonResponse(400, throttled)],
    ['too little throughput', jsonResponse(400, exceeded)],
  ])('after %s', async (_, fail) => {
    service.respond = (response, request) => {
      const respond = service.received.length === 1 ? fail : jsonResponse(200, { Item: {} });
      respond(response, request);
    };
    expect(await callAwsService('dynamodb', 'GetItem', {})).toEqual({ Item: {} });
    expect(service.received).toHaveLength(2);
  });

  test.each([
    ['when it fails again', 500, {}, 2],
    ['not after an error that would recur', 400, { __type: 'ResourceNotFoundException' }, 1],
    ['not after a limit that must be raised', 400, { __type: 'LimitExceededException' }, 1],
  ])('%s', async (_, status, body, requests) => {
    service.respond = jsonResponse(status, body);
    await expect(callAwsService('dynamodb', 'GetItem', {})).rejects.toThrow(`returned ${status}`);
    expect(service.received).toHaveLength(requests);
  });
});

test('a secret without text is an error', async () => {
  service.respond = jsonResponse(200, { ARN: 'arn', SecretBinary: 'AAAA' });
  await expect(readSecret('arn')).rejects.toThrow();
});
