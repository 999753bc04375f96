import { expect, test } from 'vitest';
import { analyzeCall } from '../src/index.ts';
import { edgeResponse, request, response } from './sip-messages.ts';

function failureOf(message: ReturnType<typeof request>) {
  return analyzeCall({ id: '1' }, { sip_messages: [request('INVITE', { at: 0 }), message], rtcp_stats: null })
    .failure;
}

test.each([
  [408, 'Timer B', 'timeout'],
  [500, 'No response within 32 s', 'timeout'],
  [478, 'x', 'dns'],
  [476, 'Unresolvable destination (476/TM)', 'dns'],
  [500, 'getaddrinfo EAI_AGAIN carrier.example', 'dns'],
  [503, 'x', 'unreachable'],
  [503, 'cannot be reached over TCP (ETIMEDOUT)', 'unreachable'],
  [503, 'refuses TCP (ECONNREFUSED)', 'unreachable'],
  [477, 'Unfortunately error on sending to next hop occurred (477/SL)', 'unreachable'],
  [500, 'self-signed certificate', 'unreachable'],
  [403, 'SIP_ALLOW', 'blocked'],
  [401, 'x', 'authentication'],
  [403, 'No account for the challenge', 'authentication'],
  [500, 'unsupported digest', 'authentication'],
  [302, 'x', 'rejected'],
  [500, 'redirect to another host', 'rejected'],
  [500, 'No free RTP port', 'local'],
  [400, 'x', 'local'],
])("our edge's %i %s is %s", (status, phrase, failure) => {
  expect(failureOf(edgeResponse(status, phrase, { at: 1 }))).toBe(failure);
});

test.each([
  [486, undefined, 'busy'],
  [600, undefined, 'busy'],
  [480, undefined, 'no_answer'],
  [408, undefined, 'no_answer'],
  [603, undefined, 'no_answer'],
  [401, undefined, 'authentication'],
  [407, undefined, 'authentication'],
  [302, undefined, 'rejected'],
  [403, undefined, 'rejected'],
  [404, undefined, 'rejected'],
  [487, undefined, 'rejected'],
  [503, undefined, 'rejected'],
  [503, 17, 'busy'],
  [500, 19, 'no_answer'],
  [480, 1, 'rejected'],
  [480, 34, 'rejected'],
  [486, 34, 'rejected'],
  [480, 16, 'no_answer'],
  [486, 127, 'busy'],
  [403, 21, 'rejected'],
])("the provider's %i with cause %s is %s", (status, cause, failure) => {
  const headers = cause === undefined ? [] : [`Reason: Q.850;cause=${cause}`];
  expect(failureOf(response(status, '', { at: 1, headers }))).toBe(failure);
});

test.each([
  ['busy', 'busy', 'remote'],
  ['no_answer', 'no_answer', 'remote'],
  ['cancel', 'cancelled', 'local'],
  ['dialout', 'timeout', 'local'],
  ['failed', 'rejected', 'remote'],
  ['noanswer', 'no_answer', 'remote'],
  ['normal', 'no_answer', 'remote'],
  ['timeout', 'no_answer', 'local'],
  ['amd', 'no_answer', 'local'],
  ['something new', 'rejected', 'remote'],
])(
  'a Call that ended with %s, without an answer and without messages, is %s',
  (hangupReason, failure, by) => {
    const call = { id: '1', status: 'hangup', hangup_reason: hangupReason, hangup_by: by };
    expect(analyzeCall(call)).toMatchObject({ failure, hangupReason, hungUpBy: by, steps: [] });
  },
);

test.each(['normal', 'timeout', 'amd', 'noanswer', 'something new'])(
  'a Call that was answered and ended with %s is not a failure',
  (hangupReason) => {
    const call = { id: '1', status: 'hangup', hangup_reason: hangupReason };
    const { failure, verdict } = analyzeCall({ ...call, tm_progressing: '2026-04-21 23:15:00.000000' });
    expect({ failure, verdict }).toEqual({
      failure: 'none',
      verdict: expect.stringMatching(/^Answered.*nobody is at fault/),
    });
  },
);

test('a phone that rang was reached, even if the reason for the end is not known here', () => {
  const call = { id: '1', status: 'hangup', tm_ringing: '2026-04-21 23:15:00.000000' };
  expect(analyzeCall({ ...call, hangup_reason: 'something new' }).failure).toBe('no_answer');
  expect(analyzeCall({ ...call, hangup_reason: 'failed' }).failure).toBe('rejected');
});

test.each([
  ['busy', {}, 'busy', 'The phone is busy'],
  ['no_answer', {}, 'no_answer', 'The phone did not answer or declined'],
  ['noanswer', {}, 'no_answer', 'The phone did not answer or declined'],
  ['normal', {}, 'no_answer', 'The phone did not answer or declined'],
  [
    'dialout',
    { tm_ringing: '2026-04-21 23:15:01.000000' },
    'no_answer',
    'The phone did not answer before our dial timeout',
  ],
])('%s of the Call outweighs a capture without any response', (hangupReason, times, failure, verdict) => {
  const call = { id: '1', status: 'hangup', hangup_reason: hangupReason, ...times };
  const messages = [request('INVITE', { at: 0 })];
  const analysis = analyzeCall(call, { sip_messages: messages, rtcp_stats: null });
  expect(analysis.failure).toBe(failure);
  expect(analysis.verdict).toContain(`${verdict} (the capture is incomplete): `);
});

test.each([
  ['failed', 'rejected', 'The call failed and the capture is incomplete, so it is not known'],
  ['cancel', 'cancelled', 'We cancelled while it rang (the capture is incomplete): '],
])(
  'the provider of a phone that rang is not down, though no response was captured and the Call ended with %s',
  (hangupReason, failure, verdict) => {
    const call = { id: '1', status: 'hangup', hangup_reason: hangupReason };
    const messages = [request('INVITE', { at: 0 })];
    const analysis = analyzeCall(
      { ...call, tm_ringing: '2026-04-21 23:15:01.000000' },
      { sip_messages: messages, rtcp_stats: null },
    );
    expect(analysis.failure).toBe(failure);
    expect(analysis.verdict).toContain(verdict);
  },
);

test('a capture that stops while the phone rings is called incomplete', () => {
  const call = { id: '1', status: 'hangup', hangup_reason: 'noanswer', hangup_by: 'remote' };
  const messages = [request('INVITE', { at: 0 }), response(180, 'Ringing', { at: 1_000 })];
  const { failure, verdict } = analyzeCall(call, { sip_messages: messages, rtcp_stats: null });
  expect(failure).toBe('no_answer');
  expect(verdict).toContain('The phone did not answer or declined (the capture is incomplete): ');
});

test('a reason that is not known here is quoted', () => {
  const { verdict } = analyzeCall({ id: '1', status: 'hangup', hangup_reason: 'something new' });
  expect(verdict).toMatch(
    /^The call ended with "something new" and no messages were captured, so it is not known/,
  );
});

test('a dial timeout after ringing is the far end not answering', () => {
  const call = {
    id: '1',
    status: 'hangup',
    hangup_reason: 'dialout',
    tm_ringing: '2026-04-21 23:15:00.000000',
  };
  expect(analyzeCall(call).failure).toBe('no_answer');
});
