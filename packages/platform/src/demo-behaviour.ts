import { reasonPhraseOf } from './reason-phrase.ts';

/** What the demo carrier does with a call. */
export type DemoBehaviour =
  /** After answering, the carrier waits for our BYE, or hangs up itself after a while. */
  | { kind: 'answer'; waits: boolean }
  | { kind: 'ring' }
  | { kind: 'reject'; status: number; reason: string }
  | { kind: 'challenge'; status: 401 | 407 };

/**
 * Returns what the demo carrier does with a call to `user`. This is determined by three digits in front of the dialled
 * "+" (a provider's `tech_prefix`), or by three digits after "00" at the end of the number: a final SIP status rejects
 * the call with it, 401 and 407 ask for credentials first, 180 rings forever, 200 answers and waits to be hung up. Any
 * other number is answered and hung up after a while.
 */
export function demoBehaviourOf(user: string): DemoBehaviour {
  const code = Number(/^(\d{3})\+/.exec(user)?.[1] ?? /00([2-6]\d\d|180)$/.exec(user)?.[1]);
  if (code === 180) return { kind: 'ring' };
  if (code === 401 || code === 407) return { kind: 'challenge', status: code };
  if (code >= 300 && code <= 699) return { kind: 'reject', status: code, reason: reasonPhraseOf(code) };
  return { kind: 'answer', waits: code === 200 };
}
