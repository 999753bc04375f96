import type { ReceivedStream } from './rtp-statistics.ts';

/** What a far end reported about our stream, in units of 1/65536 s (RFC 3550 §6.4.1). */
export type ReportBlock = { ssrc: number; lastSenderReport: number; delay: number };

/** The parts of an RTCP packet that we use. */
export type RtcpReport = { senderNtpMiddle: number | undefined; blocks: ReportBlock[] };

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const BLOCK_BYTES = 24;
// Seconds from 1900 to 1970.
const NTP_EPOCH_SECONDS = 2_208_988_800;

/** Returns a sender report with one report block, if a stream is received, and our CNAME (RFC 3550 §6.4.1, §6.5). */
export function formatSenderReport(report: {
  ssrc: number;
  cname: string;
  nowMs: number;
  rtpTimestamp: number;
  packets: number;
  payloadBytes: number;
  received: { stream: ReceivedStream; lastSenderReport: number; delay: number } | undefined;
}): Buffer {
  const { nowMs, received, ssrc } = report;
  const blocks = received === undefined ? 0 : 1;
  const sender = Buffer.alloc(28 + blocks * BLOCK_BYTES);
  writeHeader(sender, SENDER_REPORT, blocks, ssrc);
  sender.writeUInt32BE(Math.floor(nowMs / 1_000 + NTP_EPOCH_SECONDS) >>> 0, 8);
  sender.writeUInt32BE(Math.floor(((nowMs % 1_000) / 1_000) * 2 ** 32) >>> 0, 12);
  sender.writeUInt32BE(report.rtpTimestamp >>> 0, 16);
  sender.writeUInt32BE(report.packets >>> 0, 20);
  sender.writeUInt32BE(report.payloadBytes >>> 0, 24);
  if (received !== undefined) {
    const { stream } = received;
    sender.writeUInt32BE(stream.ssrc, 28);
    sender.writeUInt32BE(lossField(stream), 32);
    sender.writeUInt32BE(stream.extendedMaxSequence >>> 0, 36);
    sender.writeUInt32BE(Math.floor(stream.jitter) >>> 0, 40);
    sender.writeUInt32BE(received.lastSenderReport, 44);
    sender.writeUInt32BE(received.delay >>> 0, 48);
  }
  const cname = Buffer.from(report.cname);
  // Chunk: SSRC, item, terminating zero, padded to four bytes.
  const description = Buffer.alloc(4 + Math.ceil((4 + 2 + cname.length + 1) / 4) * 4);
  writeHeader(description, SOURCE_DESCRIPTION, 1, ssrc);
  description.writeUInt8(1, 8);
  description.writeUInt8(cname.length, 9);
  cname.copy(description, 10);
  return Buffer.concat([sender, description]);
}

/** Parses a compound packet; returns undefined if it is not RTCP. Never throws. */
export function parseRtcp(packet: Buffer): RtcpReport | undefined {
  const report: RtcpReport = { senderNtpMiddle: undefined, blocks: [] };
  for (let at = 0; at < packet.length; ) {
    if (packet.length - at < 8 || packet.readUInt8(at) >> 6 !== 2) return at === 0 ? undefined : report;
    const type = packet.readUInt8(at + 1);
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (end > packet.length || (at === 0 && type !== SENDER_REPORT && type !== RECEIVER_REPORT))
      return undefined;
    if (type === SENDER_REPORT && end - at >= 28) {
      report.senderNtpMiddle = ntpMiddle(packet.readUInt32BE(at + 8), packet.readUInt32BE(at + 12));
    }
    if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
      const first = at + (type === SENDER_REPORT ? 28 : 8);
      for (let block = first; block + BLOCK_BYTES <= end; block += BLOCK_BYTES) {
        report.blocks.push({
          ssrc: packet.readUInt32BE(block),
          lastSenderReport: packet.readUInt32BE(block + 16),
          delay: packet.readUInt32BE(block + 20),
        });
      }
    }
    at = end;
  }
  return report;
}

/** Returns the middle 32 bits of an NTP timestamp: seconds and fraction, 16 bits each. */
function ntpMiddleOf(ms: number): number {
  return ntpMiddle(
    Math.floor(ms / 1_000 + NTP_EPOCH_SECONDS) >>> 0,
    Math.floor(((ms % 1_000) / 1_000) * 2 ** 32) >>> 0,
  );
}

/**
 * Returns the round-trip time from a report block received at `nowMs` (RFC 3550 §6.4.1), or undefined if it does not
 * refer to a report of ours.
 */
export function roundTripMsOf({ delay, lastSenderReport }: ReportBlock, nowMs: number): number | undefined {
  if (lastSenderReport === 0) return undefined;
  const units = (ntpMiddleOf(nowMs) - lastSenderReport - delay) | 0;
  return units < 0 ? undefined : (units * 1_000) / 65_536;
}

function ntpMiddle(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

function writeHeader(packet: Buffer, type: number, count: number, ssrc: number): void {
  packet.writeUInt8(0x80 | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
}

/** Returns the fraction lost, here since the beginning, in 8 bits, and the number lost in 24 bits. */
function lossField({ expected, lost }: ReceivedStream): number {
  const bounded = Math.max(0, Math.min(lost, 0x7fffff));
  const fraction = expected > 0 ? Math.min(255, Math.floor((bounded * 256) / expected)) : 0;
  return ((fraction << 24) | bounded) >>> 0;
}
