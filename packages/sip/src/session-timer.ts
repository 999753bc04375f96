import type { SipHeader } from './message.ts';
import { Scanner, SipSyntaxError, scanParameters } from './scanner.ts';

/** RFC 4028 §5: a shorter session interval must not be requested. */
export const MIN_SESSION_SECONDS = 90;

/**
 * The interval that we request: the recommended default (RFC 4028 §4). Whether the far end is alive is checked more
 * often.
 */
export const DEFAULT_SESSION_SECONDS = 1_800;

/** How long a session lasts without a refresh, and which side refreshes it, according to a request and its response. */
export type SessionTimer = { seconds: number; refresher: 'uac' | 'uas' | undefined };

const SECONDS = /\d{1,9}/y;

/** Returns the first of the values that can be read; a peer's mistake here costs only the timer, not the call. */
export function sessionTimerIn(values: string[]): SessionTimer | undefined {
  for (const value of values) {
    try {
      return parseSessionTimer(value);
    } catch (error) {
      if (!(error instanceof SipSyntaxError)) throw error;
    }
  }
  return undefined;
}

/**
 * Parses Session-Expires, or Min-SE, which has the same form (RFC 4028 §4 and §5).
 *
 * @throws {SipSyntaxError} when the value does not begin with a number.
 */
function parseSessionTimer(value: string): SessionTimer {
  const scanner = new Scanner(value);
  scanner.skipSpace();
  const seconds = Number(scanner.need(SECONDS, 'session interval'));
  const refresher = scanParameters(scanner).get('refresher')?.toLowerCase();
  scanner.end('session interval');
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** Returns the headers by which a request asks for a session interval. Min-SE is sent after a 422 (RFC 4028 §7.1). */
export function sessionTimerHeaders(
  seconds: number,
  minSeconds: number | undefined,
  refresher?: 'uac' | 'uas',
): SipHeader[] {
  const parameter = refresher === undefined ? '' : `;refresher=${refresher}`;
  return [
    { name: 'Session-Expires', value: `${seconds}${parameter}` },
    ...(minSeconds === undefined ? [] : [{ name: 'Min-SE', value: `${minSeconds}` }]),
  ];
}

/** Returns the milliseconds after which the refresher refreshes (RFC 4028 §10). */
export function refreshAfterMs(seconds: number): number {
  return (seconds * 1_000) / 2;
}

/**
 * Returns the milliseconds after which the other side ends the session: before the end by a third of the interval, at most 32 s
 * (RFC 4028 §10).
 */
export function expiresAfterMs(seconds: number): number {
  return (seconds - Math.min(32, seconds / 3)) * 1_000;
}
