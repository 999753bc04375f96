import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { callAwsService } from '../../../functions/outbound/aws-service.ts';
import { readSecret } from '../../../functions/outbound/secret.ts';
import { jsonResponse, startBackend } from '../backend-server.ts';

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
  ])('%i', async (status, body, message) => {
    service.respond = jsonResponse(status, body);
    await expect(callAwsService('dynamodb', 'GetItem', { Key: 'vb_secret' })).rejects.toThrow(
      new Error(message),
    );
  });
});

test('a secret without text is an error', async () => {
  service.respond = jsonResponse(200, { ARN: 'arn', SecretBinary: 'AAAA' });
  await expect(readSecret('arn')).rejects.toThrow();
});
