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

/** A packet of a compound one: usually a report whose length is that of what follows. */
const PACKET = fc
  .record({
    firstByte: fc.oneof({ weight: 19, arbitrary: fc.constantFrom(0x80, 0x81) }, fc.nat(0xff)),
    type: fc.oneof({ weight: 19, arbitrary: fc.constantFrom(200, 201) }, fc.constant(202), fc.nat(0xff)),
    body: fc.uint8Array({ minLength: 28, maxLength: 96 }),
    length: fc.oneof({ weight: 19, arbitrary: fc.constant('that of the body') }, fc.nat(24), fc.nat(0xffff)),
  })
  .map(({ body, firstByte, length, type }) => {
    const packet = Buffer.alloc(4 + Math.ceil(body.length / 4) * 4);
    packet.set(body, 4);
    packet.writeUInt8(firstByte, 0);
    packet.writeUInt8(type, 1);
    packet.writeUInt16BE(typeof length === 'number' ? length : packet.length / 4 - 1, 2);
    return packet;
  });
const COMPOUND = fc.array(PACKET, { minLength: 1, maxLength: 3 }).map((packets) => Buffer.concat(packets));

function isWord(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

test('any bytes are read as 32-bit numbers or rejected without an exception', () => {
  let withBlocks = 0;
  const bytes = fc.oneof(
    { weight: 9, arbitrary: COMPOUND },
    fc.uint8Array({ maxLength: 96 }).map((any) => Buffer.from(any)),
  );
  fc.assert(
    fc.property(bytes, (packet) => {
      const report = parseRtcp(packet);
      if (report === undefined) return;
      if (report.blocks.length > 0) withBlocks += 1;
      expect(report.blocks.length).toBeLessThanOrEqual(packet.length / 24);
      const words = [report.senderNtpMiddle ?? 0, ...report.blocks.flatMap((block) => Object.values(block))];
      expect(words.filter((word) => !isWord(word))).toEqual([]);
    }),
    { seed: 3550, numRuns: 2_000 },
  );
  expect(withBlocks).toBeGreaterThan(1_000);
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
