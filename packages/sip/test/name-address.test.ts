import { describe, expect, test } from 'vitest';
import { parseNameAddress, parseNameAddresses, tagOf } from '../src/name-address.ts';
import { SipSyntaxError } from '../src/scanner.ts';

describe('a name-addr or addr-spec', () => {
  test.each([
    ['<sip:a@b>', '', 'sip:a@b', []],
    ['sip:a@b;tag=1', '', 'sip:a@b', [['tag', '1']]],
    ['Jo Doe <sip:a@b;lr>;tag=1', 'Jo Doe', 'sip:a@b;lr', [['tag', '1']]],
    ['"Jo, \\"J\\"" <tel:+1>;x', '"Jo, \\"J\\""', 'tel:+1', [['x', undefined]]],
  ])('%s is read', (value, displayName, uri, parameters) => {
    expect(parseNameAddress(value)).toEqual({ displayName, uri, parameters: new Map(parameters as []) });
  });

  test.each([
    '',
    'sip:',
    '<sip:a@b',
    'sip:a b',
    '"Jo <sip:a@b>',
    'Jo sip:a@b',
    '<sip:a@b> x',
    '<sip:a@b>;tag=1;tag=2',
  ])('%j is rejected', (value) => {
    expect(() => parseNameAddress(value)).toThrow(SipSyntaxError);
  });
});

test('a list is read in order, without brackets only where they may be missing', () => {
  expect(parseNameAddresses('<sip:a>, "x, y" <sip:b>;q=1', false).map(({ uri }) => uri)).toEqual([
    'sip:a',
    'sip:b',
  ]);
  expect(parseNameAddresses('sip:a, sip:b', true).map(({ uri }) => uri)).toEqual(['sip:a', 'sip:b']);
  expect(() => parseNameAddresses('sip:a', false)).toThrow(SipSyntaxError);
});

test('the tag is a parameter of the header', () => {
  expect(tagOf(parseNameAddress('<sip:a;tag=uri>;tag=header'))).toBe('header');
  expect(tagOf(parseNameAddress('<sip:a;tag=uri>'))).toBeUndefined();
});
