import { expect, test } from 'vitest';
import { adviceOn } from '../src/advice.ts';
import { explainQ850 } from '../src/explain-q850.ts';

test.each([
  ['Caller ID not allowed', 'the source is not one it accepts'],
  ['Invalid CLI', 'the source is not one it accepts'],
  ['From number not verified', 'the source is not one it accepts'],
  ['P-Asserted-Identity must match the trunk', 'the source is not one it accepts'],
  ['Insufficient funds', 'no credit'],
  ['CPS limit', 'a limit of the account'],
  ['Too many concurrent calls', 'a limit of the account'],
  ['Country not enabled', 'does not route this destination'],
  ['International calls barred', 'does not route this destination'],
  ['IP not whitelisted', 'does not know our address'],
  ['', 'the source is probably not on its allow list; try one it knows'],
])('the advice on 403 %s says %s', (words, text) => {
  expect(adviceOn(403, undefined, words).text).toContain(text);
});

test('a cause of the telephone network takes precedence over words, and words over the status', () => {
  expect(adviceOn(503, 34, 'no credit').text).toContain('no circuit is free');
  expect(adviceOn(503, 31, 'no credit').text).toContain('top it up');
  expect(adviceOn(503, undefined, '').text).toContain('overloaded');
});

test('every status and every cause has advice that says what to do', () => {
  for (let status = 300; status < 700; status += 1) {
    expect(adviceOn(status, undefined, '').text, String(status)).toMatch(/; |, so .* has to|raised/);
  }
  for (let cause = 0; cause < 128; cause += 1) {
    if (explainQ850(cause) !== undefined) expect(adviceOn(500, cause, '').text, String(cause)).toMatch(/; /);
  }
});

test('words of any length are read without delay', () => {
  expect(adviceOn(403, undefined, 'caller id '.repeat(30)).from).toBe('provider');
});
