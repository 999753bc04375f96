import { expect, test } from 'vitest';
import { agreedAudio, audioOffer } from '../src/sdp.ts';

const lines = (...text: string[]) => Buffer.from(`${text.join('\r\n')}\r\n`);

test("the offer names the provider's codecs in its order", () => {
  const offer = Buffer.from(
    audioOffer({ address: '192.0.2.1', port: 4000 }, 'G729, pcma,X,PCMA,opus', 7),
  ).toString();
  expect(offer).toBe(
    lines(
      'v=0',
      'o=- 7 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'm=audio 4000 RTP/AVP 18 8 96 101',
      'a=rtpmap:18 G729/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=sendrecv',
    ).toString(),
  );
});

test.each(['', 'X,Y'])('codecs %j mean G.711', (codecs) => {
  expect(Buffer.from(audioOffer({ address: '::1', port: 4000 }, codecs, 7)).toString()).toMatch(
    /c=IN IP6 ::1\r\n.*\r\nm=audio 4000 RTP\/AVP 0 8 101\r\n/,
  );
});

const media = { address: '192.0.2.9', port: 4002, payloadType: 8, listens: true };

test.each([
  ['session address', lines('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 8 101'), media],
  ['media address', lines('c=IN IP4 192.0.2.8', 'm=audio 4002 RTP/AVP 8', 'c=IN IP4 192.0.2.9'), media],
  [
    'second stream',
    lines('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 8', 'm=video 9 RTP/AVP 31', 'c=IN IP4 192.0.2.1'),
    media,
  ],
  [
    'sendonly',
    lines('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 8', 'a=sendonly'),
    { ...media, listens: false },
  ],
  ['refused', lines('c=IN IP4 192.0.2.9', 'm=audio 0 RTP/AVP 8'), undefined],
  ['name as address', lines('c=IN IP4 evil.example.com', 'm=audio 4002 RTP/AVP 8'), undefined],
  ['no address', lines('m=audio 4002 RTP/AVP 8'), undefined],
  ['other profile', lines('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/SAVP 8'), undefined],
  ['empty', Buffer.alloc(0), undefined],
  ['too long', Buffer.alloc(9_000, 'a'), undefined],
])('an answer: %s', (_what, body, expected) => {
  expect(agreedAudio(body)).toEqual(expected);
});
