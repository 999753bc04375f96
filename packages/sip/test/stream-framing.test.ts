import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../src/parse-message.ts';
import { StreamFraming } from '../src/stream-framing.ts';

function message(body: string, lengthHeader = `Content-Length: ${body.length}`) {
  return `SIP/2.0 200 OK\r\n${lengthHeader}\r\nX: y\r\n\r\n${body}`;
}

/** Pushes the pieces and returns all messages as text. */
function frame(...pieces: string[]): { messages: string[]; keepAlives: number; rest: string } {
  const framing = new StreamFraming();
  const messages: string[] = [];
  let keepAlives = 0;
  for (const piece of pieces) {
    const framed = framing.push(Buffer.from(piece, 'latin1'));
    messages.push(...framed.messages.map((bytes) => Buffer.from(bytes).toString('latin1')));
    keepAlives += framed.keepAlives;
  }
  return { messages, keepAlives, rest: Buffer.from(framing.rest).toString('latin1') };
}

describe('a stream is cut into messages', () => {
  test.each([
    ['that come one by one', [message('a'), message('bb')]],
    ['that come together', [message('a') + message('bb')]],
    ['that come byte by byte', [...(message('a') + message('bb'))]],
  ])('%s', (_what, pieces) => {
    expect(frame(...pieces)).toEqual({ messages: [message('a'), message('bb')], keepAlives: 0, rest: '' });
  });

  test.each(['Content-Length: 3', 'l: 3', 'content-length : 3 ', 'L:3'])('by %j', (lengthHeader) => {
    const whole = message('abc', lengthHeader);
    expect(frame(whole + message('d')).messages).toEqual([whole, message('d')]);
  });

  test('with bare line feeds', () => {
    const whole = message('abc').replaceAll('\r\n', '\n');
    expect(frame(whole).messages).toEqual([whole]);
  });

  test('without a Content-Length as having no body', () => {
    expect(frame(message('', 'X: 1')).messages.length).toBe(1);
  });

  test('and keep-alives between them are counted', () => {
    const { keepAlives, messages } = frame('\r\n\r\n', message('a'), '\r\n\r\n\r\n\r\n', message('b'));
    expect([keepAlives, messages.length]).toEqual([3, 2]);
  });

  test('and what is not complete is left', () => {
    expect(frame(message('abc').slice(0, -1))).toMatchObject({
      messages: [],
      rest: message('abc').slice(0, -1),
    });
  });

  test.each([
    ['headers without an end', 'X'.repeat(MAX_MESSAGE_BYTES + 1)],
    ['a body that is too long', message('', 'Content-Length: 999999')],
  ])('but not with %s', (_what, text) => {
    expect(() => frame(text)).toThrow(RangeError);
  });
});
