import type { HangupReason } from './records/call.ts';

const busy = new Set([486, 600]);
const unanswered = new Set([408, 480, 603]);

/**
 * Why a call ended, from the final SIP status that the provider gave to our INVITE.
 *
 * Far end busy is `busy`, far end silent or declining is `no_answer`, everything else is the provider's own refusal.
 * A status that an admin must not mistake for the phone's answer is therefore `failed`.
 */
export function hangupReasonOf(sipStatus: number): HangupReason {
  if (sipStatus >= 200 && sipStatus < 300) return 'normal';
  if (busy.has(sipStatus)) return 'busy';
  if (unanswered.has(sipStatus)) return 'no_answer';
  return 'failed';
}
