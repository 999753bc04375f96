import { describe, expect, test } from 'vitest';
import { SettingsError } from '../../lib/setting-values.ts';
import { parseSettings } from '../../lib/settings.ts';
import { pairwise } from './pairwise.ts';
import { describeContext, featureCombinations, KEY_VALUES, keyCombinations } from './setting-combinations.ts';
import { synthesize } from './synthesized.ts';

/** Returns the stacks that a context synthesizes, or the one line that says what to set. */
function outcomeOf(context: Record<string, string>): { stacks: string[] } | { line: string } {
  try {
    return { stacks: Object.keys(synthesize(context)) };
  } catch (error) {
    if (error instanceof SettingsError) return { line: error.message };
    throw error;
  }
}

const ONE_LINE = /^context \w+[^\n]*: [^\n]+$/;

describe('every combination of settings synthesizes or fails with one line', () => {
  test.each(
    featureCombinations().map(
      ({ context, isRefused }) => [describeContext(context), context, isRefused] as const,
    ),
  )('%s', (_name, context, isRefused) => {
    expect(outcomeOf(context)).toEqual(
      isRefused
        ? { line: expect.stringMatching(ONE_LINE) }
        : { stacks: expect.arrayContaining([expect.any(String)]) },
    );
  });

  test.each(keyCombinations().map((context) => [describeContext(context), context] as const))(
    '%s',
    (_name, context) => {
      const outcome = outcomeOf(context);
      if ('line' in outcome) expect(outcome.line).toMatch(ONE_LINE);
      else expect(outcome.stacks.length).toBeGreaterThan(0);
    },
  );
});

describe('the combinations', () => {
  test('the combinations use every key', () => {
    const known = /there are (?<keys>.*)$/.exec(lineOf({ nosuchkey: '1' }))?.groups?.['keys'];
    expect(Object.keys(KEY_VALUES).toSorted()).toEqual(known?.split(', ').toSorted());
  });

  test('the combinations contain every pair of values', () => {
    const rows = pairwise({ a: ['1', '2'], b: ['1', '2', '3'], c: ['1', '2'] });
    const pairs = (first: string, second: string) =>
      new Set(rows.map((row) => `${row[first]}${row[second]}`)).size;
    expect([pairs('a', 'b'), pairs('a', 'c'), pairs('b', 'c')]).toEqual([6, 4, 6]);
    expect(rows).toHaveLength(6);
  });

  test('values that exclude each other are combined in one choice', () => {
    const rows = pairwise({ a: ['1', '2'], b: ['1', '2'], c: ['1', '2'] }, [['a', '1', 'b', '1']]);
    const excluded = rows.filter(({ a, b }) => a === '1' && b === '1');
    const others = rows.filter((row) => !excluded.includes(row));
    expect(excluded).toHaveLength(1);
    expect(new Set(others.map(({ a, c }) => `${a}${c}`)).size).toBe(4);
    expect(new Set(others.map(({ b, c }) => `${b}${c}`)).size).toBe(4);
  });
});

function lineOf(context: Record<string, string>): string {
  try {
    parseSettings(context);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
  }
  throw new Error('the context was accepted');
}
