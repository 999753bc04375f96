import { describe, expect, test } from 'vitest';
import { DEVELOPMENT_KEY } from '../../../functions/auth/development-key.ts';
import { parseSigningKeys } from '../../../functions/auth/signing-keys.ts';

function bytes(text: string) {
  return new TextEncoder().encode(text);
}
const first = 'first-key-of-thirty-two-bytes-00';
const second = 'second-key-of-thirty-two-bytes-0';

test('the current key comes before the previous ones', () => {
  const secret = JSON.stringify({ current: second, previous: [first] });
  expect(parseSigningKeys(secret, 'production')).toEqual([bytes(second), bytes(first)]);
});

test('a secret needs no previous keys', () => {
  expect(parseSigningKeys(JSON.stringify({ current: first }), 'production')).toEqual([bytes(first)]);
});

test('the length of a key counts bytes, not characters', () => {
  const sixteenCharacters = 'é'.repeat(16);
  expect(parseSigningKeys(JSON.stringify({ current: sixteenCharacters }), 'production')).toHaveLength(1);
});

describe('the error never repeats a key, for', () => {
  test.each([
    ['a key that is empty', JSON.stringify({ current: '' })],
    ['a key that is too short for HS256', JSON.stringify({ current: first.slice(1) })],
    ['a previous key that is too short', JSON.stringify({ current: first, previous: ['short-but-secret'] })],
    ['no current key', JSON.stringify({ previous: [first] })],
    ['a key that is no text', JSON.stringify({ current: 1 })],
    ['what is no object', JSON.stringify(first)],
    ['the development key', JSON.stringify({ current: DEVELOPMENT_KEY })],
    [
      'the development key as a previous one',
      JSON.stringify({ current: first, previous: [DEVELOPMENT_KEY] }),
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
