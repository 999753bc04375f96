/** What the demo carrier does with a call. */
export type DemoBehaviour =
  | { kind: 'answer' /** For our BYE; else it hangs up itself after a while. */; waits: boolean }
  | { kind: 'ring' }
  | { kind: 'refuse'; status: number; reason: string }
  | { kind: 'challenge'; status: 401 | 407 };

const REASONS: Record<number, string> = {
  302: 'Moved Temporarily',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  484: 'Address Incomplete',
  486: 'Busy Here',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
};

/**
 * By three digits in front of the dialled "+" (a provider's `tech_prefix`), or by the last three of a number that ends
 * in "00" and these: a final SIP status refuses with it, 401 and 407 ask for credentials first, 180 rings for ever, 200
 * answers and waits to be hung up. Any other number is answered and hung up after a while.
 */
export function demoBehaviourOf(user: string): DemoBehaviour {
  const code = Number(/^(\d{3})\+/.exec(user)?.[1] ?? /00([2-6]\d\d|180)$/.exec(user)?.[1]);
  if (code === 180) return { kind: 'ring' };
  if (code === 401 || code === 407) return { kind: 'challenge', status: code };
  if (code >= 300 && code <= 699) return { kind: 'refuse', status: code, reason: REASONS[code] ?? 'Refused' };
  return { kind: 'answer', waits: code === 200 };
}
