import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  analyzeCall,
  type Call,
  type CallAnalysis,
  FAILURES,
  ladderText,
  pcapOf,
  providerStatistics,
  type SipMessage,
  worstFailure,
} from '../src/index.ts';
import { SCENARIOS } from './scenarios.ts';

const REAL = Object.values(SCENARIOS).flatMap(({ messages }) => messages);
const STATES = ['unknown', 'dialing', 'ringing', 'progressing', 'terminating', 'canceling', 'hangup'];

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('', 'carrier.example', '127.0.0.1', '192.0.2.10', '999.1.1.1', '::1%lo', '[::1]'),
);
const port = fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.constantFrom(5060, Number.NaN, 0.5, 1e300));
const timestamp = fc.oneof(
  fc.constantFrom('', 'never', '9999-12-31T23:59:59.999999Z', '0000-01-01 00:00:00', '2026-13-45T99:00:00Z'),
  fc.integer({ min: 0, max: 4e12 }).map((time) => new Date(time).toISOString()),
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string());
const word = fc.constantFrom(
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'SIP/2.0', '200', '180', '486', '407', ' ', '\r\n', '\n', '\r\n\r\n'],
  ...[
    'Via: SIP/2.0/UDP h;branch=z9hG4bK1',
    'CSeq: 1 INVITE',
    'CSeq: 99999999999999999999 X',
    'Call-ID: x',
    'v=0',
  ],
  ...[
    'From: <sip:a@b>;tag=1',
    'To: "a;tag=9"<sip:b@c>;tag=2',
    'Reason: Q.850;cause=17;text="',
    'Warning: 399 x "y',
  ],
  ...[
    'c=IN IP4 10.0.0.1',
    'm=audio 0 RTP/AVP 0',
    'a=sendonly',
    '"',
    '\\',
    ',',
    ';',
    '=',
    '\u0000',
    '\u202e',
    '\ud800',
  ],
);
const raw = fc.oneof(
  text,
  fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
);
const anyMessage: fc.Arbitrary<SipMessage> = fc.record({
  timestamp,
  method: fc.oneof(text, fc.constantFrom('INVITE', '180', '486', '999')),
  src_ip: address,
  src_port: port,
  dst_ip: address,
  dst_port: port,
  raw,
});

/** A message of a real call with some of its text replaced, removed or cut. */
const mutated = fc
  .record({
    message: fc.constantFrom(...REAL),
    at: fc.nat(900),
    drop: fc.nat(30),
    insert: raw,
    cut: fc.option(fc.nat(900)),
  })
  .map(({ message, at, drop, insert, cut }) => {
    const changed = message.raw.slice(0, at) + insert + message.raw.slice(at + drop);
    return { ...message, raw: cut === null ? changed : changed.slice(0, cut) };
  });
const messages = fc.array(fc.oneof(fc.constantFrom(...REAL), mutated, anyMessage), { maxLength: 30 });
const call = fc.record(
  {
    id: fc.string(),
    status: fc.oneof(fc.constantFrom(...STATES), fc.string()),
    hangup_by: fc.constantFrom('local', 'remote', '', 'nobody'),
    hangup_reason: fc.constantFrom(
      'normal',
      'failed',
      'busy',
      'cancel',
      'timeout',
      'no_answer',
      'dialout',
      '',
      'x',
    ),
    tm_create: fc.oneof(timestamp, fc.constant(null)),
    tm_ringing: fc.oneof(timestamp, fc.constant(null)),
    tm_progressing: fc.oneof(timestamp, fc.constant(null)),
    tm_hangup: fc.oneof(timestamp, fc.constant(null)),
  },
  { requiredKeys: ['id'] },
);
const rtcp = fc.option(
  fc.record(
    { rtp_packets: fc.double(), packet_loss_pct: fc.double(), mos: fc.double() },
    { requiredKeys: [] },
  ),
);

function expectSound(analysis: CallAnalysis, count: number): void {
  expect(STATES).toContain(analysis.state);
  expect(FAILURES).toContain(analysis.failure);
  expect(analysis.verdict).toMatch(/^\P{Cc}+\.$/u);
  for (const duration of [analysis.postDialDelayMs, analysis.ringMs, analysis.talkMs]) {
    if (duration !== undefined) expect(duration).toBeGreaterThanOrEqual(0);
  }
  if (analysis.sipStatus !== undefined) {
    expect(analysis.sipStatus).toBeGreaterThanOrEqual(100);
    expect(analysis.sipStatus).toBeLessThan(700);
  }
  const shown = analysis.steps.reduce((sum, { retransmissions }) => sum + 1 + retransmissions, 0);
  expect(shown).toBe(count);
  expect(Object.values(analysis)).not.toContain(undefined);
}

test('any call with any list of messages has an outcome, a ladder that shows every message, and a capture', () => {
  fc.assert(
    fc.property(call, messages, rtcp, (anyCall, list, stats) => {
      const analysis = analyzeCall(anyCall, { sip_messages: list, rtcp_stats: stats });
      expectSound(analysis, list.length);
      const ladder = ladderText(analysis, { width: 80 });
      expect(ladder).toMatch(/^[^\p{Cc}\p{Cf}]*$/mu);
      for (const { cseq } of analysis.steps)
        if (cseq !== undefined && /^[\w ]+$/.test(cseq)) expect(ladder).toContain(`(${cseq})`);
      expect(pcapOf(list).byteLength).toBeGreaterThanOrEqual(24 + list.length * (16 + 28));
      worstFailure([analysis]);
    }),
    { seed: 3136, numRuns: 1_500 },
  );
});

const CALL_FIELDS = [
  'status',
  'hangup_by',
  'hangup_reason',
  'tm_create',
  'tm_ringing',
  'tm_progressing',
  'tm_hangup',
];
const MESSAGE_FIELDS = Object.keys(REAL[0] ?? {});
const anything = fc.oneof(fc.anything(), fc.constant({ toString: 1, valueOf: 1 }));
/** A message of a real call with one field of another type. */
const withWrongField = fc
  .tuple(fc.constantFrom(...REAL), fc.constantFrom(...MESSAGE_FIELDS), anything)
  .map(([message, field, value]) => ({ ...message, [field]: value }));

test('fields of the wrong type are read as missing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...CALL_FIELDS), anything),
      fc.array(fc.oneof(fc.dictionary(fc.constantFrom(...MESSAGE_FIELDS), anything), withWrongField)),
      (fields, list) => {
        const parsed: { call: Call; sip_messages: SipMessage[] } = JSON.parse(
          JSON.stringify({ call: { id: '1', ...fields }, sip_messages: list }),
        );
        const analysis = analyzeCall(parsed.call, { sip_messages: parsed.sip_messages, rtcp_stats: null });
        expectSound(analysis, list.length);
        ladderText(analysis);
        pcapOf(parsed.sip_messages);
      },
    ),
    { seed: 7061, numRuns: 300, examples: [[{}, [{ dst_ip: 'valueOf' }]]] },
  );
});

test('a header of any length is read', () => {
  const name = fc.constantFrom(
    'Reason',
    'Warning',
    'Contact',
    'Via',
    'To',
    'CSeq',
    'WWW-Authenticate',
    'X-A',
  );
  const part = fc.constantFrom(
    ...[',', ';', '"', '\\', ' ', '=', 'Q.850', 'Q.850;cause=17,', '399 x "y",', 'realm="'],
  );
  fc.assert(
    fc.property(fc.nat(REAL.length - 1), name, part, fc.nat(200_000), (index, header, repeated, count) => {
      const list = REAL.slice(index, index + 1).map((message) => ({
        ...message,
        raw: message.raw.replace('\r\n', `\r\n${header}: ${repeated.repeat(count)}\r\n`),
      }));
      const analysis = analyzeCall({ id: '1' }, { sip_messages: list, rtcp_stats: null });
      expectSound(analysis, 1);
      ladderText(analysis);
    }),
    { seed: 5128, numRuns: 30, examples: [[0, 'Reason', ',', 200_000]] },
  );
});

test('the order in which messages with different times are listed changes nothing', () => {
  const calls = Object.values(SCENARIOS).map((scenario) => scenario.messages);
  fc.assert(
    fc.property(
      fc
        .constantFrom(...calls)
        .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        const summaryOf = (sip_messages: SipMessage[]) => {
          const { steps, ...outcome } = analyzeCall({ id: '1' }, { sip_messages, rtcp_stats: null });
          return { outcome, steps: steps.map(({ message: _, ...step }) => step) };
        };
        expect(summaryOf(shuffled)).toEqual(summaryOf(list));
      },
    ),
    { seed: 8766, numRuns: 300 },
  );
});

test('a message captured twice is counted, and changes no status, failure or delay', () => {
  for (const [name, { call: fields = {}, messages: list }] of Object.entries(SCENARIOS)) {
    const outcome = (sip_messages: SipMessage[]) => {
      const {
        steps: _,
        verdict: __,
        ...rest
      } = analyzeCall({ id: '1', ...fields }, { sip_messages, rtcp_stats: null });
      return rest;
    };
    expect(outcome(list.flatMap((message) => [message, message])), name).toEqual(outcome(list));
  }
});

test('statistics over any calls are bounded and consistent', () => {
  const analyses = fc.array(
    fc
      .tuple(call, messages)
      .map(([anyCall, list]) => analyzeCall(anyCall, { sip_messages: list, rtcp_stats: null })),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(analyses, (list) => {
      const statistics = providerStatistics(list);
      expect(statistics.attempts + statistics.excluded).toBe(list.length);
      for (const { successes, total, value, lower, upper } of [statistics.asr, statistics.ner]) {
        expect(total).toBeLessThanOrEqual(statistics.attempts);
        expect(successes).toBeLessThanOrEqual(total);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThanOrEqual(1);
        if (value !== undefined) {
          expect(value).toBeGreaterThanOrEqual(lower);
          expect(value).toBeLessThanOrEqual(upper);
        }
      }
      const { postDialDelayP50: p50, postDialDelayP95: p95, meanTalkTime, sipStatusCounts } = statistics;
      expect(p50.sampleSize).toBe(p95.sampleSize);
      if (p50.value !== undefined && p95.value !== undefined)
        expect(p50.value).toBeLessThanOrEqual(p95.value);
      expect(p50.value === undefined).toBe(p50.sampleSize === 0);
      expect(meanTalkTime.value === undefined).toBe(meanTalkTime.sampleSize === 0);
      const counted = Object.values(sipStatusCounts.counts).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(sipStatusCounts.sampleSize);
    }),
    { seed: 2073, numRuns: 200 },
  );
});
