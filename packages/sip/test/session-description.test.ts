import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipFamily } from '../src/ip-address.ts';
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

const NUMBER = fc.constantFrom(
  ...['0', '3', '8', '96', '101', '127', '128', '4002', '65535', '65536', '99999999999999999999'],
  ...['008', '096', '04002', '1.5', '-1', '1e3', '1e+21', '0x8', 'Infinity', 'NaN', ''],
);
const WORD = fc.constantFrom(
  ...['audio', 'video', 'RTP/AVP', 'RTP/SAVP', '192.0.2.9', '0.0.0.0', '::1', 'evil.example.com'],
  ...['PCMU', 'pcma', 'opus', 'telephone-event', 'IN', 'IP4', 'IP6', 'sendonly', '\0', 'é'],
);
const FIELD = fc.oneof(NUMBER, WORD);
/** Mostly what belongs into a field, and otherwise anything. */
function usually(...expected: string[]) {
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...expected) }, { weight: 1, arbitrary: FIELD });
}
const PAYLOAD_TYPES = fc
  .array(usually('8', '0', '96', '101'), { maxLength: 4 })
  .map((payloadTypes) => payloadTypes.map((payloadType) => ` ${payloadType}`).join(''));
const MEDIA = fc
  .tuple(usually('audio'), usually('4002'), usually('RTP/AVP'), PAYLOAD_TYPES)
  .map(([type, port, protocol, payloadTypes]) => `m=${type} ${port} ${protocol}${payloadTypes}`);
const CONNECTION = fc
  .tuple(usually('IN'), usually('IP4', 'IP6'), usually('192.0.2.9', '::1'))
  .map((fields) => `c=${fields.join(' ')}`);
const RTPMAP = fc
  .tuple(usually('8', '96', '101'), usually('PCMA', 'opus', 'telephone-event'), usually('8000'))
  .map(([payloadType, codec, rate]) => `a=rtpmap:${payloadType} ${codec}/${rate}`);
const DIRECTION = usually('sendrecv', 'sendonly', 'recvonly', 'inactive').map((word) => `a=${word}`);
const OTHER = fc
  .tuple(fc.constantFrom('v', 'o', 's', 'm', 'c', 'a', ''), FIELD)
  .map(([type, value]) => `${type}=${value}`);
const LINES = fc.array(fc.oneof(MEDIA, CONNECTION, RTPMAP, DIRECTION, OTHER, fc.string()), { maxLength: 4 });
const DESCRIPTION = fc
  .tuple(LINES, CONNECTION, LINES, MEDIA, LINES)
  .map(([before, connection, between, media, after]) => [...before, connection, ...between, media, ...after]);

const DIRECTION_PATTERN = /^(?:sendrecv|sendonly|recvonly|inactive)$/;
const ANSWER_PATTERN = new RegExp(
  [
    '^v=0',
    'o=- 7 1 IN IP4 192\\.0\\.2\\.1',
    's=-',
    'c=IN IP4 192\\.0\\.2\\.1',
    't=0 0',
    '(?:m=\\w+ (?:0|4000) [\\w/]+(?: \\d{1,3})+',
    '(?:a=(?:rtpmap:\\d{1,3} [\\w-]+/\\d+(?:/2)?|fmtp:\\d{1,3} 0-16|ptime:20|\\w+)',
    ')*)+$',
  ].join('\r\n'),
);

function isIntegerWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

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
    ['with zeros before its port', session('c=IN IP4 192.0.2.9', 'm=audio 04002 RTP/AVP 8'), AUDIO],
    [
      'with zeros before its payload type',
      session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 096', 'a=rtpmap:096 PCMA/8000'),
      { ...AUDIO, payloadType: 96 },
    ],
    [
      'behind a codec that is a number',
      session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 96 8', 'a=rtpmap:96 123/8000'),
      AUDIO,
    ],
    ['unless it was rejected', session('c=IN IP4 192.0.2.9', 'm=audio 0 RTP/AVP 8'), undefined],
    [
      'unless its address is a name',
      session('c=IN IP4 evil.example.com', 'm=audio 4002 RTP/AVP 8'),
      undefined,
    ],
    ['unless its address is a number', session('c=IN IP4 5', 'm=audio 4002 RTP/AVP 8'), undefined],
    ['unless it has no port', session('c=IN IP4 192.0.2.9', 'm=audio  RTP/AVP 8'), undefined],
    ['unless its port is 65536', session('c=IN IP4 192.0.2.9', 'm=audio 65536 RTP/AVP 8'), undefined],
    [
      'unless its payload type is 128',
      session('c=IN IP4 192.0.2.9', 'm=audio 4002 RTP/AVP 128', 'a=rtpmap:128 PCMA/8000'),
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

  test('of any lines, with numbers that are numbers and texts that are texts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(DESCRIPTION, (text) => {
        const read = parseAudio(lines(...text));
        const answer = formatAnswer(lines(...text), LOCAL);
        expect(answer?.remote).toEqual(read);
        if (read === undefined || answer === undefined) return;
        accepted += 1;
        expect(read).toEqual({
          address: expect.toSatisfy((address) => typeof address === 'string' && ipFamily(address) !== 0),
          port: expect.toSatisfy((port) => isIntegerWithin(port, 1, 65_535)),
          payloadType: expect.toSatisfy((payloadType) => isIntegerWithin(payloadType, 0, 127)),
          clockRate: read.codec === 'opus' ? 48_000 : 8_000,
          codec: expect.stringMatching(/^(?:PCMU|GSM|PCMA|G722|G729|opus)$/),
          direction: expect.stringMatching(DIRECTION_PATTERN),
        });
        expect(Buffer.from(answer.body).toString()).toMatch(ANSWER_PATTERN);
      }),
      { seed: 8866, numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(500);
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
