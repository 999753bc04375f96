import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipFamily } from '../src/ip-address.ts';

test.each([
  ['0.0.0.0', 4],
  ['255.255.255.255', 4],
  ['256.0.0.1', 0],
  ['01.2.3.4', 0],
  ['1.2.3', 0],
  ['1.2.3.4.5', 0],
  ['::', 6],
  ['::1', 6],
  ['2001:db8::1', 6],
  ['1:2:3:4:5:6:7:8', 6],
  ['1:2:3:4:5:6:7::', 6],
  ['::ffff:192.0.2.1', 6],
  ['1:2:3:4:5:6:7', 0],
  ['1:2:3:4:5:6:7:8:9', 0],
  ['1::2::3', 0],
  [':::1', 0],
  ['2001:db8:::1', 0],
  ['::192.0.2.256', 0],
  ['12345::', 0],
  ['fe80::1%eth0', 0],
  ['[::1]', 0],
  ['', 0],
  ['localhost', 0],
])('the family of %j is %i', (text, family) => {
  expect(ipFamily(text)).toBe(family);
});

test('any text has the family that node:net finds', () => {
  const part = fc.constantFrom(':', '::', '.', '0', '1', 'ff', '255', '192.0.2.1', 'abcd', '12345', 'g');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 18 }), (parts) => {
      const text = parts.join('');
      expect(ipFamily(text)).toBe(isIP(text));
    }),
    { seed: 4291, numRuns: 5_000 },
  );
});
