import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalSecretsManager, startSecretsManager } from '../src/secrets-manager.ts';

let secretsManager: LocalSecretsManager;
beforeAll(async () => {
  secretsManager = await startSecretsManager(new Map([['arn:key', '{"current":"k"}']]));
});
afterAll(() => secretsManager.close());

function send(operation: string, body: string) {
  return fetch(secretsManager.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': `secretsmanager.${operation}`, 'Content-Type': 'application/x-amz-json-1.1' },
    body,
  });
}

test('GetSecretValue returns the value of a secret', async () => {
  const response = await send('GetSecretValue', '{"SecretId":"arn:key"}');
  expect([response.status, await response.json()]).toEqual([
    200,
    expect.objectContaining({
      ARN: 'arn:key',
      SecretString: '{"current":"k"}',
      VersionStages: ['AWSCURRENT'],
    }),
  ]);
});

test('a request that is broken off ends nothing but itself', async () => {
  const { hostname, port } = new URL(secretsManager.endpoint);
  const socket = connect(Number(port), hostname);
  const closed = once(socket, 'close');
  // The server has the head, and reads the body, once it asks for more.
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n');
  await once(socket, 'data');
  socket.write('{"SecretId":', () => socket.destroy());
  await closed;
  expect((await send('GetSecretValue', '{"SecretId":"arn:key"}')).status).toBe(200);
});

test.each([
  ['a secret it does not hold', 'GetSecretValue', '{"SecretId":"arn:other"}', 'ResourceNotFoundException'],
  ['another operation', 'PutSecretValue', '{"SecretId":"arn:key"}', 'InvalidRequestException'],
  ['no JSON', 'GetSecretValue', 'SecretId', 'InvalidRequestException'],
])('%s is rejected', async (_, operation, body, type) => {
  const response = await send(operation, body);
  expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ __type: type })]);
});
