import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RtpSilence } from '../src/rtp-silence.ts';
import type { AgreedMedia } from '../src/sdp.ts';

let silence: RtpSilence;
const listeners: Socket[] = [];

beforeEach(async () => {
  silence = await RtpSilence.open('127.0.0.1');
});

afterEach(() => {
  silence.close();
  for (const listener of listeners.splice(0)) listener.close();
});

/** Somebody who listens, and what they hear. */
async function listen(
  payloadType: number,
  listens = true,
): Promise<{ media: AgreedMedia; heard: Buffer[]; next(): Promise<void> }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  listeners.push(socket);
  const heard: Buffer[] = [];
  socket.on('message', (packet) => heard.push(packet));
  const media = { address: '127.0.0.1', port: socket.address().port, payloadType, listens };
  return { media, heard, next: async () => void (await once(socket, 'message')) };
}

describe('silence', () => {
  test.each([
    [0, 0xff],
    [8, 0xd5],
  ])('of payload type %i is RTP that counts on', async (payloadType, sample) => {
    const { heard, media, next } = await listen(payloadType);
    silence.start(media);
    await next();
    await next();
    const [first, second] = heard;
    if (first === undefined || second === undefined) throw new Error('nothing was heard');
    expect([first[0], first[1], second[1]]).toEqual([0x80, 0x80 | payloadType, payloadType]);
    expect((second.readUInt16BE(2) - first.readUInt16BE(2)) & 0xffff).toBe(1);
    expect((second.readUInt32BE(4) - first.readUInt32BE(4)) >>> 0).toBe(160);
    expect(second.readUInt32BE(8)).toBe(first.readUInt32BE(8));
    expect(first.subarray(12)).toEqual(Buffer.alloc(160, sample));
  });

  test('stops for one and goes on for the other', async () => {
    const [stopped, other] = [await listen(0), await listen(0)];
    const stop = silence.start(stopped.media);
    silence.start(other.media);
    await stopped.next();
    stop();
    await other.next();
    const before = stopped.heard.length;
    await other.next();
    await other.next();
    expect(stopped.heard.length).toBe(before);
  });

  test('is not sent to who does not listen, nor in a codec that needs an encoder', async () => {
    const [deaf, encoded, other] = [await listen(0, false), await listen(18), await listen(0)];
    for (const { media } of [deaf, encoded, other]) silence.start(media);
    await other.next();
    await other.next();
    expect([deaf.heard, encoded.heard]).toEqual([[], []]);
  });
});
