import { CallCapture } from '@provider-call/sip/call-capture';
import { InvitePlanError } from '@provider-call/sip/invite-plan';
import { headerValues } from '@provider-call/sip/message';
import { parseMessage } from '@provider-call/sip/parse-message';
import { expect, test } from 'vitest';
import type { DialAttempt } from '../src/dialer.ts';
import { captureUnplannable, planAttempt } from '../src/plan-attempt.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { BEGINNING, provider, sip, tel } from './platform-under-test.ts';

function attempt(changes: Partial<DialAttempt> = {}): DialAttempt {
  return {
    callId: 'c0000000-0000-4000-8000-000000000001',
    provider: provider(),
    source: tel('+14155551234'),
    destination: tel('+15550100'),
    anonymous: '',
    dialTimeoutMs: 60_000,
    maxDurationMs: 60_000,
    capture: new CallCapture(createVirtualClock(BEGINNING)),
    ...changes,
  };
}

test('headers that must not be sent are skipped, with a note', () => {
  const tech_headers = { 'X-Account': '42', Privacy: 'none', 'bad name': '1' };
  const { headers, notes } = planAttempt(attempt({ provider: provider({ tech_headers }) }));
  expect(headers).toEqual([{ name: 'X-Account', value: '42' }]);
  expect(notes).toEqual(['Left out of the INVITE: "Privacy", "bad name"']);
});

test('nothing is noted if nothing is skipped', () => {
  expect(planAttempt(attempt()).notes).toEqual([]);
});

test('a destination that is not a SIP address cannot be planned', () => {
  expect(() => planAttempt(attempt({ destination: sip('a b@@') }))).toThrow(InvitePlanError);
});

test('the reason why there is no INVITE is captured as a valid response from us to us', () => {
  const { callId, capture } = attempt();
  const local = { address: '127.0.0.1', port: 5060 };
  captureUnplannable(capture, local, { callId, error: new InvitePlanError('the "host" is none') });
  const [message] = capture.snapshot().messages;
  if (message === undefined) throw new Error('nothing was captured');
  expect([message.source, message.destination]).toEqual([local, local]);
  const parsed = parseMessage(new TextEncoder().encode(message.raw));
  expect(parsed).toMatchObject({ kind: 'response', status: 400, reason: 'the "host" is none' });
  expect(headerValues(parsed, 'Warning')).toEqual(['399 127.0.0.1:5060 "the \\"host\\" is none"']);
});
