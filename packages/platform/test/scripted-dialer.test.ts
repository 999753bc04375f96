import { CallCapture } from '@provider-call/sip/call-capture';
import type { CallEnd } from '@provider-call/sip/call-end';
import { describe, expect, test } from 'vitest';
import type { DialAttempt } from '../src/dialer.ts';
import { createScriptedDialer } from '../src/scripted-dialer.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { BEGINNING, provider, tel } from './platform-under-test.ts';

/** Dials through a provider with this prefix. `lines` are the first lines of all messages with their time in ms. */
function dialThrough(tech_prefix: string, changes: Partial<DialAttempt> = {}) {
  const clock = createVirtualClock(BEGINNING);
  const capture = new CallCapture(clock);
  const dialer = createScriptedDialer({ clock });
  const events: [ms: number, event: string][] = [];
  const elapsed = () => clock.now() - BEGINNING;
  let end: CallEnd | undefined;
  const { hangup } = dialer.dial(
    {
      callId: 'c0000000-0000-4000-8000-000000000001',
      provider: provider({ tech_prefix }),
      source: tel('+14155551234'),
      destination: tel('+15550100'),
      anonymous: '',
      dialTimeoutMs: 60_000,
      maxDurationMs: 3_600_000,
      capture,
      ...changes,
    },
    {
      ringing: () => events.push([elapsed(), 'ringing']),
      answered: () => events.push([elapsed(), 'answered']),
      ended: (ended) => {
        events.push([elapsed(), 'ended']);
        end = ended;
      },
    },
  );
  return {
    dialer,
    hangup,
    events,
    end: () => end,
    advance: (ms: number) => clock.advanceTo(BEGINNING + ms),
    notes: () => capture.snapshot().notes.map(({ text }) => text),
    lines: () =>
      capture
        .snapshot()
        .messages.map(
          ({ at, raw }) => `${at - BEGINNING} ${raw.split('\r\n', 1)[0]?.replace(/ sip:\S+/, '')}`,
        ),
  };
}

const UNTIL_RINGING = ['0 INVITE SIP/2.0', '20 SIP/2.0 100 Trying', '500 SIP/2.0 180 Ringing'];
const UNTIL_ANSWER = [...UNTIL_RINGING, '2000 SIP/2.0 200 OK', '2000 ACK SIP/2.0'];
function cancelled(at: number) {
  return [
    `${at} CANCEL SIP/2.0`,
    `${at + 50} SIP/2.0 200 OK`,
    `${at + 50} SIP/2.0 487 Request Terminated`,
    `${at + 50} ACK SIP/2.0`,
  ];
}

test('a call is answered and ended by the far end', () => {
  const call = dialThrough('');
  call.advance(20_000);
  expect(call.lines()).toEqual([...UNTIL_ANSWER, '12000 BYE SIP/2.0', '12000 SIP/2.0 200 OK']);
  expect(call.events).toEqual([
    [500, 'ringing'],
    [2_000, 'answered'],
    [12_000, 'ended'],
  ]);
  expect(call.end()).toEqual({ by: 'remote', reason: 'normal' });
  expect(call.notes()).toEqual(['Scripted: nothing leaves this process.']);
});

test.each([
  ['486', 'Busy Here', 'busy'],
  ['600', 'Busy Everywhere', 'busy'],
  ['480', 'Temporarily Unavailable', 'no_answer'],
  ['403', 'Forbidden', 'failed'],
  ['503', 'Service Unavailable', 'failed'],
  ['499', 'Rejected', 'failed'],
])('a prefix %s rejects with that status', (prefix, phrase, reason) => {
  const call = dialThrough(prefix);
  call.advance(20_000);
  expect(call.lines()).toEqual([
    ...UNTIL_RINGING.slice(0, 2),
    `2000 SIP/2.0 ${prefix} ${phrase}`,
    '2000 ACK SIP/2.0',
  ]);
  expect(call.end()).toEqual({ by: 'remote', reason, sipStatus: Number(prefix) });
});

test('a prefix 180 rings until the dial timeout', () => {
  const call = dialThrough('180');
  call.advance(100_000);
  expect(call.lines()).toEqual([...UNTIL_RINGING, ...cancelled(60_000)]);
  expect(call.end()).toEqual({ by: 'local', reason: 'dialout' });
});

test('a call ends by BYE at its maximum duration', () => {
  const call = dialThrough('', { maxDurationMs: 3_000 });
  call.advance(20_000);
  expect(call.lines()).toEqual([...UNTIL_ANSWER, '5000 BYE SIP/2.0', '5050 SIP/2.0 200 OK']);
  expect(call.end()).toEqual({ by: 'local', reason: 'timeout' });
});

describe('hanging up', () => {
  test('before the INVITE sends nothing', () => {
    const call = dialThrough('');
    call.hangup();
    call.advance(20_000);
    expect([call.lines(), call.end()]).toEqual([[], { by: 'local', reason: 'cancel' }]);
  });

  test('before the answer cancels, once', () => {
    const call = dialThrough('');
    call.advance(1_000);
    call.hangup();
    call.hangup();
    call.advance(20_000);
    expect(call.lines()).toEqual([...UNTIL_RINGING, ...cancelled(1_000)]);
    expect(call.end()).toEqual({ by: 'local', reason: 'cancel' });
    expect(call.events.map(([, event]) => event)).toEqual(['ringing', 'ended']);
  });

  test('after the answer sends BYE', () => {
    const call = dialThrough('');
    call.advance(3_000);
    call.hangup();
    call.advance(20_000);
    expect(call.lines()).toEqual([...UNTIL_ANSWER, '3000 BYE SIP/2.0', '3050 SIP/2.0 200 OK']);
    expect(call.end()).toEqual({ by: 'local', reason: 'normal' });
  });

  test('after the end changes nothing', () => {
    const call = dialThrough('486');
    call.advance(20_000);
    const ended = call.lines();
    call.hangup();
    call.advance(40_000);
    expect([call.lines(), call.events]).toEqual([ended, [[2_000, 'ended']]]);
  });
});

test.each([
  ['that rings', 1_000, 'cancel', 'CANCEL'],
  ['that is answered', 3_000, 'normal', 'BYE'],
])('closing ends a call %s at once', async (_, ms, reason, method) => {
  const call = dialThrough('');
  call.advance(ms);
  await call.dialer.close();
  expect(call.end()).toEqual({ by: 'local', reason });
  expect(call.lines()).toContain(`${ms} ${method} SIP/2.0`);
});

test('a call that cannot be planned fails, and its message says why', () => {
  const call = dialThrough('', { destination: { type: 'sip', target: 'a b@@', target_name: '' } });
  call.advance(10);
  expect(call.lines()).toEqual(['0 SIP/2.0 400 the destination is not a SIP address']);
  expect(call.end()).toEqual({ by: 'local', reason: 'failed' });
});
