import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { callSchema } from '../src/records/call.ts';
import { sipAnalysisSchema, timelineEventSchema } from '../src/records/timeline.ts';
import { errorOf } from './http-client.ts';
import { type PlatformInMemory, startPlatformInMemory } from './platform-in-memory.ts';
import { BEGINNING, callsBody } from './platform-under-test.ts';

const DAY_MS = 24 * 3600 * 1000;
const pageSchema = z.object({ result: z.array(timelineEventSchema), next_page_token: z.string() });

let platform: PlatformInMemory;
let callId: string;

beforeEach(async () => {
  platform = await startPlatformInMemory();
  const { body } = await platform.http.post('/v1/calls', callsBody());
  callId = z.parse(z.object({ calls: z.tuple([callSchema]) }), body).calls[0].id;
});

function timeline(what: string) {
  return platform.http.get(`/v1/timelines/calls/${callId}/${what}`);
}
async function eventsPage(query = '') {
  return z.parse(pageSchema, (await timeline(`events${query}`)).body);
}

describe('sip-analysis', () => {
  test('does not exist before anything was captured', async () => {
    expect(errorOf(await timeline('sip-analysis'))).toEqual({
      http: 404,
      status: 'NOT_FOUND',
      reason: 'TIMELINE_NOT_FOUND',
    });
  });

  test('grows while the call goes on, and stays after its end', async () => {
    const methods: string[] = [];
    for (const ms of [0, 500, 2_000, 12_000]) {
      platform.clock.advanceTo(BEGINNING + ms);
      const { sip_messages } = z.parse(sipAnalysisSchema, (await timeline('sip-analysis')).body);
      methods.push(sip_messages.map(({ method }) => method).join(' '));
    }
    expect(methods).toEqual([
      'INVITE',
      'INVITE 100 180',
      'INVITE 100 180 200 ACK',
      'INVITE 100 180 200 ACK BYE 200',
    ]);
  });

  test('expires after a week', async () => {
    platform.clock.advanceTo(BEGINNING + 12_000);
    expect((await timeline('sip-analysis')).status).toBe(200);
    platform.clock.advanceTo(BEGINNING + 7 * DAY_MS + 13_000);
    expect(errorOf(await timeline('sip-analysis')).reason).toBe('TIMELINE_NOT_FOUND');
    expect(await eventsPage()).toEqual({ result: [], next_page_token: '' });
  });
});

describe('events', () => {
  test('are the steps of the call, newest first, each with the call as it then was', async () => {
    platform.clock.advanceTo(BEGINNING + 12_000);
    const { result, next_page_token } = await eventsPage();
    expect(result.map(({ timestamp, event_type, data }) => [timestamp, event_type, data.status])).toEqual([
      ['2026-04-21T23:15:12.000000Z', 'call_hangup', 'hangup'],
      ['2026-04-21T23:15:02.000000Z', 'call_progressing', 'progressing'],
      ['2026-04-21T23:15:00.500000Z', 'call_ringing', 'ringing'],
      ['2026-04-21T23:15:00.000000Z', 'call_dialing', 'dialing'],
      ['2026-04-21T23:15:00.000000Z', 'call_created', 'dialing'],
    ]);
    expect(next_page_token).toBe('');
  });

  test.each([1, 2, 3, 4, 5])('are each on one page when pages have %i', async (size) => {
    platform.clock.advanceTo(BEGINNING + 12_000);
    const types: string[] = [];
    let token = '';
    do {
      const page = await eventsPage(`?page_size=${size}&page_token=${encodeURIComponent(token)}`);
      types.push(...page.result.map(({ event_type }) => event_type));
      token = page.next_page_token;
    } while (token !== '');
    expect(types).toEqual([
      'call_hangup',
      'call_progressing',
      'call_ringing',
      'call_dialing',
      'call_created',
    ]);
  });

  test('before a plain timestamp are those older than it', async () => {
    platform.clock.advanceTo(BEGINNING + 12_000);
    const { result } = await eventsPage('?page_token=2026-04-21T23:15:00.500000Z');
    expect(result.map(({ event_type }) => event_type)).toEqual(['call_dialing', 'call_created']);
  });

  test('are rejected by the name of a parameter at fault', async () => {
    const response = await timeline('events?page_token=x');
    expect(response.body).toMatchObject({
      error: { reason: 'INVALID_ARGUMENT', details: [{ field: 'page_token' }] },
    });
  });
});

test.each(['sip-analysis', 'events'])("%s of another customer's call does not exist", async (what) => {
  const response = await timeline(`${what}?customer_id=11111111-1111-4111-8111-111111111111`);
  expect(errorOf(response)).toEqual({ http: 404, status: 'NOT_FOUND', reason: 'CALL_NOT_FOUND' });
});
