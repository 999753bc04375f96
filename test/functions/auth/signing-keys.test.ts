import { describe, expect, test } from 'vitest';
import { DEVELOPMENT_KEY } from '../../../functions/auth/development-key.ts';
import { parseSigningKeys } from '../../../functions/auth/signing-keys.ts';

function bytes(text: string) {
  return new TextEncoder().encode(text);
}
const FIRST = 'first-key-of-thirty-two-bytes-00';
const SECOND = 'second-key-of-thirty-two-bytes-0';

test('the current key comes before the previous ones', () => {
  const secret = JSON.stringify({ current: SECOND, previous: [FIRST] });
  expect(parseSigningKeys(secret, 'production')).toEqual([bytes(SECOND), bytes(FIRST)]);
});

test('a secret needs no previous keys', () => {
  expect(parseSigningKeys(JSON.stringify({ current: FIRST }), 'production')).toEqual([bytes(FIRST)]);
});

test('the length of a key counts bytes, not characters', () => {
  const sixteenCharacters = 'é'.repeat(16);
  expect(parseSigningKeys(JSON.stringify({ current: sixteenCharacters }), 'production')).toHaveLength(1);
});

describe('the error never repeats a key, for', () => {
  test.each([
    ['a key that is empty', JSON.stringify({ current: '' })],
    ['a key that is too short for HS256', JSON.stringify({ current: FIRST.slice(1) })],
    ['a previous key that is too short', JSON.stringify({ current: FIRST, previous: ['short-but-secret'] })],
    ['no current key', JSON.stringify({ previous: [FIRST] })],
    ['a key that is not text', JSON.stringify({ current: 1 })],
    ['a text instead of an object', JSON.stringify(FIRST)],
    ['the development key', JSON.stringify({ current: DEVELOPMENT_KEY })],
    [
      'the development key as a previous one',
      JSON.stringify({ current: FIRST, previous: [DEVELOPMENT_KEY] }),
    ],
  ])('%s', (_what, secret) => {
    const parse = () => parseSigningKeys(secret, 'production');
    expect(parse).toThrow();
    expect(parse).not.toThrow(/first-key|short-but-secret|development-key/);
  });
});

test('the development key is accepted on one machine', () => {
  expect(parseSigningKeys(JSON.stringify({ current: DEVELOPMENT_KEY }), 'local')).toEqual([
    bytes(DEVELOPMENT_KEY),
  ]);
});
