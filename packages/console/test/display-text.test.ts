import { describe, expect, test } from 'vitest';
import { partsOf, plainText } from '../src/page/display-text.ts';

describe('partsOf', () => {
  test.each(['', 'Zoë', 'שלום עולם', 'خط الهاتف', '👩\u200d🚒', 'می\u200cخواهم', '<b>&amp;</b>'])(
    'leaves "%s" as it is',
    (text) => {
      expect(partsOf(text)).toEqual(text === '' ? [] : [{ text }]);
    },
  );

  test.each([
    ['\u202e', 'U+202E'],
    ['\u2066', 'U+2066'],
    ['\u200f', 'U+200F'],
    ['\u200b', 'U+200B'],
    ['\ufeff', 'U+FEFF'],
    ['\u0000', 'U+0000'],
    ['\n', 'U+000A'],
    ['\u2028', 'U+2028'],
    ['\ud800', 'U+D800'],
    ['\u{e0041}', 'U+E0041'],
  ])('replaces %j by its code point', (character, codePoint) => {
    expect(partsOf(`a${character}b`)).toEqual([{ text: 'a' }, { codePoint }, { text: 'b' }]);
  });
});

test('plainText keeps no reordering character', () => {
  expect(plainText('\u202egnp.exe')).toBe('[U+202E]gnp.exe');
});
