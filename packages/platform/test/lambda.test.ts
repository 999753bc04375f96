import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { createPlatformTable } from '../src/document-store.ts';
import { callSchema } from '../src/records/call.ts';
import { SEED_IDS } from '../src/seed.ts';
import { newTableName, startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { callsBody, through } from './platform-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();
const table = newTableName();

/** The function as a new instance of it starts up. */
async function startInstance() {
  vi.resetModules();
  const { handler } = await import('../src/lambda.ts');
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [rawPath = '', rawQueryString = ''] = path.split('?');
    const { statusCode, body: text } = await handler({
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      headers: { 'content-type': 'application/json', ...headers },
      requestContext: {
        accountId: '000000000000',
        apiId: 'platform',
        authentication: null,
        authorizer: { lambda: {} },
        domainName: 'platform.lambda-url.eu-central-1.on.aws',
        domainPrefix: 'platform',
        http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        requestId: 'lambda-request',
        routeKey: '$default',
        stage: '$default',
        time: '21/Apr/2026:23:15:00 +0000',
        timeEpoch: Date.UTC(2026, 3, 21, 23, 15),
      },
      body: body === undefined ? null : Buffer.from(JSON.stringify(body)).toString('base64'),
      isBase64Encoded: body !== undefined,
    });
    return { status: statusCode, body: z.parse(z.json(), JSON.parse(text)) };
  };
}

beforeAll(async () => {
  await createPlatformTable(dynamodb, table);
  const { hostname, port } = (await dynamodb.config.endpoint?.()) ?? { hostname: '', port: 0 };
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://${hostname}:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('SANDBOX_TABLE', table);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

test('every instance serves the platform from a table that was empty', async () => {
  const first = await startInstance();
  const headers = { 'idempotency-key': 'key-1' };
  // It rings until it is hung up, however long that takes.
  const body = callsBody(through(SEED_IDS.providers.neverAnswers));
  const placed = await first('POST', '/v1/calls', body, headers);
  const [call] = z.parse(z.object({ calls: z.array(callSchema) }), placed.body).calls;
  const second = await startInstance();
  expect(await second('POST', '/v1/calls', body, headers)).toEqual(placed);
  expect((await second('GET', `/v1/providers/${SEED_IDS.providers.answers}`)).status).toBe(200);
  const hungUp = z.parse(callSchema, (await second('POST', `/v1/calls/${call?.id}/hangup`)).body);
  expect(['canceling', 'hangup']).toContain(hungUp.status);
  await expect
    .poll(async () => (await first('GET', `/v1/calls/${call?.id}`)).body)
    .toMatchObject({ status: 'hangup', hangup_by: 'local', hangup_reason: 'cancel' });
});

test('an error is returned in the envelope', async () => {
  const invoke = await startInstance();
  expect(await invoke('GET', '/v1/calls/x', undefined, { 'x-request-id': 'mine-1' })).toMatchObject({
    status: 400,
    body: { error: { reason: 'INVALID_ID', request_id: 'mine-1' } },
  });
});

test('the function does not start without its table, and says so', async () => {
  vi.stubEnv('SANDBOX_TABLE', '');
  await expect(startInstance()).rejects.toThrow('SANDBOX_TABLE');
});
