import { expect, test } from 'vitest';
import { countryCodeOf } from '../src/country-code.ts';

test.each([
  ['+14155550100', '+1'],
  ['+74951234567', '+7'],
  ['+821012345678', '+82'],
  ['+442071234567', '+44'],
  ['+33123456789', '+33'],
  ['+351211234567', '+351'],
  ['+420212345678', '+420'],
  ['+85212345678', '+852'],
  ['+971501234567', '+971'],
  ['+99312345678', '+993'],
  ['821012345678', undefined],
  ['+8', undefined],
  ['+', undefined],
])('of %s is %s', (number, code) => {
  expect(countryCodeOf(number)).toBe(code);
});
