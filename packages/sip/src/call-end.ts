/** Why a call ended, in the platform's terms. */
export type HangupReason = 'normal' | 'failed' | 'busy' | 'cancel' | 'timeout' | 'no_answer' | 'dialout';

/** How a call ended. `sipStatus` is the final response to its INVITE, if one was received. */
export type CallEnd = { by: 'local' | 'remote'; reason: HangupReason; sipStatus?: number };

const BUSY = new Set([486, 600]);
const NO_ANSWER = new Set([408, 480, 603]);

/**
 * Returns the reason for a final response to our INVITE: `busy` when the far end is busy, `no_answer` when it is silent
 * or declines, `failed` when the provider itself rejects the call.
 */
export function hangupReasonOf(sipStatus: number): HangupReason {
  if (sipStatus >= 200 && sipStatus < 300) return 'normal';
  if (BUSY.has(sipStatus)) return 'busy';
  if (NO_ANSWER.has(sipStatus)) return 'no_answer';
  return 'failed';
}
