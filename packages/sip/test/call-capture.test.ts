import { describe, expect, test } from 'vitest';
import { CAPTURE_LIMITS, CallCapture } from '../src/call-capture.ts';

const MAX_MESSAGES = CAPTURE_LIMITS.firstMessages + CAPTURE_LIMITS.lastMessages;

/** A capture whose clock ticks by a millisecond with every message. */
function capture(changed?: () => void) {
  let now = 0;
  return new CallCapture({ now: () => ++now, after: () => () => {} }, changed);
}

function add(to: CallCapture, text: string) {
  const endpoint = { address: '127.0.0.1', port: 5060 };
  to.message({
    transport: 'udp',
    source: endpoint,
    destination: endpoint,
    bytes: Buffer.from(text, 'latin1'),
  });
}

describe('a capture', () => {
  test('keeps messages with their time, addresses and whole text, and reports each of them', () => {
    let changes = 0;
    const kept = capture(() => {
      changes += 1;
    });
    const source = { address: '127.0.0.1', port: 5061 };
    const destination = { address: '192.0.2.1', port: 5060 };
    kept.message({ transport: 'tcp', source, destination, bytes: Buffer.from('BYE sip:a SIP/2.0\r\n\r\n') });
    kept.note('a remark');
    expect(kept.snapshot()).toEqual({
      messages: [{ at: 1, transport: 'tcp', source, destination, raw: 'BYE sip:a SIP/2.0\r\n\r\n' }],
      notes: [{ at: 2, text: 'a remark' }],
    });
    expect(changes).toBe(2);
  });

  test('keeps the first and the last messages of a flood and says how many are missing', () => {
    const kept = capture();
    for (let number = 1; number <= 1_000; number += 1) add(kept, `${number}`);
    const { messages, notes } = kept.snapshot();
    expect(messages.length).toBe(MAX_MESSAGES);
    expect(messages.slice(0, 2).map(({ raw }) => raw)).toEqual(['1', '2']);
    expect(messages.at(-1)?.raw).toBe('1000');
    expect(notes).toEqual([
      { at: 901, text: `${1_000 - MAX_MESSAGES} messages before this one are not kept.` },
    ]);
  });

  test('keeps the last message however large the others are', () => {
    const kept = capture();
    for (let number = 1; number <= 20; number += 1) add(kept, `${number} ${'x'.repeat(65_000)}`);
    add(kept, 'BYE');
    const { messages } = kept.snapshot();
    const bytes = messages.reduce((sum, { raw }) => sum + raw.length, 0);
    expect(bytes).toBeLessThanOrEqual(2 * CAPTURE_LIMITS.bytesEach);
    expect(messages[0]?.raw.startsWith('1 ')).toBe(true);
    expect(messages.at(-1)?.raw).toBe('BYE');
  });

  test('bounds the notes in number and length', () => {
    const kept = capture();
    for (let number = 1; number <= 500; number += 1) kept.note(`${number} ${'x'.repeat(1_000)}`);
    const { notes } = kept.snapshot();
    expect(notes.length).toBe(CAPTURE_LIMITS.firstNotes + CAPTURE_LIMITS.lastNotes);
    expect(notes.at(-1)?.text.startsWith('500 ')).toBe(true);
    expect(notes.every(({ text }) => text.length <= CAPTURE_LIMITS.noteLength)).toBe(true);
  });

  test.each(['Authorization', 'Proxy-Authorization', 'authorization', 'Authorization '])(
    'blanks out the digest response of %s',
    (name) => {
      const kept = capture();
      add(kept, `INVITE sip:a SIP/2.0\r\n${name}: Digest username="u", response="0a1b", nc=1\r\n\r\n`);
      expect(kept.snapshot().messages[0]?.raw).toBe(
        `INVITE sip:a SIP/2.0\r\n${name}: Digest username="u", response="redacted", nc=1\r\n\r\n`,
      );
    },
  );
});
