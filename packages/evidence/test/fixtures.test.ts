import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { analyzeCall, ladderText, pcapOf, type SipMessage } from '../src/index.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
type Fixture = { end: { by: string; reason: string }; sip_messages: SipMessage[] };

function read(name: string): Fixture {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
}

/** What was recorded with kamailio and baresip, or written by hand after what carriers send: the Call says only status, by and reason, as the platform's does. */
test.each([
  ['answered-hung-up-by-them', 'none', 200, 'too soon for a person'],
  ['answered-hung-up-by-us', 'none', 200, 'nobody is at fault, the provider works'],
  ['by-hand-503-no-circuit', 'rejected', 503, 'no circuit is free there, so the provider is at fault'],
  ['busy-486', 'busy', 486, 'the phone is busy'],
  ['cancelled-by-us', 'cancelled', 487, 'of ringing: nobody is at fault'],
  ['challenged-407-answered', 'none', 200, 'nobody is at fault, the provider works'],
  [
    'challenged-407-without-account',
    'authentication',
    407,
    'it asks for a user name and password for realm "carrier"',
  ],
  [
    'challenged-407-wrong-password',
    'authentication',
    407,
    'the user name or password stored for the provider is wrong',
  ],
  ['declined-by-the-phone', 'busy', 486, 'the called party declined'],
  ['early-media-183-no-answer', 'no_answer', 487, 'the phone rang unanswered until our dial timeout'],
  ['early-media-183-then-answered', 'none', 200, 'nobody is at fault, the provider works'],
  ['forbidden-403', 'rejected', 403, 'the source is probably not on its allow list; try one it knows'],
  ['no-answer-dial-timeout', 'no_answer', 487, 'the phone rang unanswered until our dial timeout'],
  ['provider-name-unknown', 'dns', 478, "the provider's hostname cannot be resolved"],
  ['provider-not-allowed', 'blocked', 403, 'we did not send the call'],
  ['provider-port-closed', 'unreachable', 503, 'nothing listens at'],
])('the call of %s is reported as %s', (name, failure, sipStatus, verdict) => {
  const { end, sip_messages } = read(`${name}.json`);
  const call = { id: '1', status: 'hangup', hangup_by: end.by, hangup_reason: end.reason };
  const analysis = analyzeCall(call, { sip_messages, rtcp_stats: null });
  expect(analysis).toMatchObject({ state: 'hangup', failure, sipStatus, hangupReason: end.reason });
  expect(analysis.verdict.toLowerCase()).toContain(verdict.toLowerCase());
  // Without the Call, only our dial timeout and our cancel cannot be told apart.
  const alone = analyzeCall({ id: '1' }, { sip_messages, rtcp_stats: null });
  expect(alone.failure).toBe(failure === 'no_answer' ? 'cancelled' : failure);
  expect(ladderText(analysis).split('\n').length).toBeGreaterThan(sip_messages.length);
  expect(pcapOf(sip_messages).byteLength).toBeGreaterThan(24);
});

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

test.each(names)('the analysis of %s agrees with how the call ended', (name) => {
  const { end, sip_messages } = read(name);
  const call = { id: '1', status: 'hangup', hangup_by: end.by, hangup_reason: end.reason };
  const { failure, hungUpBy, verdict } = analyzeCall(call, { sip_messages, rtcp_stats: null });
  expect(FAILURES_OF[end.reason]).toContain(failure);
  expect(hungUpBy).toBe(end.by);
  expect(verdict).not.toContain('cannot be determined');
});

const FAILURES_OF: Record<string, string[]> = {
  normal: ['none'],
  timeout: ['none'],
  busy: ['busy'],
  no_answer: ['no_answer'],
  cancel: ['cancelled'],
  dialout: ['no_answer', 'timeout'],
  failed: ['rejected', 'authentication', 'unreachable', 'dns', 'timeout', 'blocked', 'local'],
};
