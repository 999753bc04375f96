import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jwksAt, type TokenKeys, verifyToken } from '../../../functions/auth/token.ts';
import { httpStatusOf } from '../../../functions/http/error-response.ts';
import { holdSecret } from '../../../functions/outbound/secret.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { jsonResponse, startBackend } from '../backend-server.ts';
import { IDS } from '../provider-calls/sample-record.ts';
import { signJwt, signWithPrivateKey } from './sign-jwt.ts';

const KEY = 'current-signing-key-of-32-bytes!';
const PREVIOUS_KEY = 'previous-signing-key-of-32-bytes';
const NOW = new Date(Date.UTC(2026, 3, 21, 23, 15));
const seconds = NOW.getTime() / 1000;

/** Returns the time some seconds from now in the form of the platform's claim. */
function expireIn(delta: number) {
  return new Date(NOW.getTime() + delta * 1000).toISOString().replace('Z', '000Z');
}

const AGENT = { id: IDS.agent, customer_id: IDS.customer, username: 'admin', permission: 1 };
function claims(changes: Record<string, unknown> = {}) {
  return {
    type: 'agent',
    expire: expireIn(3600),
    agent: AGENT,
    ...changes,
  };
}
function keysOf(...keys: string[]): TokenKeys {
  return {
    signingKeys: holdSecret(async () => keys.map((text) => new TextEncoder().encode(text))),
    jwks: undefined,
  };
}
const shared = keysOf(KEY, PREVIOUS_KEY);
const PRINCIPAL = { customerId: IDS.customer, actor: { type: 'agent', id: IDS.agent }, permission: 1 };

/** Returns the principal of a token, or the reason and the HTTP status of its rejection. */
async function judge(token: string, keys: TokenKeys = shared) {
  try {
    return await verifyToken(token, keys, NOW);
  } catch (error) {
    if (error instanceof PlatformError) return `${httpStatusOf(error)} ${error.reason}`;
    throw error;
  }
}
const UNAUTHENTICATED = '401 AUTHENTICATION_REQUIRED';

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
    ['an agent without a username', claims({ agent: { ...AGENT, username: undefined } })],
    ['an agent with more fields', claims({ agent: { ...AGENT, tag_ids: [], status: 'available' } })],
  ])('%s', async (_what, payload) => {
    expect(await judge(signJwt(payload, KEY))).toEqual(PRINCIPAL);
  });

  test('one signed with a previous key', async () => {
    expect(await judge(signJwt(claims(), PREVIOUS_KEY))).toEqual(PRINCIPAL);
  });

  test('ids in upper case are passed on in lower case', async () => {
    const shouted = { ...AGENT, id: IDS.agent.toUpperCase(), customer_id: IDS.customer.toUpperCase() };
    expect(await judge(signJwt(claims({ agent: shouted }), KEY))).toEqual(PRINCIPAL);
  });

  test('for any mask, which is passed on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeNat(), async (permission) => {
        expect(await judge(signJwt(claims({ agent: { ...AGENT, permission } }), KEY))).toEqual({
          ...PRINCIPAL,
          permission,
        });
      }),
      { seed: 7506, numRuns: 50 },
    );
  });
});

describe('a token that carries no project permission is rejected:', () => {
  test.each([
    ['direct', '403 DIRECT_ACCESS_NOT_SUPPORTED'],
    ['delegate', '403 PERMISSION_DENIED'],
  ])('a %s token with %s', async (type, rejection) => {
    expect(await judge(signJwt(claims({ type }), KEY))).toBe(rejection);
    expect(await judge(signJwt({ type, expire: expireIn(60) }, KEY))).toBe(rejection);
    expect(await judge(signJwt(claims({ type, expire: expireIn(-31) }), KEY))).toBe(UNAUTHENTICATED);
    expect(await judge(signJwt(claims({ type }), 'not-the-key-of-anybody-32-bytes!'))).toBe(UNAUTHENTICATED);
  });
});

describe('rotation', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a key that was added after the start is found, with at most one read of the secret per minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let reads = 0;
    const held = [[PREVIOUS_KEY], [KEY, PREVIOUS_KEY]];
    const signingKeys = holdSecret(async () => {
      const keys = held[Math.min(reads, 1)] ?? [];
      reads += 1;
      return keys.map((text) => new TextEncoder().encode(text));
    });
    const keys = { signingKeys, jwks: undefined };
    expect(await judge(signJwt(claims(), KEY), keys)).toBe(UNAUTHENTICATED);
    expect(reads).toBe(1);
    vi.setSystemTime(Date.now() + 60_000);
    expect(await judge(signJwt(claims(), KEY), keys)).toEqual(PRINCIPAL);
    const forged = Array.from({ length: 50 }, (_, index) =>
      signJwt(claims(), `forger-${index}-${'x'.repeat(32)}`),
    );
    expect(new Set(await Promise.all(forged.map((token) => judge(token, keys))))).toEqual(
      new Set([UNAUTHENTICATED]),
    );
    expect(reads).toBe(2);
  });

  test('a secret that cannot be read is an internal error, not the token’s fault', async () => {
    const keys = { signingKeys: holdSecret(() => Promise.reject(new Error('denied'))), jwks: undefined };
    await expect(judge(signJwt(claims(), KEY), keys)).rejects.toThrow('denied');
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
      PRINCIPAL,
    );
    expect(await judge(signWithPrivateKey(claims(), ecPem, { alg: 'ES256', kid: 'ec-1' }), keys)).toEqual(
      PRINCIPAL,
    );
    expect(server.received.map(({ path }) => path)).toEqual(['/jwks.json']);
  });

  test('a shared key’s tokens are still accepted, without reading the set', async () => {
    expect(await judge(signJwt(claims(), KEY), withJwks())).toEqual(PRINCIPAL);
    expect(server.received).toEqual([]);
  });

  test('unknown kids do not cause repeated requests', async () => {
    const keys = withJwks();
    for (let index = 0; index < 10; index += 1) {
      const token = signWithPrivateKey(claims(), rsaPem, { alg: 'RS256', kid: `unknown-${index}` });
      expect(await judge(token, keys)).toBe(UNAUTHENTICATED);
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
    expect(await judge(token(), withJwks())).toBe(UNAUTHENTICATED);
  });

  test.each([
    ['responds 500', jsonResponse(500, {})],
    ['responds with anything but a key set', jsonResponse(200, { result: [] })],
    ['does not respond with JSON', jsonResponse(200, '<html>')],
  ])('a set whose server %s is an internal error, not the token’s fault', async (_what, respond) => {
    server.respond = respond;
    const token = signWithPrivateKey(claims(), rsaPem, { alg: 'RS256', kid: 'rsa-1' });
    await expect(judge(token, withJwks())).rejects.not.toBeInstanceOf(PlatformError);
  });
});
