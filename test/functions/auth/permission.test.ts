import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { isProjectSuperAdmin, permissionSchema } from '../../../functions/auth/permission.ts';

test.each([
  [0x0001, true],
  [0x000f, true],
  [0x0011, true],
  [0xffff, true],
  [0x1_0000_0001, true],
  [Number.MAX_SAFE_INTEGER, true],
  [0x0000, false],
  [0x0002, false],
  [0x000e, false],
  [0x0010, false],
  [0x0020, false],
  [0x0040, false],
  [0x00f0, false],
  [0xfffe, false],
  [0x1_0000_0000, false],
  [Number.MAX_SAFE_INTEGER - 1, false],
])('the mask %i passes: %s', (mask, passes) => {
  expect(isProjectSuperAdmin(mask)).toBe(passes);
});

test('the rule is the test of bit 1, for any mask', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (mask) => {
      expect(isProjectSuperAdmin(mask)).toBe((BigInt(mask) & 1n) === 1n);
    }),
    { seed: 3467 },
  );
});

describe('a permission mask', () => {
  test.each([[0], [1], [0xffff], [Number.MAX_SAFE_INTEGER]])('can be %i', (value) => {
    expect(permissionSchema.parse(value)).toBe(value);
  });

  test.each([
    ['1'],
    [''],
    [1.5],
    [-1],
    [-0xffff],
    [2 ** 53],
    [2 ** 53 + 2],
    [1e300],
    [Number.POSITIVE_INFINITY],
    [Number.NaN],
    [true],
    [null],
    [undefined],
    [[1]],
    [{ mask: 1 }],
  ])('cannot be %j', (value) => {
    expect(z.safeParse(permissionSchema, value).success).toBe(false);
  });
});
