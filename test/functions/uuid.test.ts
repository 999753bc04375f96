import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { deriveUuid, idSchema, NIL_UUID, uuidSchema } from '../../functions/uuid.ts';

describe('a UUID', () => {
  test.each([
    ['of version 4', '4dbeabd6-f397-4375-95d2-a38411e07ed1'],
    ['of the specification, without the variant bits', '9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345'],
    ['of version 7', '01932c07-209c-7fb4-8000-000000000000'],
    ['that is nil', NIL_UUID],
    ['of ones', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ])('%s is taken', (_what, text) => {
    expect(uuidSchema.parse(text)).toBe(text);
  });

  test('is passed on in lower case', () => {
    expect(uuidSchema.parse('4DBEABD6-F397-4375-95D2-A38411E07ED1')).toBe(
      '4dbeabd6-f397-4375-95d2-a38411e07ed1',
    );
  });

  test.each([
    ['empty', ''],
    ['without hyphens', '4dbeabd6f397437595d2a38411e07ed1'],
    ['in braces', '{4dbeabd6-f397-4375-95d2-a38411e07ed1}'],
    ['too short', '4dbeabd6-f397-4375-95d2-a38411e07ed'],
    ['too long', '4dbeabd6-f397-4375-95d2-a38411e07ed12'],
    ['with another letter', '4dbeabd6-f397-4375-95d2-a38411e07edg'],
    ['with a line feed', '4dbeabd6-f397-4375-95d2-a38411e07ed1\n'],
    ['with a space', ' 4dbeabd6-f397-4375-95d2-a38411e07ed1'],
    ['a number', 1],
    ['null', null],
    ['a list', ['4dbeabd6-f397-4375-95d2-a38411e07ed1']],
  ])('%s is rejected', (_what, value) => {
    expect(z.safeParse(uuidSchema, value).success).toBe(false);
  });
});

test('an id may be any UUID but nil', () => {
  expect(idSchema.parse('4DBEABD6-f397-4375-95d2-a38411e07ed1')).toBe('4dbeabd6-f397-4375-95d2-a38411e07ed1');
  expect(z.safeParse(idSchema, NIL_UUID).success).toBe(false);
});

describe('a derived UUID', () => {
  test('is the same for the same parts, and of version 8', () => {
    const id = deriveUuid('providercall', 'customer', 'key');
    expect(id).toBe(deriveUuid('providercall', 'customer', 'key'));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('is different for different parts, even if they join to the same text', () => {
    const lists = [['a', 'bc'], ['ab', 'c'], ['abc'], ['a', 'b', 'c'], ['a","bc'], []];
    expect(new Set(lists.map((parts) => deriveUuid(...parts))).size).toBe(lists.length);
  });
});
