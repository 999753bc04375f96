import { expect, test } from 'vitest';
import { analyzeCall } from '../src/index.ts';
import { scenario } from './scenarios.ts';
import { providerRequest, request, response } from './sip-messages.ts';

function analyze(call: object, messages = scenario('answered, ended by us').messages) {
  return analyzeCall({ id: '1', ...call }, { sip_messages: messages, rtcp_stats: null });
}

test.each([
  ['dialing', 1, 'dialing'],
  ['ringing', 3, 'ringing'],
  ['dialing', 4, 'progressing'],
  ['progressing', 5, 'progressing'],
  ['progressing', 7, 'hangup'],
  ['terminating', 5, 'terminating'],
  ['canceling', 3, 'canceling'],
  ['hangup', 3, 'hangup'],
  [undefined, 1, 'dialing'],
  [undefined, 3, 'ringing'],
  [undefined, 5, 'progressing'],
  ['a status of tomorrow', 5, 'progressing'],
])('a Call with status %s and %i messages is %s: whatever is further on', (status, count, state) => {
  expect(analyze({ status }, scenario('answered, ended by us').messages.slice(0, count)).state).toBe(state);
});

test('a failed attempt does not end a Call that is still dialling', () => {
  const { state, failure } = analyze({ status: 'dialing' }, scenario('server error').messages);
  expect({ state, failure }).toEqual({ state: 'dialing', failure: 'none' });
});

test('an answer that was not captured is taken from the Call', () => {
  const messages = scenario('answered, ended by us').messages.slice(0, 3);
  const call = { status: 'hangup', hangup_reason: 'normal', hangup_by: 'remote' };
  const times = { tm_progressing: '2026-04-21 23:15:05.000000', tm_hangup: '2026-04-21 23:15:15.000000' };
  const { steps: _, verdict: __, ...analysis } = analyze({ ...call, ...times }, messages);
  expect(analysis).toEqual({
    state: 'hangup',
    hangupReason: 'normal',
    hungUpBy: 'remote',
    failure: 'none',
    postDialDelayMs: 1_800,
    talkMs: 10_000,
  });
});

test('the sentinel of the year 9999 is not a time', () => {
  const never = '9999-01-01 00:00:00.000000';
  expect(analyzeCall({ id: '1', tm_hangup: never, tm_progressing: never }).state).toBe('unknown');
});

test.each([
  ['a BYE of the provider', [providerRequest('BYE', { at: 9_000 })], 'remote'],
  ['a rejection by the provider', [response(503, 'x', { at: 9_000 })], 'remote'],
])('%s reveals who hung up when the Call is missing', (_, end, by) => {
  const start = scenario('answered, ended by us').messages.slice(
    0,
    by === 'remote' && end[0]?.method === 'BYE' ? 5 : 2,
  );
  expect(analyze({}, [...start, ...end]).hungUpBy).toBe(by);
});

test('notes and transports may be missing, and an analysis without messages is treated as absent', () => {
  const call = { id: '1', status: 'hangup', hangup_reason: 'busy', hangup_by: 'remote' };
  expect(analyzeCall(call, { sip_messages: [], rtcp_stats: null })).toEqual(analyzeCall(call));
  expect(analyzeCall(call, null)).toEqual(analyzeCall(call));
});

test("our edge's response is the call's, though only the leg behind the edge has it", () => {
  const server = '10.0.0.5:5060';
  const inner = 'z9hG4bKinner';
  const messages = [
    request('INVITE', { at: 0, from: server, to: '192.0.2.10:5060', branch: inner }),
    request('INVITE', { at: 1 }),
    response(408, 'Request Timeout', { at: 30_000, from: '192.0.2.10:5060', to: server, branch: inner }),
  ];
  const { sipStatus, failure, verdict } = analyze({}, messages);
  expect({ sipStatus, failure }).toEqual({ sipStatus: 408, failure: 'timeout' });
  expect(verdict).toContain('no response to the INVITE at 203.0.113.5:5060'.slice(1));
});
