import { describe, expect, test } from 'vitest';
import { authorizationValue, digestResponse, parseChallenge } from '../src/digest.ts';
import { SipSyntaxError } from '../src/scanner.ts';

describe('the response', () => {
  // RFC 7616 §3.9.1; the same use with both algorithms.
  const mufasa = { username: 'Mufasa', password: 'Circle of Life' };
  const challenge = {
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    qop: 'auth',
  } as const;
  const use = {
    method: 'GET',
    uri: '/dir/index.html',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    count: 1,
  };

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('with %s is what RFC 7616 says', (algorithm, expected) => {
    expect(digestResponse(mufasa, { ...challenge, algorithm }, use)).toBe(expected);
  });

  test('without qop is what RFC 2069 says', () => {
    // RFC 2069 §2.4, with the response of its errata 749.
    const old = {
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      algorithm: 'MD5',
    } as const;
    const asked = { ...use, uri: '/dir/index.html' };
    expect(digestResponse({ username: 'Mufasa', password: 'CircleOfLife' }, old, asked)).toBe(
      '1949323746fe6a43ef61f9606e7febea',
    );
  });
});

describe('a challenge', () => {
  test.each([
    ['Digest realm="a, b", nonce="n\\"1"', { realm: 'a, b', nonce: 'n"1', algorithm: 'MD5', stale: false }],
    [
      'digest nonce="n" , REALM="r",opaque="o",Algorithm=sha-256,qop="auth-int, auth",stale=TRUE',
      {
        realm: 'r',
        nonce: 'n',
        opaque: 'o',
        algorithm: 'SHA-256',
        algorithmWritten: 'sha-256',
        qop: 'auth',
        stale: true,
      },
    ],
  ])('%s is read', (value, expected) => {
    expect(parseChallenge(value)).toEqual(expected);
  });

  test.each([
    'Basic realm="r"',
    'Digest realm="r", nonce="n", algorithm=SHA-512-256',
    'Digest realm="r", nonce="n", qop="auth-int"',
  ])('%s is not supported', (value) => {
    expect(parseChallenge(value)).toBeUndefined();
  });

  test.each([
    '',
    'Digest',
    'Digest realm="r"',
    'Digest realm="r", nonce=',
    'Digest realm="r", nonce="n" x',
    'Digest nonce="n, realm="r"',
  ])('%j is rejected', (value) => {
    expect(() => parseChallenge(value)).toThrow(SipSyntaxError);
  });
});

test('a realm with quotes is returned unchanged', () => {
  const challenge = { realm: 'a"b\\', nonce: 'n', opaque: 'o', algorithm: 'MD5', stale: false } as const;
  expect(
    authorizationValue({ username: 'u', password: 'p' }, challenge, {
      method: 'INVITE',
      uri: 'sip:a',
      count: 1,
    }),
  ).toMatch(
    /^Digest username="u", realm="a\\"b\\\\", nonce="n", uri="sip:a", response="[0-9a-f]{32}", opaque="o"$/,
  );
});
