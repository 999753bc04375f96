import { createHmac, createPrivateKey, sign as signBytes } from 'node:crypto';

/*
 * JWTs signed without a library, so that a test can create what no library would sign.
 */

export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** Signs header and payload with HMAC and SHA-256; each is an object, or the exact text to be encoded. */
export function signJwt(
  payload: unknown,
  key: string,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

/** Signs with RS256 or ES256 and a private key in PEM. */
export function signWithPrivateKey(
  payload: unknown,
  pem: string,
  header: { alg: 'RS256' | 'ES256'; kid?: string },
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const key = createPrivateKey(pem);
  return `${input}.${signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
