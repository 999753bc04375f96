import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSenderReport, parseRtcp, roundTripMsOf } from '../src/rtcp.ts';
import { ReceivedStream } from '../src/rtp-statistics.ts';

const NOW = Date.UTC(2026, 3, 21, 23, 15) + 250;

/** Returns the middle of a time as NTP writes it: sixteen bits of seconds since 1900, and sixteen of their fraction. */
function ntpMiddleOf(ms: number): number {
  return Math.floor((ms / 1_000 + 2_208_988_800) * 65_536) % 2 ** 32;
}

test('a sender report has the layout of RFC 3550 §6.4.1 and §6.5', () => {
  const stream = new ReceivedStream(0x01020304, 100, 8_000);
  for (const sequence of [100, 101, 103]) stream.add(sequence, undefined, 0);
  const report = formatSenderReport({
    ssrc: 0x0a0b0c0d,
    cname: 'us',
    nowMs: NOW,
    rtpTimestamp: 5,
    packets: 6,
    payloadBytes: 7,
    received: { stream, lastSenderReport: 8, delay: 9 },
  });
  const seconds = (Math.floor(NOW / 1_000) + 2_208_988_800).toString(16);
  expect(report.toString('hex')).toBe(
    [
      '81c8000c0a0b0c0d',
      `${seconds}40000000`,
      '000000050000000600000007',
      // One of four lost: fraction 64/256, number 1, highest sequence 103, no jitter.
      '010203044000000100000067000000000000000800000009',
      // SDES: CNAME "us", padded.
      '81ca00030a0b0c0d0102757300000000',
    ].join(''),
  );
});

test('the reports in a compound packet are read', () => {
  const stream = new ReceivedStream(1, 1, 8_000);
  stream.add(1, undefined, 0);
  const packet = formatSenderReport({
    ssrc: 2,
    cname: 'them',
    nowMs: NOW,
    rtpTimestamp: 0,
    packets: 0,
    payloadBytes: 0,
    received: { stream, lastSenderReport: 77, delay: 88 },
  });
  expect(parseRtcp(packet)).toEqual({
    senderNtpMiddle: ntpMiddleOf(NOW),
    blocks: [{ ssrc: 1, lastSenderReport: 77, delay: 88 }],
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('hello world!')],
  ['a length beyond the packet', Buffer.from([0x80, 200, 0, 9, 0, 0, 0, 1])],
  ['a packet that begins with a description', Buffer.from([0x80, 202, 0, 1, 0, 0, 0, 1])],
])('%s is not a report', (_what, packet) => {
  expect(parseRtcp(packet)?.blocks ?? []).toEqual([]);
});

test('any bytes are read or rejected without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      if (bytes.length > 1) bytes.set([0x80, 200], 0);
      parseRtcp(Buffer.from(bytes));
    }),
    { seed: 3550, numRuns: 2_000 },
  );
});

test.each([
  [
    'the time since our report less the delay',
    { lastSenderReport: ntpMiddleOf(NOW - 150), delay: 6_554 },
    50,
  ],
  ['unknown without a report of ours', { lastSenderReport: 0, delay: 0 }, undefined],
  ['unknown when it would be negative', { lastSenderReport: ntpMiddleOf(NOW + 1_000), delay: 0 }, undefined],
])('the round trip is %s', (_what, block, expected) => {
  const ms = roundTripMsOf({ ssrc: 1, ...block }, NOW);
  if (expected === undefined) expect(ms).toBeUndefined();
  else expect(ms).toBeCloseTo(expected, 0);
});
