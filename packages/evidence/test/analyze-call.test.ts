import { expect, test } from 'vitest';
import { analyzeCall } from '../src/analyze-call.ts';
import { analyzeScenario } from './scenarios.ts';
import { request, response } from './sip-messages.ts';

test('a busy phone is reported with its status, delays and side', () => {
  const messages = [
    request('INVITE', { at: 0 }),
    response(100, 'Trying', { at: 20 }),
    response(180, 'Ringing', { at: 1_800 }),
    response(486, 'Busy Here', { at: 3_000 }),
    request('ACK', { at: 3_001 }),
  ];
  const { steps, verdict, ...analysis } = analyzeCall(
    { id: '1' },
    { sip_messages: messages, rtcp_stats: null },
  );
  expect(analysis).toEqual({
    state: 'hangup',
    sipStatus: 486,
    reasonPhrase: 'Busy Here',
    hangupReason: 'busy',
    hungUpBy: 'remote',
    failure: 'busy',
    postDialDelayMs: 1_800,
    ringMs: 1_200,
  });
  expect(steps.map(({ label }) => label)).toEqual([
    'INVITE',
    '100 Trying',
    '180 Ringing',
    '486 Busy Here',
    'ACK',
  ]);
  expect(verdict).toContain('486');
});

test.each([
  // Post-dial delay, ring time and talk time in milliseconds; what was not measured is absent.
  ['answered, ended by us', { postDialDelayMs: 1_800, ringMs: 3_200, talkMs: 10_000 }],
  ['answered after a challenge', { postDialDelayMs: 900, ringMs: 1_100, talkMs: 7_000 }],
  ['answered at the second host', { postDialDelayMs: 3_000, talkMs: 6_000 }],
  ['in progress', { postDialDelayMs: 1_800, ringMs: 3_200 }],
  ['still ringing', { postDialDelayMs: 1_800 }],
  ['still dialling', {}],
  ['busy', {}],
  ['declined', { postDialDelayMs: 1_800, ringMs: 2_200 }],
  ['no answer, by our dial timeout', { postDialDelayMs: 1_800, ringMs: 58_200 }],
  ['no answer, with an announcement only', { postDialDelayMs: 900 }],
  ['cancelled while ringing', { postDialDelayMs: 1_800, ringMs: 3_200 }],
  ['cancelled, never confirmed', { postDialDelayMs: 1_800, ringMs: 3_200 }],
  ['answered while we cancelled', { postDialDelayMs: 1_800, ringMs: 3_200 }],
  ['accepted and forgotten', {}],
  ['no response at all', {}],
  ['unresolvable name', {}],
  ['nothing captured, answered', { postDialDelayMs: 1_500, ringMs: 3_500, talkMs: 10_250 }],
  ['nothing captured, busy', {}],
])('a call %s has these delays and no others', (name, delays) => {
  const { postDialDelayMs, ringMs, talkMs } = analyzeScenario(name);
  expect({ postDialDelayMs, ringMs, talkMs }).toEqual(delays);
});
