import { expect, test } from 'vitest';
import { placeCalls } from '../src/commands/call.ts';
import { compareProviders } from '../src/commands/compare.ts';
import { deleteRecord } from '../src/commands/delete.ts';
import { getRecord } from '../src/commands/get.ts';
import { hangUpCalls } from '../src/commands/hangup.ts';
import { listRecords } from '../src/commands/list.ts';
import { checkProvider, getProvider, listProviders } from '../src/commands/providers.ts';
import { traceCalls } from '../src/commands/trace.ts';
import { describeError } from '../src/describe-error.ts';
import { createLiveLines } from '../src/live-lines.ts';
import {
  BUSY_CALL,
  IDS,
  PROVIDER,
  page,
  RECORD,
  sessionUnderTest,
  type TestSession,
} from './session-under-test.ts';

/** Clears a terminal. */
const HOSTILE = '\u001b[2J';

const ADDRESS = { type: HOSTILE, target: HOSTILE, target_name: HOSTILE };
const CALL = {
  ...BUSY_CALL,
  id: `${IDS.call}${HOSTILE}`,
  source: ADDRESS,
  destination: ADDRESS,
  hangup_reason: HOSTILE,
};
const CARRIER = {
  ...PROVIDER,
  name: HOSTILE,
  hostname: HOSTILE,
  detail: HOSTILE,
  tech_headers: { [HOSTILE]: HOSTILE },
  metadata: { [HOSTILE]: HOSTILE },
  health_status: HOSTILE,
  health_detail: HOSTILE,
};
const CALL_INPUT = {
  provider: IDS.provider,
  from: '+14155551234',
  destinations: ['+821012345678'],
  watch: true,
};
const REPLIES = {
  'GET /providers': page(CARRIER),
  [`GET /providers/${IDS.provider}`]: [CARRIER, { ...CARRIER, health_checked_at: HOSTILE }],
  'GET /providercalls': page({ ...RECORD, id: HOSTILE, source: ADDRESS, destinations: [ADDRESS] }),
  [`GET /providercalls/${IDS.record}`]: {
    ...RECORD,
    id: HOSTILE,
    source: ADDRESS,
    destinations: [ADDRESS],
    anonymous: HOSTILE,
    tm_create: HOSTILE,
    tm_delete: HOSTILE,
  },
  [`DELETE /providercalls/${IDS.record}`]: { ...RECORD, id: HOSTILE, tm_delete: HOSTILE },
  'POST /providercalls': { ...RECORD, id: HOSTILE },
  [`GET /calls/${IDS.call}`]: CALL,
};

test.each<[string, (session: TestSession) => Promise<unknown>]>([
  ['list', (session) => listRecords(session, { limit: 20 })],
  ['get', (session) => getRecord(session, { id: IDS.record })],
  ['delete', (session) => deleteRecord(session, { id: IDS.record })],
  ['hangup', (session) => hangUpCalls(session, { id: IDS.call })],
  ['trace', (session) => traceCalls(session, { id: IDS.call })],
  ['providers list', (session) => listProviders(session, {})],
  ['providers get', (session) => getProvider(session, { provider: IDS.provider })],
  ['providers check', (session) => checkProvider(session, { provider: IDS.provider, timeout: 1 })],
  ['compare', (session) => compareProviders(session, { a: IDS.provider, b: IDS.provider, last: 1 })],
  ['call', (session) => placeCalls(session, CALL_INPUT)],
])('what the API sends does not control the terminal of %s', async (_, run) => {
  const session = sessionUnderTest(REPLIES);
  await run(session);
  const output = [...session.printed, ...session.notes].join('\n');
  expect(output).not.toContain(HOSTILE);
  expect(output).toContain('\\u001b[2J');
});

test('a state that the platform invents does not control the terminal', async () => {
  const session = sessionUnderTest({
    [`GET /calls/${IDS.call}`]: { ...CALL, id: IDS.call, status: HOSTILE },
    [`POST /calls/${IDS.call}/hangup`]: { ...CALL, status: HOSTILE },
  });
  await hangUpCalls(session, { id: IDS.call });
  expect(session.printed.join()).not.toContain(HOSTILE);
  const call = await session.platform.getCall(IDS.call);
  const calls = [call, undefined].map((one) => ({ id: HOSTILE, call: one, isAbsent: false, firstSeenAt: 0 }));
  for (const isFormatted of [true, false]) {
    const { terminal, printed } = sessionUnderTest({}, { isFormatted });
    createLiveLines(terminal).show(calls);
    expect(printed.join().replaceAll('\u001b[2K', '')).not.toContain('\u001b');
  }
});

test('an error of the API is one line that does not control the terminal', async () => {
  const text = `${HOSTILE}\n`;
  const error = {
    status: 'X',
    reason: text,
    message: text,
    request_id: text,
    details: [{ field: text, message: text }, { providercall_id: text }],
  };
  for (const [status, reason] of [
    [400, text],
    [401, text],
    [403, text],
    [503, 'CALL_OUTCOME_UNKNOWN'],
  ] as const) {
    const session = sessionUnderTest({
      [`GET /calls/${IDS.call}`]: Response.json({ error: { ...error, reason } }, { status }),
    });
    const { message } = describeError(
      await session.platform.getCall(IDS.call).catch((thrown: unknown) => thrown),
    );
    expect(message).not.toContain('\u001b');
    expect(message).not.toContain('\n');
    expect(message).toContain('\\u001b[2J\\n');
  }
});

test('an error that leaves a request open does not control the terminal', async () => {
  const error = { reason: 'REQUEST_IN_PROGRESS', message: HOSTILE };
  const session = sessionUnderTest({ 'POST /providercalls': Response.json({ error }, { status: 409 }) });
  await expect(placeCalls(session, CALL_INPUT)).rejects.toMatchObject({
    exitCode: 20,
    message: expect.stringMatching(/^REQUEST_IN_PROGRESS: \\u001b\[2J; the calls may have been placed/),
  });
});
