import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatSenderReport } from '../src/rtcp.ts';
import { RtpSession, RtpTicker } from '../src/rtp-session.ts';
import type { RemoteAudio } from '../src/session-description.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

let clock: ManualClock;
let ticker: RtpTicker;
let session: RtpSession;
const sockets: Socket[] = [];

function open() {
  return RtpSession.open({ clock, ticker, address: '127.0.0.1', allows: () => true });
}

beforeEach(async () => {
  clock = createManualClock();
  ticker = new RtpTicker();
  session = await open();
});

afterEach(() => {
  session.close();
  for (const socket of sockets.splice(0)) socket.close();
});

async function listen(
  port = 0,
): Promise<{ socket: Socket; port: number; heard: Buffer[]; next(): Promise<void> }> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  sockets.push(socket);
  const heard: Buffer[] = [];
  socket.on('message', (packet) => heard.push(packet));
  return {
    socket,
    port: socket.address().port,
    heard,
    next: async () => void (await once(socket, 'message')),
  };
}

function remote(port: number, over: Partial<RemoteAudio> = {}): RemoteAudio {
  return {
    address: '127.0.0.1',
    port,
    payloadType: 0,
    clockRate: 8_000,
    codec: 'PCMU',
    direction: 'sendrecv',
    ...over,
  };
}

/** An RTP packet of PCMU. */
function rtp(sequence: number, timestamp: number, { ssrc = 7, payloadType = 0 } = {}): Buffer {
  const packet = Buffer.alloc(172);
  packet[0] = 0x80;
  packet[1] = payloadType;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** Sends packets one at a time, `gapMs` apart by the session's clock. */
async function send(packets: Buffer[], gapMs = 20): Promise<void> {
  const { socket } = await listen();
  for (const packet of packets) {
    const before = counted();
    socket.send(packet, session.port, '127.0.0.1');
    await expect.poll(counted, { interval: 1 }).toBe(before + 1);
    clock.advance(gapMs);
  }
}

function counted() {
  const { received } = session.statistics();
  return received.packets + received.errors;
}

describe('an RTP session', () => {
  test.each([
    [0, 0xff],
    [8, 0xd5],
  ])('sends silence of payload type %i with consecutive sequence numbers', async (payloadType, sample) => {
    const { heard, next, port } = await listen();
    expect(session.negotiated(remote(port, { payloadType }))).toBe(true);
    await next();
    await next();
    const [first, second] = heard;
    if (first === undefined || second === undefined) throw new Error('nothing was heard');
    expect([first[0], first[1], second[1]]).toEqual([0x80, 0x80 | payloadType, payloadType]);
    expect((second.readUInt16BE(2) - first.readUInt16BE(2)) & 0xffff).toBe(1);
    expect((second.readUInt32BE(4) - first.readUInt32BE(4)) >>> 0).toBe(160);
    expect(second.readUInt32BE(8)).toBe(first.readUInt32BE(8));
    expect(first.subarray(12)).toEqual(Buffer.alloc(160, sample));
    const { sent } = session.statistics();
    expect(sent.bytes).toBe(sent.packets * 172);
  });

  test('stops for one call and continues for the other', async () => {
    const other = await open();
    const [first, second] = [await listen(), await listen()];
    session.negotiated(remote(first.port));
    other.negotiated(remote(second.port));
    await first.next();
    session.pause();
    await second.next();
    const before = first.heard.length;
    await second.next();
    await second.next();
    expect(first.heard.length).toBe(before);
    other.close();
  });

  test.each([
    ['who does not listen', { direction: 'sendonly' as const }],
    ['who is on hold as of RFC 2543', { address: '0.0.0.0' }],
    ['in a codec that needs an encoder', { payloadType: 18 }],
  ])('sends nothing to a far end %s', async (_what, over) => {
    const { port } = await listen();
    expect(session.negotiated(remote(port, over))).toBe(false);
  });

  test('uses an even port and the next one', async () => {
    expect(session.port % 2).toBe(0);
    const { socket } = await listen();
    socket.send(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1]), session.port + 1, '127.0.0.1');
    await expect.poll(() => session.statistics().rtcp.received).toEqual({ packets: 1, bytes: 8, errors: 0 });
  });
});

describe('the statistics', () => {
  test('of a session without packets have neither loss nor jitter', () => {
    expect(session.statistics()).toEqual({
      sent: { packets: 0, bytes: 0 },
      received: { packets: 0, bytes: 0, errors: 0 },
      rtcp: { sent: { packets: 0, bytes: 0 }, received: { packets: 0, bytes: 0, errors: 0 } },
    });
  });

  test('count packets and bytes, and no loss or jitter in an even stream', async () => {
    session.negotiated(remote(9));
    await send([rtp(65_534, 0), rtp(65_535, 160), rtp(0, 320), rtp(1, 480)]);
    expect(session.statistics().received).toEqual({
      packets: 4,
      bytes: 4 * 172,
      errors: 0,
      lost: 0,
      lostPercent: 0,
      jitterMs: 0,
    });
  });

  test('count what is missing between the packets', async () => {
    session.negotiated(remote(9));
    await send([rtp(10, 0), rtp(12, 320), rtp(13, 480), rtp(19, 1_440)]);
    expect(session.statistics().received).toMatchObject({ packets: 4, lost: 6, lostPercent: 60 });
  });

  test('count a late packet as received', async () => {
    session.negotiated(remote(9));
    await send([rtp(10, 0), rtp(12, 320), rtp(11, 160)]);
    expect(session.statistics().received).toMatchObject({ packets: 3, lost: 0 });
  });

  test('have the jitter of RFC 3550 A.8', async () => {
    session.negotiated(remote(9));
    // The second packet is 10 ms late: J = 0 + (10 - 0) / 16.
    await send([rtp(1, 0)], 30);
    await send([rtp(2, 160)]);
    expect(session.statistics().received.jitterMs).toBeCloseTo(10 / 16, 9);
  });

  test('do not change the jitter for telephone events', async () => {
    session.negotiated(remote(9));
    await send([rtp(1, 0), rtp(2, 0, { payloadType: 101 }), rtp(3, 320)]);
    expect(session.statistics().received).toMatchObject({ packets: 3, lost: 0, jitterMs: 0 });
  });

  test('add up the streams of a far end that changes its SSRC', async () => {
    session.negotiated(remote(9));
    await send([rtp(1, 0), rtp(3, 320), rtp(500, 0, { ssrc: 8 }), rtp(501, 160, { ssrc: 8 })]);
    expect(session.statistics().received).toMatchObject({ packets: 4, lost: 1, lostPercent: 20 });
  });

  test('count a packet that is not RTP as an error', async () => {
    await send([Buffer.from('hello'), Buffer.alloc(20)]);
    expect(session.statistics().received).toEqual({ packets: 0, bytes: 0, errors: 2 });
  });

  test('have the round trip that the far end reports', async () => {
    const rtcp = await listen();
    // RTCP goes to the port after that of RTP.
    session.negotiated(remote(rtcp.port - 1, { direction: 'sendonly' }));
    clock.advance(5_000);
    await rtcp.next();
    const [report] = rtcp.heard;
    if (report === undefined) throw new Error('no report');
    const block = Buffer.alloc(32);
    block.set([0x81, 201, 0, 7]);
    block.writeUInt32BE(report.readUInt32BE(4), 8);
    // LSR is the middle of the report's NTP time; the far end has held it for 100 ms.
    block.writeUInt32BE(report.readUInt32BE(10), 24);
    block.writeUInt32BE(6_554, 28);
    clock.advance(150);
    rtcp.socket.send(block, session.port + 1, '127.0.0.1');
    await expect.poll(() => session.statistics().rtcp.roundTripMs).toBeCloseTo(50, 0);
    expect(session.statistics().rtcp.sent).toEqual({ packets: 1, bytes: report.length });
  });
});

test('a sender report is one that the session reads', async () => {
  const { socket } = await listen();
  const report = formatSenderReport({
    ssrc: 7,
    cname: 'peer',
    nowMs: clock.now(),
    rtpTimestamp: 1,
    packets: 1,
    payloadBytes: 160,
    received: undefined,
  });
  socket.send(report, session.port + 1, '127.0.0.1');
  await expect
    .poll(() => session.statistics().rtcp.received)
    .toEqual({ packets: 1, bytes: report.length, errors: 0 });
});
