import { CallCapture } from '@provider-call/sip/call-capture';
import type { RtpStatistics } from '@provider-call/sip/user-agent';
import { describe, expect, test } from 'vitest';
import { analysisOf } from '../../src/records/timeline.ts';
import { createVirtualClock } from '../../src/virtual-clock.ts';
import { BEGINNING } from '../platform-under-test.ts';

const LOCAL = { address: '192.0.2.10', port: 5060 };
const CARRIER = { address: '198.51.100.20', port: 5070 };
function bytesOf(text: string) {
  return new TextEncoder().encode(text);
}

/** A capture with one message that the carrier sent. */
function captureOf(text: string, extra: { understood?: false; why?: string } = {}) {
  const clock = createVirtualClock(BEGINNING + 0.25);
  const capture = new CallCapture(clock);
  const bytes = bytesOf(text);
  capture.message({ transport: 'udp', source: CARRIER, destination: LOCAL, bytes, ...extra });
  return { capture, clock };
}

const NOTHING_COUNTED: RtpStatistics = {
  sent: { packets: 0, bytes: 0 },
  received: { packets: 0, bytes: 0, errors: 0 },
  rtcp: { sent: { packets: 0, bytes: 0 }, received: { packets: 0, bytes: 0, errors: 0 } },
};

test('an empty capture is not an analysis', () => {
  expect(analysisOf(new CallCapture(createVirtualClock(BEGINNING)), undefined)).toBeUndefined();
});

test('a message has the time, addresses and text of the wire', () => {
  const { capture, clock } = captureOf('SIP/2.0 486 Busy Here\r\n\r\n');
  clock.advanceTo(BEGINNING + 1.5);
  capture.note('remark');
  expect(analysisOf(capture, undefined)).toEqual({
    sip_messages: [
      {
        timestamp: '2026-04-21T23:15:00.000250Z',
        method: '486',
        src_ip: '198.51.100.20',
        src_port: 5070,
        dst_ip: '192.0.2.10',
        dst_port: 5060,
        raw: 'SIP/2.0 486 Busy Here\r\n\r\n',
      },
    ],
    rtcp_stats: null,
    notes: [{ timestamp: '2026-04-21T23:15:00.001500Z', text: 'remark' }],
  });
});

test.each([
  ['INVITE sip:a@b SIP/2.0\r\n', 'INVITE'],
  ['SIP/2.0 180 Ringing\r\n', '180'],
  ['sip/2.0 200\r\n', '200'],
  ['\r\n\r\nBYE sip:a@b SIP/2.0\r\n', 'BYE'],
  ['garbage', 'garbage'],
  ['x'.repeat(5_000), 'x'.repeat(32)],
])('the method of %j is %s', (text, method) => {
  expect(analysisOf(captureOf(text).capture, undefined)?.sip_messages[0]?.method).toBe(method);
});

test('the reason why a message was not understood is a note', () => {
  const { capture } = captureOf('SIP/2.0 \xff', { understood: false, why: 'not understood: no status' });
  expect(analysisOf(capture, undefined)?.notes).toEqual([
    { timestamp: '2026-04-21T23:15:00.000250Z', text: 'not understood: no status' },
  ]);
});

test('an analysis of hostile size fits a DynamoDB item', () => {
  const { capture } = captureOf('BYE');
  for (let count = 0; count < 500; count += 1) {
    capture.note('€'.repeat(400));
    const bytes = bytesOf(`${'X'.repeat(200)} sip:a SIP/2.0\r\n${'y'.repeat(1_200)}`);
    const why = `not understood: ${'€'.repeat(400)}`;
    capture.message({ transport: 'udp', source: CARRIER, destination: LOCAL, bytes, understood: false, why });
  }
  expect(Buffer.byteLength(JSON.stringify(analysisOf(capture, undefined)))).toBeLessThan(400 * 1024);
});

describe('the counters of the media', () => {
  const countersFor = (statistics: RtpStatistics) =>
    analysisOf(captureOf('BYE').capture, statistics)?.rtcp_stats;

  test('are null when nothing was sent or received', () => {
    expect(countersFor(NOTHING_COUNTED)).toBeNull();
  });

  test('count both directions, together and separately', () => {
    expect(
      countersFor({
        sent: { packets: 100, bytes: 17_200 },
        received: { packets: 95, bytes: 16_340, lost: 5, lostPercent: 5, jitterMs: 1.5, errors: 2 },
        rtcp: {
          sent: { packets: 1, bytes: 60 },
          received: { packets: 2, bytes: 120, errors: 1 },
          roundTripMs: 12.3456,
        },
      }),
    ).toEqual({
      jitter: 1.5,
      packet_loss_pct: 5,
      rtt: 12_346,
      rtp_packets: 195,
      rtp_bytes: 33_540,
      rtp_errors: 2,
      rtcp_packets: 3,
      rtcp_bytes: 180,
      rtcp_errors: 1,
      rtp_packets_sent: 100,
      rtp_packets_received: 95,
      rtp_bytes_sent: 17_200,
      rtp_bytes_received: 16_340,
    });
  });

  test('omit what was not measured', () => {
    const counters = JSON.parse(
      JSON.stringify(countersFor({ ...NOTHING_COUNTED, sent: { packets: 1, bytes: 172 } })),
    );
    expect(Object.keys(counters).toSorted()).toEqual(
      [
        ...['rtcp_bytes', 'rtcp_errors', 'rtcp_packets', 'rtp_bytes', 'rtp_bytes_received', 'rtp_bytes_sent'],
        ...['rtp_errors', 'rtp_packets', 'rtp_packets_received', 'rtp_packets_sent'],
      ].toSorted(),
    );
  });
});
