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
  ['normal', 'none', 'local'],
  ['timeout', 'none', 'local'],
  ['something new', 'rejected', 'remote'],
])('a Call that ended with %s and without messages is %s', (hangupReason, failure, by) => {
  const call = { id: '1', status: 'hangup', hangup_reason: hangupReason, hangup_by: by };
  expect(analyzeCall(call)).toMatchObject({ failure, hangupReason, hungUpBy: by, steps: [] });
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
