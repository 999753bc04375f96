import { expect, test } from 'vitest';
import { type Call, newcombeDifference, providerStatistics, wilsonInterval } from '../src/index.ts';
import { analyzeScenario } from './scenarios.ts';

function statistics(...names: string[]) {
  return providerStatistics(names.map(analyzeScenario));
}

test('statistics contain each figure with its sample size', () => {
  expect(
    statistics(
      'answered, ended by us',
      'answered at the second host',
      'busy',
      'server error',
      'no response at all',
      'still ringing',
    ),
  ).toEqual({
    attempts: 5,
    excluded: 1,
    asr: wilsonInterval(2, 5),
    ner: wilsonInterval(3, 5),
    postDialDelayP50: { value: 1_800, sampleSize: 2 },
    postDialDelayP95: { value: 3_000, sampleSize: 2 },
    meanTalkTime: { value: 8_000, sampleSize: 2 },
    sipStatusCounts: { counts: { 200: 2, 486: 1, 500: 1 }, sampleSize: 4 },
  });
});

test.each([
  // Name, attempts, answered, effective of how many.
  ['answered, ended by us', 1, 1, 1, 1],
  ['busy', 1, 0, 1, 1],
  ['no answer, by our dial timeout', 1, 0, 1, 1],
  ['declined', 1, 0, 1, 1],
  ['cancelled while ringing', 1, 0, 1, 1],
  ['cancelled before ringing', 1, 0, 0, 0],
  ['number unknown', 1, 0, 0, 1],
  ['no circuit behind 480', 1, 0, 0, 1],
  ['wrong password', 1, 0, 0, 1],
  ['accepted and forgotten', 1, 0, 0, 1],
  ['closed port', 1, 0, 0, 1],
  ['unresolvable name', 1, 0, 0, 1],
  ['not allowed to call', 0, 0, 0, 0],
  ['our own fault', 0, 0, 0, 0],
  ['still ringing', 0, 0, 0, 0],
  ['nothing known', 0, 0, 0, 0],
])('a call %s counts in ASR and NER as it should', (name, attempts, answered, effective, tried) => {
  const { attempts: counted, asr, ner } = statistics(name);
  expect([counted, asr.successes, ner.successes, ner.total]).toEqual([attempts, answered, effective, tried]);
});

test('statistics of no calls contain no values', () => {
  expect(providerStatistics([])).toEqual({
    attempts: 0,
    excluded: 0,
    asr: wilsonInterval(0, 0),
    ner: wilsonInterval(0, 0),
    postDialDelayP50: { sampleSize: 0 },
    postDialDelayP95: { sampleSize: 0 },
    meanTalkTime: { sampleSize: 0 },
    sipStatusCounts: { counts: {}, sampleSize: 0 },
  });
});

test('percentiles are values that were measured', () => {
  const calls: Call[] = Array.from({ length: 20 }, (_, index) => ({
    id: String(index),
    status: 'hangup',
    hangup_reason: 'no_answer',
    tm_create: '2026-04-21 23:15:00.000000',
    tm_ringing: `2026-04-21 23:15:${String(index + 1).padStart(2, '0')}.000000`,
  }));
  const { postDialDelayP50, postDialDelayP95, ner } = providerStatistics(calls);
  expect(postDialDelayP50).toEqual({ value: 10_000, sampleSize: 20 });
  expect(postDialDelayP95).toEqual({ value: 19_000, sampleSize: 20 });
  expect(ner.value).toBe(1);
});

test('a provider that fails every call differs significantly from one that completes them', () => {
  const good = providerStatistics(Array.from({ length: 10 }, () => analyzeScenario('answered, ended by us')));
  const bad = providerStatistics(Array.from({ length: 10 }, () => analyzeScenario('server error')));
  expect(newcombeDifference(good.asr, bad.asr).significant).toBe(true);
});
