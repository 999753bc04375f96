import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { callSchema } from '../src/records/call.ts';
import { groupcallSchema } from '../src/records/groupcall.ts';
import { sipAnalysisSchema, timelineEventSchema } from '../src/records/timeline.ts';
import { seedIds } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { errorOf } from './http-client.ts';
import { address, callsBody, type PlatformUnderTest, startTestPlatform } from './platform-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();
let platform: PlatformUnderTest;

beforeEach(async () => {
  platform = await startTestPlatform(dynamodb);
});
afterEach(() => platform.close());

const placedSchema = z.object({ calls: z.array(callSchema), groupcalls: z.array(groupcallSchema) });
const pageSchema = z.object({ result: z.array(callSchema), next_page_token: z.string() });
const keyed = { headers: { 'Idempotency-Key': 'key-1' } };

test('places one set of calls for parallel requests with one key, and keeps it over a restart', async () => {
  const destinations = [address('tel', '+821012345678'), address('agent', seedIds.agent)];
  const place = async () =>
    z.parse(placedSchema, (await platform.http.post('/v1/calls', callsBody({ destinations }), keyed)).body);
  const calls = async () => z.parse(pageSchema, (await platform.http.get('/v1/calls')).body).result;

  const placed = await Promise.all(Array.from({ length: 10 }, place));
  for (const answer of placed) expect(answer).toEqual(placed[0]);
  expect(await calls()).toHaveLength(3);
  expect(new Set((await calls()).map(({ status }) => status))).toEqual(new Set(['dialing']));

  await platform.close();
  const clock = createVirtualClock(platform.clock.now());
  platform = await startTestPlatform(dynamodb, { tableName: platform.tableName, clock });
  expect(await place()).toEqual(placed[0]);
  const ended = (await calls()).map((call) => [call.status, call.hangup_by, call.hangup_reason]);
  expect(ended).toEqual(Array.from({ length: 3 }, () => ['hangup', 'local', 'cancel']));
});

test('writes down every step of a call', async () => {
  const { body } = await platform.http.post('/v1/calls', callsBody());
  const [call] = z.parse(placedSchema, body).calls;
  platform.clock.advanceTo(platform.clock.now() + 60_000);
  const answer = await platform.http.get(`/v1/calls/${call?.id}`);
  expect(answer.body).toMatchObject({ status: 'hangup', hangup_reason: 'normal' });
  const timeline = `/v1/timelines/calls/${call?.id}`;
  const { sip_messages } = z.parse(
    sipAnalysisSchema,
    (await platform.http.get(`${timeline}/sip-analysis`)).body,
  );
  expect(sip_messages.map(({ method }) => method)).toEqual([
    ...['INVITE', '100', '180', '200', 'ACK'],
    ...['BYE', '200'],
  ]);
  const events = z.parse(
    z.object({ result: z.array(timelineEventSchema) }),
    (await platform.http.get(`${timeline}/events`)).body,
  );
  expect(events.result.map(({ event_type }) => event_type)).toEqual([
    'call_hangup',
    'call_progressing',
    'call_ringing',
    'call_dialing',
    'call_created',
  ]);
});

test('lists all calls page by page, each once', async () => {
  const destinations = Array.from({ length: 25 }, (_, index) => address('tel', `+8210123456${index + 10}`));
  await platform.http.post('/v1/calls', callsBody({ destinations }));
  const seen: string[] = [];
  let token = '';
  do {
    const path = `/v1/calls?page_size=10&page_token=${encodeURIComponent(token)}`;
    const page = z.parse(pageSchema, (await platform.http.get(path)).body);
    seen.push(...page.result.map(({ id }) => id));
    token = page.next_page_token;
  } while (token !== '');
  expect([seen.length, new Set(seen).size]).toEqual([25, 25]);
});

test.each([
  ['what is not JSON', { text: '{' }, 400, 'INVALID_JSON_BODY'],
  ['no body', { text: '' }, 400, 'INVALID_JSON_BODY'],
  ['another content type', { headers: { 'Content-Type': 'text/plain' } }, 400, 'INVALID_JSON_BODY'],
  ['a body that is too large', { text: `"${'x'.repeat(1024 * 1024)}"` }, 413, 'REQUEST_TOO_LARGE'],
  ['a key that is too long', { headers: { 'Idempotency-Key': 'k'.repeat(256) } }, 400, 'INVALID_ARGUMENT'],
])('refuses %s in the envelope and places nothing', async (_, options, http, reason) => {
  const answer = await platform.http.post('/v1/calls', callsBody(), options);
  expect(errorOf(answer)).toEqual({ http, status: 'INVALID_ARGUMENT', reason });
  expect((await platform.http.get('/v1/calls')).body).toEqual({ result: [], next_page_token: '' });
});

test.each([
  ['GET', '/v1/nothing', 404, 'ROUTE_NOT_FOUND'],
  ['DELETE', '/v1/calls', 404, 'ROUTE_NOT_FOUND'],
  ['GET', '/v1/calls/x', 400, 'INVALID_ID'],
  ['GET', '/v1/calls?page_size=abc', 400, 'INVALID_ARGUMENT'],
  ['GET', '/v1/calls?page_token=abc', 400, 'INVALID_ARGUMENT'],
  ['GET', '/v1/calls?customer_id=abc', 400, 'INVALID_ARGUMENT'],
] as const)('%s %s is answered with %i', async (method, path, http, reason) => {
  const { get, delete: remove } = platform.http;
  expect(errorOf(await { GET: get, DELETE: remove }[method](path))).toMatchObject({ http, reason });
});

test('takes a request id over and gives it back, in errors too', async () => {
  const headers = { 'X-Request-Id': 'mine-1' };
  const good = await platform.http.get('/v1/flows', { headers });
  const bad = await platform.http.get('/v1/flows/x', { headers });
  expect([good, bad].map((answer) => answer.headers.get('x-request-id'))).toEqual(['mine-1', 'mine-1']);
  expect(bad.body).toMatchObject({ error: { request_id: 'mine-1' } });
  expect((await platform.http.get('/v1/flows')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('goes on after a client that goes away in the middle of its request', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const request = httpRequest(`${platform.url}/v1/calls`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': '1000' },
  });
  request.on('error', () => resolve());
  request.write('{', () => request.destroy(new Error('gone')));
  await promise;
  await vi.waitFor(async () => expect((await platform.http.get('/v1/flows')).status).toBe(200));
});

test('fails to start on a port that is taken', async () => {
  const port = Number(new URL(platform.url).port);
  await expect(startTestPlatform(dynamodb, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
