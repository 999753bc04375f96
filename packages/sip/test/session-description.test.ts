import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecsNamed, formatAnswer, formatOffer, listens, parseAudio } from '../src/session-description.ts';

function lines(...text: string[]) {
  return Buffer.from(`${text.join('\r\n')}\r\n`);
}
function session(...text: string[]) {
  return lines('v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 't=0 0', ...text);
}
const LOCAL = { id: 7, version: 1, address: '192.0.2.1', port: 4_000 };

describe('an offer', () => {
  test("names the provider's codecs in its order", () => {
    const { codecs, unknown } = codecsNamed('G729, pcma,X,PCMA,opus');
    expect(unknown).toEqual(['X']);
    expect(Buffer.from(formatOffer(LOCAL, codecs)).toString()).toBe(
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

  test.each(['', 'X,Y', ' , '])('of the codecs %j is one of G.711', (codecs) => {
    const offer = formatOffer({ ...LOCAL, address: '::1' }, codecsNamed(codecs).codecs);
    expect(Buffer.from(offer).toString()).toMatch(/c=IN IP6 ::1\r\n.*\r\nm=audio 4000 RTP\/AVP 0 8 101\r\n/);
  });
});

const AUDIO = {
  address: '192.0.2.9',
  port: 4_002,
  payloadType: 8,
  clockRate: 8_000,
  codec: 'PCMA',
  direction: 'sendrecv',
} as const;

describe('the audio of an answer is read', () => {
  test.each([
    ['with a session address', session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 8 101'), AUDIO],
    ['with one codec', session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 8'), AUDIO],
    [
      'with a media address',
      session('c=IN IP4 192.0.2.8', 'm=audio 4002 RTP/AVP 8', 'c=IN IP4 192.0.2.9'),
      AUDIO,
    ],
    [
      'behind a rejected stream',
      session('c=IN IP4 192.0.2.9', 'm=video 0 RTP/AVP 31', 'm=audio 4002 RTP/AVP 8'),
      AUDIO,
    ],
    [
      'with a direction of the session',
      session('c=IN IP4 192.0.2.9', 'a=sendonly', 'm=audio 4002 RTP/AVP 8'),
      { ...AUDIO, direction: 'sendonly' },
    ],
    [
      'with a dynamic payload type',
      session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 111', 'a=rtpmap:111 opus/48000/2'),
      { ...AUDIO, payloadType: 111, clockRate: 48_000, codec: 'opus' },
    ],
    ['unless it was rejected', session('c=IN IP4 192.0.2.9', 'm=audio 0 RTP/AVP 8'), undefined],
    [
      'unless its address is a name',
      session('c=IN IP4 evil.example.com', 'm=audio 4002 RTP/AVP 8'),
      undefined,
    ],
    ['unless it has no address', session('m=audio 4002 RTP/AVP 8'), undefined],
    ['unless it is encrypted', session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/SAVP 8'), undefined],
    ['unless no codec is known', session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 96'), undefined],
    ['unless its m= line is cut off', session('c=IN IP4 192.0.2.9', 'm=audio'), undefined],
    ['unless there is none', Buffer.alloc(0), undefined],
    ['unless it is too long', Buffer.alloc(20_000, 'a'), undefined],
  ])('%s', (_what, body, expected) => {
    expect(parseAudio(body)).toEqual(expected);
  });

  test('any text is read or rejected without an exception', () => {
    const part = fc.constantFrom(
      'v=0',
      'm=',
      'm=audio 1 RTP/AVP 0',
      'c=IN IP4 1.2.3.4',
      'a=rtpmap:',
      'a=',
      '=',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 12 }), (parts) => {
        parseAudio(Buffer.from(parts.join('\r\n')));
        formatAnswer(Buffer.from(parts.join('\r\n')), LOCAL);
      }),
      { seed: 8866, numRuns: 2_000 },
    );
  });
});

describe('the answer to an offer', () => {
  test.each([
    ['sendrecv', 'sendrecv'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ])('of %s is %s', (offered, answered) => {
    const offer = session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 8', `a=${offered}`);
    const answer = formatAnswer(offer, { ...LOCAL, version: 2 });
    expect(Buffer.from(answer?.body ?? []).toString()).toBe(
      lines(
        'v=0',
        'o=- 7 2 IN IP4 192.0.2.1',
        's=-',
        'c=IN IP4 192.0.2.1',
        't=0 0',
        'm=audio 4000 RTP/AVP 8',
        'a=rtpmap:8 PCMA/8000',
        'a=ptime:20',
        `a=${answered}`,
      ).toString(),
    );
    expect(answer?.remote).toEqual({ ...AUDIO, direction: offered });
  });

  test('keeps the numbers of the offer and rejects what is not wanted', () => {
    const offer = session(
      'c=IN IP4 192.0.2.9',
      'm=image 4004 udptl t38',
      'm=audio 4002 RTP/AVP 99 120 8',
      'a=rtpmap:99 EVS/16000',
      'a=rtpmap:120 telephone-event/8000',
    );
    expect(Buffer.from(formatAnswer(offer, LOCAL)?.body ?? []).toString()).toContain(
      [
        'm=image 0 udptl 0',
        'm=audio 4000 RTP/AVP 8 120',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:120 telephone-event/8000',
      ].join('\r\n'),
    );
  });

  test.each([
    [
      'without a known codec',
      session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 96', 'a=rtpmap:96 EVS/16000'),
    ],
    ['without audio', session('c=IN IP4 192.0.2.9', 'm=video 4002 RTP/AVP 31')],
    ['that is not SDP', Buffer.from('hello')],
  ])('%s does not exist', (_what, offer) => {
    expect(formatAnswer(offer, LOCAL)).toBeUndefined();
  });
});

test.each([
  [{ direction: 'sendrecv' as const }, true],
  [{ direction: 'recvonly' as const }, true],
  [{ direction: 'sendonly' as const }, false],
  [{ direction: 'inactive' as const }, false],
  [{ address: '0.0.0.0' }, false],
])('a far end of %j listens: %s', (over, expected) => {
  expect(listens({ ...AUDIO, ...over })).toBe(expected);
});
