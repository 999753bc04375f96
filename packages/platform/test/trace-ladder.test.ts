import { expect, test } from 'vitest';
import type { TraceEntry } from '../src/records/trace-entry.ts';
import { formatTraceLadder } from '../src/trace-ladder.ts';

const at = (micros: string) => `2026-04-21 23:15:00.${micros}`;
const entries: TraceEntry[] = [
  { at: at('000100'), direction: 'note', peer: '', text: 'Left out of the INVITE: "From"' },
  {
    at: at('000250'),
    direction: 'sent',
    peer: '127.0.0.1:5070',
    text: 'INVITE sip:1@127.0.0.1:5070 SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\n',
  },
  {
    at: at('001000'),
    direction: 'received',
    peer: '127.0.0.1:5070',
    text: 'SIP/2.0 180 Ringing \u001b[2J\r\nCSeq: 1 INVITE\r\n\r\n',
  },
];

test('a trace is a ladder and then its messages, without control characters', () => {
  expect(formatTraceLadder(entries)).toBe(
    [
      '                  us                                            127.0.0.1:5070',
      '23:15:00.000100    |  Left out of the INVITE: "From"',
      '23:15:00.000250    |--------------- INVITE (1) ---------------->|',
      '23:15:00.001000    |<------- 180 Ringing ·[2J (1 INVITE) -------|',
      '',
      '--- 2026-04-21 23:15:00.000250 sent to 127.0.0.1:5070',
      'INVITE sip:1@127.0.0.1:5070 SIP/2.0',
      'CSeq: 1 INVITE',
      '',
      'v=0',
      '',
      '--- 2026-04-21 23:15:00.001000 received from 127.0.0.1:5070',
      'SIP/2.0 180 Ringing ·[2J',
      'CSeq: 1 INVITE',
      '',
    ].join('\n'),
  );
});

test('with several peers every line names its own', () => {
  const [, invite, ringing] = entries;
  if (invite === undefined || ringing === undefined) throw new Error('the fixture has changed');
  const lines = formatTraceLadder([invite, { ...ringing, peer: '127.0.0.1:5071' }]).split('\n');
  expect(lines[1]).toMatch(/\| 127\.0\.0\.1:5070$/);
  expect(lines[2]).toMatch(/\| 127\.0\.0\.1:5071$/);
});

test('an empty trace is empty', () => {
  expect(formatTraceLadder([])).toBe('\n');
});
