import { request as httpRequest } from 'node:http';
import { parseAllowList } from '@provider-call/sip/allow-list';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { CALM_TIMERS } from '../../sip/test/call-fixture.ts';
import { startDemoCarrier } from '../src/demo-carrier.ts';
import { callSchema } from '../src/records/call.ts';
import { groupcallSchema } from '../src/records/groupcall.ts';
import { sipAnalysisSchema, timelineEventSchema } from '../src/records/timeline.ts';
import { defaultSeed, SEED_IDS } from '../src/seed.ts';
import { createSipDialer } from '../src/sip-dialer.ts';
import { startPlatform } from '../src/start-platform.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { newTableName, startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { httpClient } from './http-client.ts';
import {
  address,
  callsBody,
  type PlatformUnderTest,
  startTestPlatform,
  through,
} from './platform-under-test.ts';

const dynamodb = await startEmbeddedDynamodb();
let platform: PlatformUnderTest;

beforeEach(async () => {
  platform = await startTestPlatform(dynamodb);
});
afterEach(() => platform.close());

const placedSchema = z.object({ calls: z.array(callSchema), groupcalls: z.array(groupcallSchema) });
const pageSchema = z.object({ result: z.array(callSchema), next_page_token: z.string() });
const KEYED = { headers: { 'Idempotency-Key': 'key-1' } };

test('parallel requests with one key place one set of calls, which survives a restart', async () => {
  const destinations = [address('tel', '+821012345678'), address('agent', SEED_IDS.agent)];
  const place = async () =>
    z.parse(placedSchema, (await platform.http.post('/v1/calls', callsBody({ destinations }), KEYED)).body);
  const calls = async () => z.parse(pageSchema, (await platform.http.get('/v1/calls')).body).result;

  const placed = await Promise.all(Array.from({ length: 10 }, place));
  for (const response of placed) expect(response).toEqual(placed[0]);
  expect(await calls()).toHaveLength(3);
  expect(new Set((await calls()).map(({ status }) => status))).toEqual(new Set(['dialing']));

  await platform.close();
  const clock = createVirtualClock(platform.clock.now());
  platform = await startTestPlatform(dynamodb, { tableName: platform.tableName, clock });
  expect(await place()).toEqual(placed[0]);
  const ended = (await calls()).map((call) => [call.status, call.hangup_by, call.hangup_reason]);
  expect(ended).toEqual(Array.from({ length: 3 }, () => ['hangup', 'local', 'cancel']));
});

test('every step of a call is stored', async () => {
  const { body } = await platform.http.post('/v1/calls', callsBody());
  const [call] = z.parse(placedSchema, body).calls;
  platform.clock.advanceTo(platform.clock.now() + 60_000);
  const response = await platform.http.get(`/v1/calls/${call?.id}`);
  expect(response.body).toMatchObject({ status: 'hangup', hangup_reason: 'normal' });
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

test('a list has every call on one page', async () => {
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

test('the server goes on after a client that goes away in the middle of its request', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const request = httpRequest(`${platform.url}/v1/calls`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': '1000' },
  });
  request.on('error', () => resolve());
  request.write('{', () => request.destroy(new Error('gone')));
  await promise;
  await expect.poll(async () => (await platform.http.get('/v1/flows')).status).toBe(200);
});

test('a shutdown waits for a request whose client has gone away', async () => {
  const { url, close } = await startTestPlatform(dynamodb);
  const reached = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const steps: string[] = [];
  dynamodb.middlewareStack.add(
    (next) => async (args) => {
      reached.resolve();
      await held.promise;
      const result = await next(args);
      steps.push('request ended');
      return result;
    },
    { step: 'initialize', name: 'hold' },
  );
  onTestFinished(() => {
    dynamodb.middlewareStack.remove('hold');
  });
  const client = new AbortController();
  const lost = fetch(`${url}/v1/flows`, { signal: client.signal }).catch(() => steps.push('client gone'));
  await reached.promise;
  client.abort();
  await lost;
  const closed = close().then(() => steps.push('closed'));
  // The port is closed first.
  await expect.poll(() => fetch(url).catch(() => 'refused')).toBe('refused');
  held.resolve();
  await closed;
  expect(steps).toEqual(['client gone', 'request ended', 'closed']);
});

test('a shutdown ends real calls and stores how they ended, with what they sent', async () => {
  const carrier = await startDemoCarrier({ timers: CALM_TIMERS });
  const { answers, neverAnswers } = SEED_IDS.providers;
  const options = { dynamodb, tableName: newTableName(), seed: defaultSeed({ carrier: carrier.host }) };
  const dialer = createSipDialer({ allow: parseAllowList(''), timers: CALM_TIMERS });
  const first = await startPlatform({ ...options, dialer });
  const http = httpClient(first.url);
  const placeThrough = async (providerId: string) =>
    z.parse(placedSchema, (await http.post('/v1/calls', callsBody(through(providerId)))).body).calls[0]?.id ??
    '';
  const statusOf = async (id: string) => z.parse(callSchema, (await http.get(`/v1/calls/${id}`)).body).status;
  const answered = await placeThrough(answers);
  const ringing = await placeThrough(neverAnswers);
  await expect
    .poll(async () => [await statusOf(answered), await statusOf(ringing)])
    .toEqual(['progressing', 'ringing']);
  await first.close();

  const second = await startPlatform(options);
  const outcomes = await Promise.all(
    [answered, ringing].map(async (id) => {
      const call = z.parse(callSchema, (await httpClient(second.url).get(`/v1/calls/${id}`)).body);
      const timeline = `/v1/timelines/calls/${id}/sip-analysis`;
      const { sip_messages } = z.parse(sipAnalysisSchema, (await httpClient(second.url).get(timeline)).body);
      return [
        call.hangup_by,
        call.hangup_reason,
        ...sip_messages.map(({ method }) => method).filter(isHangup),
      ];
    }),
  );
  expect(outcomes).toEqual([
    ['local', 'normal', 'BYE'],
    ['local', 'cancel', 'CANCEL', '487'],
  ]);
  await second.close();
  await carrier.close();
});

function isHangup(method: string) {
  return ['BYE', 'CANCEL', '487'].includes(method);
}

test('the server does not start on a port that is taken', async () => {
  const port = Number(new URL(platform.url).port);
  await expect(startTestPlatform(dynamodb, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
