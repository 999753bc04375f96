import { expect, test } from 'vitest';
import type { CallInput } from '../src/commands/call.ts';
import { previewCalls } from '../src/preview.ts';
import { apiError, BUSY_PROVIDER, IDS, page, sessionUnderTest } from './session-under-test.ts';

const INPUT: CallInput = { destinations: [], provider: IDS.busy, watch: true };
const REQUEST = {
  provider_id: IDS.busy,
  source: { type: 'tel' as const, target: '+14155551234' },
  destinations: [{ type: 'tel' as const, target: '+821012345678' }],
};
const replies = {
  'GET /providercalls': page(),
  [`GET /providers/${IDS.busy}`]: {
    ...BUSY_PROVIDER,
    tech_postfix: ';x',
    tech_headers: { 'X-Route': '7', Privacy: 'none' },
  },
};

test('the preview shows Request-URI, From and headers, and places nothing', async () => {
  const session = sessionUnderTest(replies);
  expect(await previewCalls(session, { ...REQUEST, anonymous: 'yes' }, INPUT)).toBe(0);
  expect(session.printed.slice(0, 9)).toEqual([
    `provider    Busy (${IDS.busy}), 127.0.0.1:5070, healthy`,
    'credential  accepted',
    '+821012345678',
    '  Request-URI: sip:486+821012345678;x@127.0.0.1:5070;transport=udp',
    '  From: "Anonymous" <sip:anonymous@anonymous.invalid>',
    '  Privacy: id',
    '  P-Asserted-Identity: <tel:+14155551234>',
    '  X-Route: 7',
    '  left out of tech_headers: Privacy',
  ]);
  expect(session.printed.at(-1)).toBe('Nothing was dialled.');
  expect(session.requests.every((line) => line.startsWith('GET '))).toBe(true);
});

test('a call that would fail is rejected in advance', async () => {
  const session = sessionUnderTest(replies);
  expect(await previewCalls(session, { ...REQUEST, source: null, anonymous: 'yes' }, INPUT)).toBe(3);
  expect(session.printed).toContain(
    '  would fail: an anonymous call needs a source number that starts with "+"',
  );
});

test('a group is not previewed: its members decide', async () => {
  const session = sessionUnderTest(replies);
  await previewCalls(session, { ...REQUEST, destinations: [{ type: 'extension', target: '1001' }] }, INPUT);
  expect(session.printed).toContain('  rings a group: its members decide what is dialled');
});

test('a deleted provider is rejected', async () => {
  const session = sessionUnderTest({
    ...replies,
    [`GET /providers/${IDS.busy}`]: { ...BUSY_PROVIDER, tm_delete: '2026-01-02 00:00:00.000000' },
  });
  expect(await previewCalls(session, REQUEST, INPUT)).toBe(3);
  expect(session.printed[0]).toMatch(/deleted: the API rejects calls through it$/);
});

test.each([
  [{}, 2],
  [{ yes: true }, 0],
])('warnings have the exit code that the call itself would have: %j', async (changes, exitCode) => {
  const session = sessionUnderTest(replies);
  expect(await previewCalls(session, { ...REQUEST, source: null }, { ...INPUT, ...changes })).toBe(exitCode);
  expect(session.printed).toContain(
    'warning     There is no source: the call has no caller id, which most providers reject.',
  );
});

test('a bad credential is reported', async () => {
  const session = sessionUnderTest({ 'GET /providercalls': apiError(401, 'AUTHENTICATION_REQUIRED') });
  await expect(previewCalls(session, REQUEST, INPUT)).rejects.toMatchObject({
    reason: 'AUTHENTICATION_REQUIRED',
  });
});

test('with --json, the preview is one JSON document', async () => {
  const session = sessionUnderTest(replies);
  await previewCalls(session, REQUEST, { ...INPUT, json: true });
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({
    request: REQUEST,
    warnings: [],
    invites: [{ destination: '+821012345678', from: '<sip:+14155551234@127.0.0.1>' }],
  });
});
