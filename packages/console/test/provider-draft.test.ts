import { describe, expect, test } from 'vitest';
import { draftOf, EMPTY_PROVIDER_DRAFT, inputOf } from '../src/page/provider-draft.ts';
import { providerWith } from './fixtures.ts';

const DRAFT = { ...EMPTY_PROVIDER_DRAFT, name: 'Carrier', hostname: 'sip.example.com' };

describe('inputOf', () => {
  test('trims what was typed and reads headers line by line', () => {
    const typed = {
      ...DRAFT,
      name: ' Carrier ',
      techPrefix: ' 99 ',
      techHeaders: 'X-Trunk: a:b \n\n X-Empty:',
      codecs: 'PCMU, PCMA',
      authUsername: 'me',
      authPassword: ' secret ',
    };
    expect(inputOf(typed)).toEqual({
      input: {
        name: 'Carrier',
        hostname: 'sip.example.com',
        tech_prefix: '99',
        tech_postfix: '',
        tech_headers: { 'X-Trunk': 'a:b', 'X-Empty': '' },
        codecs: 'PCMU,PCMA',
        detail: '',
        auth_username: 'me',
        auth_password: ' secret ',
      },
    });
  });

  test('keeps a header whose name is __proto__', () => {
    const read = inputOf({ ...DRAFT, techHeaders: '__proto__: x' });
    expect(Object.entries('input' in read ? (read.input.tech_headers ?? {}) : {})).toEqual([
      ['__proto__', 'x'],
    ]);
  });

  test('keeps headers whose names differ in case only, each of which is sent', () => {
    const read = inputOf({ ...DRAFT, techHeaders: 'X-A: 1\nx-a: 2' });
    expect('input' in read ? read.input.tech_headers : {}).toEqual({ 'X-A': '1', 'x-a': '2' });
  });

  test('empty credentials are left out, so that stored ones stay', () => {
    const read = inputOf(DRAFT);
    expect(Object.keys('input' in read ? read.input : {})).not.toContain('auth_password');
  });

  test.each([
    [{ name: ' ' }, 'name'],
    [{ hostname: '' }, 'hostname'],
    [{ techHeaders: 'no colon' }, 'techHeaders'],
    [{ techHeaders: 'two words: x' }, 'techHeaders'],
    [{ techHeaders: 'X-A: 1\nX-B: 2\nX-A: 1' }, 'techHeaders'],
    [{ techHeaders: '__proto__: 1\n__proto__: 2' }, 'techHeaders'],
  ])('%o is a problem of %s', (changes, field) => {
    expect(inputOf({ ...DRAFT, ...changes })).toEqual({ problems: [{ field, message: expect.any(String) }] });
  });
});

test('draftOf makes a form of a provider that saves the same provider again', () => {
  const stored = {
    name: 'Carrier',
    hostname: 'sip.example.com',
    tech_prefix: '9',
    tech_postfix: '#',
    tech_headers: { 'X-A': '1', 'X-B': 'c:d' },
    codecs: 'PCMU',
    detail: 'x',
  };
  expect(inputOf(draftOf(providerWith(stored)))).toEqual({ input: stored });
});
