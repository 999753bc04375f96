import { describe, expect, test } from 'vitest';
import { compareFigures, endedCalls, figuresOf, percent, statisticsOf } from '../src/page/statistics.ts';
import { callWith } from './fixtures.ts';

const answered = callWith();
const busy = callWith({
  id: 'busy',
  hangup_reason: 'busy',
  tm_ringing: null,
  tm_progressing: null,
  tm_hangup: '2026-11-25 00:00:00.400000',
});
const failed = callWith({ ...busy, id: 'failed', hangup_reason: 'failed' });
const live = callWith({
  id: 'live',
  status: 'ringing',
  hangup_by: '',
  hangup_reason: '',
  tm_hangup: null,
  tm_progressing: null,
});

describe('figuresOf', () => {
  test('shows each figure with its interval and what it was counted from', () => {
    expect(figuresOf(statisticsOf([answered, answered, busy, failed, live]))).toEqual([
      expect.objectContaining({ name: 'ASR', value: '50%', interval: '15% to 85%', basis: '2 of 4 calls' }),
      expect.objectContaining({ name: 'NER', value: '75%', interval: '30% to 95%', basis: '3 of 4 calls' }),
      expect.objectContaining({ name: 'Post-dial delay, median', value: '300 ms', basis: '2 calls' }),
      expect.objectContaining({ name: 'Post-dial delay, 95%', value: '300 ms', basis: '2 calls' }),
      expect.objectContaining({ name: 'Talk time, mean', value: '10.0 s', basis: '2 calls' }),
    ]);
  });

  test('what was not measured has no value', () => {
    expect(figuresOf(statisticsOf([live])).map(({ value, basis }) => [value, basis])).toEqual([
      ['–', 'no calls'],
      ['–', 'no calls'],
      ['–', 'not measured'],
      ['–', 'not measured'],
      ['–', 'not measured'],
    ]);
  });
});

test('messages refine the statistics of the calls themselves', () => {
  const raw = (line: string) =>
    `${line}\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\r\n`;
  const message = (at: number, line: string, isOurs: boolean) => ({
    timestamp: `2026-11-25T00:00:00.${at}00000Z`,
    method: line,
    src_ip: isOurs ? '192.0.2.1' : '198.51.100.7',
    src_port: 5060,
    dst_ip: isOurs ? '198.51.100.7' : '192.0.2.1',
    dst_port: 5060,
    raw: raw(line),
  });
  const analysis = {
    sip_messages: [message(0, 'INVITE sip:c@d SIP/2.0', true), message(4, 'SIP/2.0 486 Busy Here', false)],
    rtcp_stats: null,
  };
  const statistics = statisticsOf([busy], new Map([[busy.id, analysis]]));
  expect(statistics.sipStatusCounts).toEqual({ counts: { 486: 1 }, sampleSize: 1 });
  expect(statisticsOf([busy]).sipStatusCounts).toEqual({ counts: {}, sampleSize: 0 });
});

describe('compareFigures', () => {
  const many = (call: typeof answered, count: number) => Array.from({ length: count }, () => call);
  const differenceInAsr = (first: (typeof answered)[], second: (typeof answered)[]) =>
    compareFigures(statisticsOf(first), statisticsOf(second)).find(({ name }) => name === 'ASR')?.difference;

  test('pairs the figures of two providers, with the difference of proportions only', () => {
    const compared = compareFigures(statisticsOf([answered]), statisticsOf([busy]));
    expect(
      compared.map(({ name, figures, difference }) => [
        name,
        ...figures.map(({ value }) => value),
        difference,
      ]),
    ).toEqual([
      ['ASR', '100%', '0%', expect.stringMatching(/^\+100 points/)],
      ['NER', '100%', '100%', expect.stringMatching(/^0 points/)],
      ['Post-dial delay, median', '300 ms', '–', undefined],
      ['Post-dial delay, 95%', '300 ms', '–', undefined],
      ['Talk time, mean', '10.0 s', '–', undefined],
    ]);
  });

  test('says when a difference is more than chance', () => {
    expect(differenceInAsr(many(answered, 100), many(busy, 100))).toBe(
      '+100 points (95%: +95 to +100): more than chance',
    );
  });

  test('says when it may be chance, and when there is nothing to compare', () => {
    expect(differenceInAsr([busy], [answered])).toMatch(/^−100 points .*: may be chance$/);
    expect(differenceInAsr([], [answered])).toBe('One of them has no calls to compare.');
  });
});

test('endedCalls leaves out what is under way; percent rounds', () => {
  expect(endedCalls([answered, live])).toEqual([answered]);
  expect(percent(0.876)).toBe('88%');
});
