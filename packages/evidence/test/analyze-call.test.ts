import { expect, test } from 'vitest';
import { analyzeCall } from '../src/analyze-call.ts';
import { request, response } from './sip-messages.ts';

test('a busy phone is told with its status, delays and side', () => {
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
