import { expect, test } from 'vitest';
import { analyzeCall, ladderText, type SipMessage } from '../src/index.ts';
import { scenario } from './scenarios.ts';
import { PROVIDER, request, response, timestampAt } from './sip-messages.ts';

function ladder(messages: SipMessage[], options = {}) {
  return ladderText(messages, options).split('\n');
}

test('a ladder shows our port, every message once, remarks below theirs, and the whole CSeq', () => {
  expect(ladder(scenario('no response, as our edge reports it').messages.slice(-2))).toEqual([
    '                 us 192.0.2.10:5060                    203.0.113.5:5060',
    '23:15:31.500000  |-------- INVITE (1 INVITE) --------->|',
    '23:15:32.000000  |  408 Timer B fired (1 INVITE)',
    "                 |    our own edge's response in the provider's place",
    '',
  ]);
});

test('retransmissions share one line with their count', () => {
  expect(ladder(scenario('no response at all').messages)).toEqual([
    '                 us 192.0.2.10:5060                  203.0.113.5:5060',
    '23:15:00.000000  |------ INVITE (1 INVITE) ×7 ------>|',
    '                 |    no response',
    '',
  ]);
});

test('each host has a lane, with its name if it has one', () => {
  const names = { '203.0.113.5': 'carrier A', '203.0.113.7:5060': 'carrier B' };
  expect(ladder(scenario('answered at the second host').messages.slice(0, 4), { names })).toEqual([
    '                 us 192.0.2.10:5060                          carrier A 203.0.113.5:5060                  carrier B 203.0.113.7:5060',
    '23:15:00.000000  |----------- INVITE (1 INVITE) ------------>|                                           |',
    '23:15:00.030000  |<--- 503 Service Unavailable (1 INVITE) ---|                                           |',
    '23:15:00.040000  |--------------------------------- INVITE (1 INVITE) ---------------------------------->|',
    '                 |    another attempt, at 203.0.113.7:5060',
    '23:15:03.000000  |<--------------------------------- 200 OK (1 INVITE) ----------------------------------|',
    '',
  ]);
});

test('hosts that do not fit side by side share a lane and are named on each line', () => {
  const lines = ladder(scenario('answered at the second host').messages, {
    width: 70,
    names: { '203.0.113.7': 'B' },
  });
  expect(lines[0]).toMatch(/us 192\.0\.2\.10:5060 +2 hosts$/);
  expect(lines[1]).toMatch(/INVITE \(1 INVITE\) -+>\| 203\.0\.113\.5:5060$/);
  expect(lines[5]).toMatch(/200 OK \(1 INVITE\) -+\| B 203\.0\.113\.7:5060$/);
  for (const line of lines.filter((text) => text.includes('--'))) expect(line.indexOf('|')).toBe(17);
});

test('a long reason phrase is cut and a long CSeq is not, however narrow the ladder', () => {
  const cseq = '123456789012345 INVITE';
  const lines = ladder(
    [request('INVITE', { at: 0, cseq }), response(500, 'x'.repeat(100), { at: 1, cseq })],
    { width: 20 },
  );
  expect(lines[2]).toMatch(/\| ?<-+ 500 x*… \(123456789012345 INVITE\) -+\|$/);
});

test('lines keep their columns whatever the phrase is written in', () => {
  const lines = ladder([
    request('INVITE', { at: 0 }),
    response(486, 'الخط مشغول', { at: 1 }),
    response(486, '통화 중', { at: 2 }),
    response(486, 'e\u0301'.repeat(3), { at: 3 }),
  ]);
  // Two columns for each Korean syllable, none for a combining accent.
  expect(lines[3]?.length).toBe((lines[1]?.length ?? 0) - 3);
  expect(lines[4]?.length).toBe((lines[1]?.length ?? 0) + 3);
});

test('nothing that a terminal would act on is shown', () => {
  const text = ladderText([
    request('INVITE', { at: 0 }),
    response(486, '\u001b[2J\u202egone\u0000', { at: 1 }),
  ]);
  expect(text).toContain('486 ·[2J·gone·');
});

test('another port of ours is named on its line', () => {
  const tcp = request('INVITE', { at: 1, from: '192.0.2.10:41234', branch: 'z9hG4bK2', transport: 'TCP' });
  const lines = ladder([request('INVITE', { at: 0 }), tcp]);
  expect(lines[0]).toContain('us 192.0.2.10:5060, …');
  expect(lines.find((line) => line.includes('41234'))).toMatch(/\| TCP, our 192\.0\.2\.10:41234$/);
});

test('notes are placed between the messages', () => {
  const notes = [{ timestamp: timestampAt(10), text: 'The header "X-A" was skipped.' }];
  const sip_messages = [request('INVITE', { at: 0 }), response(486, 'Busy Here', { at: 20 })];
  expect(ladderText(analyzeCall({ id: '1' }, { sip_messages, rtcp_stats: null, notes })).split('\n')[2]).toBe(
    '23:15:00.010000  |  The header "X-A" was skipped.',
  );
});

test('a ladder has a line for each of any number of steps', () => {
  const { steps } = analyzeCall(
    { id: '1' },
    { sip_messages: [request('INVITE', { at: 0 })], rtcp_stats: null },
  );
  const many = Array.from({ length: 150_000 }, () => steps).flat();
  // A heading, each step with its remark, and the end of the last line.
  expect(ladderText({ steps: many }).split('\n')).toHaveLength(1 + many.length * 2 + 1);
});

test('a ladder without steps is empty', () => {
  expect(ladderText([])).toBe('');
  expect(ladderText({ steps: [] })).toBe('');
});

test('a message that is not understood has its line', () => {
  const garbage = {
    ...request('INVITE', { at: 0 }),
    method: '',
    raw: 'garbage',
    dst_ip: PROVIDER.split(':')[0] ?? '',
  };
  expect(ladder([garbage])[1]).toContain(' not understood (?) ');
});
