import { createHash, randomBytes } from 'node:crypto';
import type { SipHeader, SipResponse } from './message.ts';
import { headerValues } from './message.ts';
import { quote, Scanner, SipSyntaxError, TOKEN_PATTERN, unquote } from './scanner.ts';

export type Credentials = { username: string; password: string };

export type DigestChallenge = {
  realm: string;
  nonce: string;
  opaque?: string;
  algorithm: 'MD5' | 'SHA-256';
  /** The algorithm as the server wrote it, which is sent back unchanged; absent means MD5. */
  algorithmWritten?: string;
  /** Absent from servers that still speak RFC 2069. */
  qop?: 'auth';
  stale: boolean;
};

/** The headers for credentials and for challenges. */
const CREDENTIALS_NAMES = { 401: 'Authorization', 407: 'Proxy-Authorization' } as const;
const CHALLENGE_NAMES = { 401: 'WWW-Authenticate', 407: 'Proxy-Authenticate' } as const;

const ALGORITHMS = { md5: 'MD5', 'sha-256': 'SHA-256' } as const;
const HASH_NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/**
 * Returns the fields of `Digest name=value, …` (RFC 3261 §25.1), or undefined for another scheme.
 *
 * @throws {SipSyntaxError} when a field cannot be read or occurs twice
 */
export function parseDigestFields(value: string): Map<string, string> | undefined {
  const scanner = new Scanner(value);
  scanner.skipSpace();
  if (scanner.need(TOKEN_PATTERN, 'scheme').toLowerCase() !== 'digest') return undefined;
  scanner.skipSpace();
  const fields = new Map<string, string>();
  do {
    const name = scanner.need(TOKEN_PATTERN, 'field').toLowerCase();
    if (!scanner.takeSeparator('=')) throw scanner.fail('no value');
    const quoted = scanner.takeQuoted();
    const text = quoted === undefined ? scanner.need(TOKEN_PATTERN, 'value') : unquote(quoted);
    if (fields.has(name)) throw scanner.fail('field given twice');
    fields.set(name, text);
  } while (scanner.takeSeparator(','));
  scanner.end('digest');
  return fields;
}

/**
 * Returns a challenge (RFC 3261 §22.4, RFC 8760), or undefined for a scheme or an algorithm that is not supported.
 *
 * @throws {SipSyntaxError} when it cannot be read, or has no realm or nonce
 */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const fields = parseDigestFields(value);
  if (fields === undefined) return undefined;
  const realm = fields.get('realm');
  const nonce = fields.get('nonce');
  if (realm === undefined || nonce === undefined)
    throw new SipSyntaxError('challenge without realm or nonce');
  const algorithmWritten = fields.get('algorithm');
  const algorithm = algorithmOf(algorithmWritten ?? 'MD5');
  const offered = fields
    .get('qop')
    ?.split(',')
    .map((qop) => qop.trim().toLowerCase());
  if (algorithm === undefined || (offered !== undefined && !offered.includes('auth'))) return undefined;
  const opaque = fields.get('opaque');
  return {
    realm,
    nonce,
    algorithm,
    ...(opaque === undefined ? {} : { opaque }),
    ...(algorithmWritten === undefined ? {} : { algorithmWritten }),
    ...(offered === undefined ? {} : { qop: 'auth' }),
    stale: fields.get('stale')?.toLowerCase() === 'true',
  };
}

function algorithmOf(written: string): 'MD5' | 'SHA-256' | undefined {
  const name = written.toLowerCase();
  return name === 'md5' || name === 'sha-256' ? ALGORITHMS[name] : undefined;
}

/**
 * Returns the first supported challenge of a 401 or 407: servers list the one that they prefer first (RFC 8760 §2.4).
 */
function challengeOf(response: SipResponse): DigestChallenge | undefined {
  if (response.status !== 401 && response.status !== 407) return undefined;
  for (const value of headerValues(response, CHALLENGE_NAMES[response.status])) {
    try {
      const challenge = parseChallenge(value);
      if (challenge !== undefined) return challenge;
    } catch (error) {
      if (!(error instanceof SipSyntaxError)) throw error;
    }
  }
  return undefined;
}

/** Returns what the challenges require that is not supported, such as `SHA-512-256`. */
function unsupportedText(response: SipResponse, status: 401 | 407): string {
  const values = headerValues(response, CHALLENGE_NAMES[status]);
  if (values.length === 0) return `No challenge in the ${status}`;
  const schemes = values.map((value) => {
    try {
      const fields = parseDigestFields(value);
      const quality = fields?.get('qop');
      const parts = [fields?.get('algorithm') ?? 'MD5', ...(quality === undefined ? [] : [`qop=${quality}`])];
      return fields === undefined ? value.split(' ', 1).join('') : `Digest ${parts.join(' ')}`;
    } catch (error) {
      if (!(error instanceof SipSyntaxError)) throw error;
      return 'a challenge that cannot be read';
    }
  });
  return `Unsupported authentication: ${[...new Set(schemes)].join(', ')}`;
}

export type DigestUse = { method: string; uri: string; cnonce: string /** From 1. */; count: number };

/** Returns the `response` field (RFC 3261 §22.4, RFC 7616 §3.4.1). */
export function digestResponse(
  credentials: Credentials,
  challenge: Pick<DigestChallenge, 'realm' | 'nonce' | 'algorithm' | 'qop'>,
  use: DigestUse,
): string {
  const hash = (text: string) =>
    createHash(HASH_NAMES[challenge.algorithm]).update(text, 'utf8').digest('hex');
  const who = hash(`${credentials.username}:${challenge.realm}:${credentials.password}`);
  const what = hash(`${use.method}:${use.uri}`);
  if (challenge.qop === undefined) return hash(`${who}:${challenge.nonce}:${what}`);
  return hash(`${who}:${challenge.nonce}:${nonceCount(use.count)}:${use.cnonce}:${challenge.qop}:${what}`);
}

function nonceCount(count: number): string {
  return count.toString(16).padStart(8, '0');
}

/** Returns the value of the header with the credentials for a challenge. */
export function authorizationValue(
  credentials: Credentials,
  challenge: DigestChallenge,
  use: Omit<DigestUse, 'cnonce'> & { cnonce?: string },
): string {
  const cnonce = use.cnonce ?? randomBytes(8).toString('hex');
  const fields = [
    `username=${quote(credentials.username)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(use.uri)}`,
    `response="${digestResponse(credentials, challenge, { ...use, cnonce })}"`,
  ];
  if (challenge.algorithmWritten !== undefined) fields.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== undefined) fields.push(`opaque=${quote(challenge.opaque)}`);
  if (challenge.qop !== undefined)
    fields.push(`qop=auth`, `cnonce="${cnonce}"`, `nc=${nonceCount(use.count)}`);
  return `Digest ${fields.join(', ')}`;
}

type Kept = { status: 401 | 407; challenge: DigestChallenge /** Uses of its nonce. */; count: number };

/** A server that challenges a request more often than this will never accept it. */
const MAX_REPETITIONS = 4;

/**
 * The challenges of one call, and the credentials for them. A proxy and the far end may both send challenges, each for
 * its own realm.
 */
export class DigestSession {
  readonly #credentials: Credentials | undefined;
  readonly #kept = new Map<string, Kept>();
  readonly #responded = new Set<string>();
  #repetitions = 0;

  constructor(credentials: Credentials | undefined) {
    this.#credentials = credentials;
  }

  /** Starts a new request (the BYE after the INVITE), whose challenges are judged afresh. */
  begin(): void {
    this.#responded.clear();
    this.#repetitions = 0;
  }

  /**
   * Processes a response and returns whether the request should be repeated with credentials: only after a 401 or 407,
   * if there is an account and one of the challenges is supported. It should not if the same realm rejects our
   * response, unless it says that only its nonce was stale. `problem` is something that the admin can fix.
   */
  accept(response: SipResponse): { shouldRepeat: boolean; problem?: string } {
    const { status } = response;
    if (status !== 401 && status !== 407) return { shouldRepeat: false };
    const challenge = challengeOf(response);
    if (challenge === undefined) return { shouldRepeat: false, problem: unsupportedText(response, status) };
    if (this.#credentials === undefined) {
      return { shouldRepeat: false, problem: `No account for the challenge of ${quote(challenge.realm)}` };
    }
    const key = `${status} ${challenge.realm}`;
    const isRejected = this.#responded.has(key) && !challenge.stale;
    if (isRejected || this.#repetitions >= MAX_REPETITIONS) return { shouldRepeat: false };
    this.#responded.add(key);
    this.#repetitions += 1;
    this.#kept.set(key, { status, challenge, count: 0 });
    return { shouldRepeat: true };
  }

  /**
   * Returns the header fields for the next request or, if `isCounted` is false, for one that is built only to measure
   * its size.
   */
  headers(method: string, uri: string, isCounted = true): SipHeader[] {
    const credentials = this.#credentials;
    if (credentials === undefined) return [];
    return [...this.#kept.values()].map((kept) => {
      if (isCounted) kept.count += 1;
      return {
        name: CREDENTIALS_NAMES[kept.status],
        value: authorizationValue(credentials, kept.challenge, { method, uri, count: kept.count }),
      };
    });
  }
}
