import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jwksAt, type TokenKeys, verifyToken } from '../../../functions/auth/token.ts';
import { httpStatusOf } from '../../../functions/http/error-response.ts';
import { holdSecret } from '../../../functions/outbound/secret.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { jsonResponse, startBackend } from '../backend-server.ts';
import { ids } from '../provider-calls/sample-record.ts';
import { signJwt, signWithPrivateKey } from './sign-jwt.ts';

const key = 'current-signing-key-of-32-bytes!';
const previousKey = 'previous-signing-key-of-32-bytes';
const now = new Date(Date.UTC(2026, 3, 21, 23, 15));
const seconds = now.getTime() / 1000;

/** The platform's own form of a point in time, some seconds from now. */
function expireIn(delta: number) {
  return new Date(now.getTime() + delta * 1000).toISOString().replace('Z', '000Z');
}

const agent = { id: ids.agent, customer_id: ids.customer, username: 'admin', permission: 1 };
function claims(changes: Record<string, unknown> = {}) {
  return {
    type: 'agent',
    expire: expireIn(3600),
    agent,
    ...changes,
  };
}
function keysOf(...keys: string[]): TokenKeys {
  return {
    signingKeys: holdSecret(async () => keys.map((text) => new TextEncoder().encode(text))),
    jwks: undefined,
  };
}
const shared = keysOf(key, previousKey);
const principal = { customerId: ids.customer, actor: { type: 'agent', id: ids.agent }, permission: 1 };

/** What becomes of a token: its principal, or the reason and the HTTP status of the rejection. */
async function judge(token: string, keys: TokenKeys = shared) {
  try {
    return await verifyToken(token, keys, now);
  } catch (error) {
    if (error instanceof PlatformError) return `${httpStatusOf(error)} ${error.reason}`;
    throw error;
  }
}
const unauthenticated = '401 AUTHENTICATION_REQUIRED';

describe('a token is accepted:', () => {
  test.each([
    ['an agent’s', claims()],
    ['one without a type', claims({ type: undefined })],
    ['one that exp ends', claims({ expire: undefined, exp: seconds + 1 })],
    ['one that both end', claims({ exp: seconds + 1 })],
    ['one whose expire has the other form', claims({ expire: '2026-04-22 00:00:00.000000' })],
    ['one that ended within the skew of clocks', claims({ expire: expireIn(-29.999) })],
    ['one whose exp ended within the skew of clocks', claims({ exp: seconds - 29 })],
    ['one that begins within the skew of clocks', claims({ nbf: seconds + 30 })],
    ['one that has begun', claims({ nbf: seconds - 3600, iat: seconds - 3600 })],
    ['one with more claims', claims({ iss: 'voipbin', sub: 'x', aud: ['y'], other: { a: 1 } })],
    ['an agent without a username', claims({ agent: { ...agent, username: undefined } })],
    ['an agent with more fields', claims({ agent: { ...agent, tag_ids: [], status: 'available' } })],
  ])('%s', async (_what, payload) => {
    expect(await judge(signJwt(payload, key))).toEqual(principal);
  });

  test('one by a previous key', async () => {
    expect(await judge(signJwt(claims(), previousKey))).toEqual(principal);
  });

  test('ids in upper case are passed on in lower case', async () => {
    const shouted = { ...agent, id: ids.agent.toUpperCase(), customer_id: ids.customer.toUpperCase() };
    expect(await judge(signJwt(claims({ agent: shouted }), key))).toEqual(principal);
  });

  test('for any mask, which is passed on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeNat(), async (permission) => {
        expect(await judge(signJwt(claims({ agent: { ...agent, permission } }), key))).toEqual({
          ...principal,
          permission,
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('carries no project permission:', () => {
  test.each([
    ['direct', '403 DIRECT_ACCESS_NOT_SUPPORTED'],
    ['delegate', '403 PERMISSION_DENIED'],
  ])('a %s token is %s', async (type, rejection) => {
    expect(await judge(signJwt(claims({ type }), key))).toBe(rejection);
    expect(await judge(signJwt({ type, expire: expireIn(60) }, key))).toBe(rejection);
    expect(await judge(signJwt(claims({ type, expire: expireIn(-31) }), key))).toBe(unauthenticated);
    expect(await judge(signJwt(claims({ type }), 'not-the-key-of-anybody-32-bytes!'))).toBe(unauthenticated);
  });
});

describe('rotation', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a key that was added after the start is found, with at most one reading per minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let reads = 0;
    const held = [[previousKey], [key, previousKey]];
    const signingKeys = holdSecret(async () => {
      const keys = held[Math.min(reads, 1)] ?? [];
      reads += 1;
      return keys.map((text) => new TextEncoder().encode(text));
    });
    const keys = { signingKeys, jwks: undefined };
    expect(await judge(signJwt(claims(), key), keys)).toBe(unauthenticated);
    expect(reads).toBe(1);
    vi.setSystemTime(Date.now() + 60_000);
    expect(await judge(signJwt(claims(), key), keys)).toEqual(principal);
    const forged = Array.from({ length: 50 }, (_, index) =>
      signJwt(claims(), `forger-${index}-${'x'.repeat(32)}`),
    );
    expect(new Set(await Promise.all(forged.map((token) => judge(token, keys))))).toEqual(
      new Set([unauthenticated]),
    );
    expect(reads).toBe(2);
  });

  test('a secret that cannot be read is our failure, not the token’s', async () => {
    const keys = { signingKeys: holdSecret(() => Promise.reject(new Error('denied'))), jwks: undefined };
    await expect(judge(signJwt(claims(), key), keys)).rejects.toThrow('denied');
  });
});

describe('with a JWKS', async () => {
  const server = await startBackend();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsaPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const ecPem = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const rsaJwk = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa-1', alg: 'RS256', use: 'sig' };
  const ecJwk = { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec-1', alg: 'ES256', use: 'sig' };
  const withJwks = (): TokenKeys => ({ ...shared, jwks: jwksAt(`${server.url}/jwks.json`) });

  beforeEach(() => {
    server.forget();
    server.respond = jsonResponse(200, { keys: [rsaJwk, ecJwk] });
  });

  test('RS256 and ES256 tokens are accepted, and the set is fetched once', async () => {
    const keys = withJwks();
    expect(await judge(signWithPrivateKey(claims(), rsaPem, { alg: 'RS256', kid: 'rsa-1' }), keys)).toEqual(
      principal,
    );
    expect(await judge(signWithPrivateKey(claims(), ecPem, { alg: 'ES256', kid: 'ec-1' }), keys)).toEqual(
      principal,
    );
    expect(server.received.map(({ path }) => path)).toEqual(['/jwks.json']);
  });

  test('a shared key’s tokens are still accepted, without reading the set', async () => {
    expect(await judge(signJwt(claims(), key), withJwks())).toEqual(principal);
    expect(server.received).toEqual([]);
  });

  test('unknown kids do not cause repeated requests', async () => {
    const keys = withJwks();
    for (let index = 0; index < 10; index += 1) {
      const token = signWithPrivateKey(claims(), rsaPem, { alg: 'RS256', kid: `unknown-${index}` });
      expect(await judge(token, keys)).toBe(unauthenticated);
    }
    expect(server.received).toHaveLength(1);
  });

  test.each([
    [
      'a public key taken for a shared one',
      () => signJwt(claims(), rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    ],
    [
      'the same, named by its kid',
      () =>
        signJwt(claims(), rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(), {
          alg: 'HS256',
          kid: 'rsa-1',
        }),
    ],
    [
      'another’s RS256',
      () => {
        const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        });
        return signWithPrivateKey(claims(), other.toString(), { alg: 'RS256', kid: 'rsa-1' });
      },
    ],
    [
      'ES256 under an RSA key’s kid',
      () => signWithPrivateKey(claims(), ecPem, { alg: 'ES256', kid: 'rsa-1' }),
    ],
    [
      'an expired RS256',
      () => signWithPrivateKey(claims({ expire: expireIn(-31) }), rsaPem, { alg: 'RS256', kid: 'rsa-1' }),
    ],
  ])('%s is rejected', async (_what, token) => {
    expect(await judge(token(), withJwks())).toBe(unauthenticated);
  });

  test.each([
    ['responds 500', jsonResponse(500, {})],
    ['responds what is no key set', jsonResponse(200, { result: [] })],
    ['responds no JSON', jsonResponse(200, '<html>')],
  ])('a set whose server %s is our failure, not the token’s', async (_what, respond) => {
    server.respond = respond;
    const token = signWithPrivateKey(claims(), rsaPem, { alg: 'RS256', kid: 'rsa-1' });
    await expect(judge(token, withJwks())).rejects.not.toBeInstanceOf(PlatformError);
  });
});
