import { expect, test } from 'vitest';
import { explainHeader } from '../src/explain-header.ts';

test.each([
  ['Reason', 'RFC 3326 §2, RFC 6432'],
  ['warning', 'RFC 3261 §20.43'],
  ['P-ASSERTED-IDENTITY', 'RFC 3325 §9.1'],
  ['Privacy', 'RFC 3323 §4.2, RFC 3325 §9.3'],
  ['x', 'RFC 4028 §4'],
  [' m ', 'RFC 3261 §20.10'],
])('%s is explained by %s', (name, source) => {
  const explanation = explainHeader(name);
  expect(explanation?.source).toBe(source);
  expect(explanation?.text).toMatch(/^[A-Z].*\.$/);
});

test.each(['', 'X-Anything', '__proto__', 'constructor'])('%j is not explained', (name) => {
  expect(explainHeader(name)).toBeUndefined();
});
