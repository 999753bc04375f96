import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import {
  JOSEError,
  JWKSInvalid,
  JWKSNoMatchingKey,
  JWKSTimeout,
  JWSSignatureVerificationFailed,
  JWTExpired,
} from 'jose/errors';
import * as z from 'zod/mini';
import type { HeldSecret } from '../outbound/secret.ts';
import { PlatformError } from '../platform-error.ts';
import { timestampMilliseconds, timestampSchema } from '../timestamp.ts';
import { idSchema } from '../uuid.ts';
import { permissionSchema } from './permission.ts';
import { CredentialError, type CredentialFault, type Principal } from './principal.ts';
import { hasUniqueKeys } from './unique-keys.ts';

/** A platform token has about 500 bytes; one with thousands is rejected without being verified. */
const MAX_TOKEN_CHARACTERS = 8_192;

/** Seconds by which the clocks of issuer and verifier may differ. */
const CLOCK_SKEW_SECONDS = 30;

const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

const headerSchema = z.object({ alg: z.string() });

/** Claims of a platform token. `expire` is the platform's own; jose checks the standard ones. */
const claimsSchema = z.object({
  type: z.optional(z.enum(['agent', 'direct', 'delegate'])),
  expire: z.optional(timestampSchema),
  exp: z.optional(z.number()),
  agent: z.optional(
    z.object({
      id: idSchema,
      customer_id: idSchema,
      username: z.optional(z.string()),
      permission: permissionSchema,
    }),
  ),
});

/** What tokens are verified against: the shared keys, and the JWKS where one is configured. */
export type TokenKeys = {
  signingKeys: HeldSecret<Uint8Array[]>;
  jwks: ReturnType<typeof createRemoteJWKSet> | undefined;
};

/**
 * Returns whom a token represents.
 *
 * @throws {CredentialError} when it is not valid
 * @throws {PlatformError} DIRECT_ACCESS_NOT_SUPPORTED or PERMISSION_DENIED when its type never carries project permissions
 */
export async function verifyToken(token: string, keys: TokenKeys, now: Date): Promise<Principal> {
  checkForm(token);
  let payload: JWTPayload;
  try {
    payload = await verifySignature(token, keys, now);
  } catch (error) {
    if (error instanceof JOSEError && !isKeySetFailure(error))
      throw new CredentialError(faultOf(error), error);
    throw error;
  }
  const { data: claims, error } = z.safeParse(claimsSchema, payload);
  if (claims === undefined) throw new CredentialError('malformed', error);
  if (claims.expire === undefined && claims.exp === undefined) throw new CredentialError('malformed');
  const expiresAt =
    claims.expire === undefined ? Number.POSITIVE_INFINITY : timestampMilliseconds(claims.expire);
  if (expiresAt + CLOCK_SKEW_SECONDS * 1_000 <= now.getTime()) throw new CredentialError('expired');
  switch (claims.type ?? 'agent') {
    case 'direct':
      throw new PlatformError(
        'DIRECT_ACCESS_NOT_SUPPORTED',
        'A direct token cannot use this API. Log in as a super-admin.',
      );
    case 'delegate':
      throw new PlatformError(
        'PERMISSION_DENIED',
        'A delegate token has no project permission. Log in as a super-admin.',
      );
    case 'agent':
      if (claims.agent === undefined) throw new CredentialError('malformed');
      return {
        customerId: claims.agent.customer_id,
        actor: { type: 'agent', id: claims.agent.id },
        permission: claims.agent.permission,
      };
  }
}

/**
 * Returns the key set at a JWKS URL. jose holds it for ten minutes and requests it again for an unknown `kid`, at most every
 * 30 s (https://github.com/panva/jose/blob/main/docs/jwks/remote/functions/createRemoteJWKSet.md).
 */
export function jwksAt(url: string): ReturnType<typeof createRemoteJWKSet> {
  return createRemoteJWKSet(new URL(url), {
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 3_000,
  });
}

/** Rejects anything that is not a compact JWS, or whose parts could be read in two ways. */
function checkForm(token: string): void {
  if (token.length > MAX_TOKEN_CHARACTERS) throw new CredentialError('malformed');
  const [, header, payload] = COMPACT_JWS.exec(token) ?? [];
  if (header === undefined || payload === undefined) throw new CredentialError('malformed');
  try {
    if (hasUniqueKeys(decode(header)) && hasUniqueKeys(decode(payload))) return;
  } catch (cause) {
    throw new CredentialError('malformed', cause);
  }
  throw new CredentialError('repeated');
}

/** The algorithm decides which keys count, so that no public key is ever taken for a shared one (RFC 8725 §3.1). */
async function verifySignature(token: string, keys: TokenKeys, now: Date): Promise<JWTPayload> {
  const header = JSON.parse(decode(token.slice(0, token.indexOf('.'))));
  const alg = z.safeParse(headerSchema, header).data?.alg;
  if (alg === 'HS256') return await verifyShared(token, keys, now);
  if (keys.jwks === undefined || (alg !== 'RS256' && alg !== 'ES256'))
    throw new CredentialError('algorithm_not_allowed');
  const options = { algorithms: [alg], clockTolerance: CLOCK_SKEW_SECONDS, currentDate: now };
  return (await jwtVerify(token, keys.jwks, options)).payload;
}

/**
 * Verifies with the shared keys. If none of them matches the signature, reads the keys again, because one may just have
 * been added.
 */
async function verifyShared(token: string, { signingKeys }: TokenKeys, now: Date): Promise<JWTPayload> {
  const options = { algorithms: ['HS256'], clockTolerance: CLOCK_SKEW_SECONDS, currentDate: now };
  for (const read of [signingKeys.current, signingKeys.refresh]) {
    for (const key of await read()) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (error) {
        if (!(error instanceof JWSSignatureVerificationFailed)) throw error;
      }
    }
  }
  throw new CredentialError('unknown');
}

/** Returns the fault in the token that one of jose's errors reports. */
function faultOf(error: JOSEError): CredentialFault {
  if (error instanceof JWTExpired) return 'expired';
  if (error instanceof JWKSNoMatchingKey || error instanceof JWSSignatureVerificationFailed) return 'unknown';
  return 'claim' in error && error.claim === 'nbf' ? 'not_yet_valid' : 'malformed';
}

/** Returns whether one of jose's errors is not the token's fault: the key set could not be read. */
function isKeySetFailure(error: unknown): boolean {
  return (
    error instanceof JWKSTimeout ||
    error instanceof JWKSInvalid ||
    (error instanceof JOSEError && error.code === 'ERR_JOSE_GENERIC')
  );
}

function decode(segment: string): string {
  return Buffer.from(segment, 'base64url').toString('utf8');
}
