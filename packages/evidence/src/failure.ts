import type { CallFacts } from './call-facts.ts';
import { reasonsOf } from './reason.ts';
import { warningsOf } from './warning.ts';

/** Every value of `Failure`. */
export const FAILURES = [
  'none',
  'busy',
  'no_answer',
  'rejected',
  'authentication',
  'unreachable',
  'dns',
  'timeout',
  'cancelled',
  'blocked',
  'local',
] as const;
/** Why a call was not answered; `none` if it was, or as long as it has not ended. */
export type Failure = (typeof FAILURES)[number];

type Seen = Omit<CallFacts, 'failure' | 'hangupReason' | 'hungUpBy' | 'talkMs'>;

/**
 * Returns the platform's `hangup_reason`: the Call's own, otherwise the one that the platform's rules derive from the
 * messages.
 */
export function hangupReasonOf({
  call,
  state,
  answered,
  attempt,
  final,
  lateAnswer,
}: Seen): string | undefined {
  if (typeof call.hangup_reason === 'string' && call.hangup_reason !== '') return call.hangup_reason;
  if (state !== 'hangup') return undefined;
  if (answered) return 'normal';
  if (attempt === undefined) return undefined;
  const status = final?.status;
  if (lateAnswer !== undefined || (attempt.cancel !== undefined && (status === undefined || status === 487)))
    return 'cancel';
  if (status === undefined || final?.direction === 'internal') return 'failed';
  if (status === 486 || status === 600) return 'busy';
  return status === 408 || status === 480 || status === 603 ? 'no_answer' : 'failed';
}

/** Returns why the call was not answered. */
export function classifyFailure(seen: Seen & { hangupReason: string | undefined }): Failure {
  const { state, answered, attempt, final, lateAnswer, hangupReason } = seen;
  if (state !== 'hangup' || answered) return 'none';
  if (final !== undefined && lateAnswer === undefined) {
    if (final.direction === 'internal') return ownFailure(final);
    const weEnded =
      final.status === 487 &&
      (attempt?.cancel !== undefined || hangupReason === 'cancel' || hangupReason === 'dialout');
    if (!weEnded) return receivedFailure(final);
  }
  const failure = failureOfReason(hangupReason, seen);
  if (attempt === undefined || hangupReason === 'dialout') return failure;
  if (attempt.cancel !== undefined) return 'cancelled';
  // The capture may be incomplete: the Call can know of a response that is missing there.
  const isSilent = attempt.responses.length === 0 && !progressed(seen);
  return isSilent && failure === 'rejected' ? 'timeout' : failure;
}

/** Returns whether the call got as far as a phone: it was ringing, queued, forwarded or playing tones. */
export function progressed({ attempt, call }: Pick<Seen, 'attempt' | 'call'>): boolean {
  if (attempt === undefined || attempt.responses.length === 0) return typeof call.tm_ringing === 'string';
  return attempt.responses.some(({ status = 0 }) => status > 100 && status < 200);
}

/** Returns what a `hangup_reason` means for a call that was not answered. */
function failureOfReason(reason: string | undefined, seen: Seen): Failure {
  switch (reason) {
    case 'busy':
      return 'busy';
    case 'no_answer':
    case 'noanswer':
    // Also the platform's reason for Q.850 causes 16 and 26 of a call that was still being dialled or ringing.
    case 'normal':
    // These follow an answer, but without a sign of one the call does not count as answered.
    case 'timeout':
    case 'amd':
      return 'no_answer';
    case 'dialout':
      return progressed(seen) ? 'no_answer' : 'timeout';
    case 'cancel':
      return 'cancelled';
    case 'failed':
      return 'rejected';
    default:
      // A reason that is not known here, or none. A provider that made a phone ring did not reject the call.
      return progressed(seen) ? 'no_answer' : 'rejected';
  }
}

type Response = NonNullable<Seen['final']>;

const DNS_WORDS = /unresolvable|resolv|ENOTFOUND|EAI_AGAIN|ENODATA|no such name|\bDNS\b|\bSRV\b|name server/i;
const AUTHENTICATION_WORDS = /digest|credential|password|account|authenticat|algorithm|challenge/i;
const TIMEOUT_WORDS = /time-?d?\s?out|timer [bf]\b|no response/i;
const UNREACHABLE_WORDS =
  /ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|unreachable|refused|reset|certificate|TLS|ICMP|connect|send failed|error on sending/i;

/** Returns the failure behind a response from our edge in place of the provider. */
function ownFailure(response: Response): Failure {
  const { status, reasonPhrase = '' } = response;
  const words = [reasonPhrase, ...warningsOf(response).map(({ text }) => text)].join(' ').slice(0, 500);
  if (status === 478 || status === 476 || DNS_WORDS.test(words)) return 'dns';
  if (status === 401 || status === 407 || AUTHENTICATION_WORDS.test(words)) return 'authentication';
  if (status === 403) return 'blocked';
  if (status === 408) return 'timeout';
  if (status === 503 || status === 477) return 'unreachable';
  if (TIMEOUT_WORDS.test(words)) return 'timeout';
  if (UNREACHABLE_WORDS.test(words)) return 'unreachable';
  if (status !== undefined && status >= 300 && status < 400) return 'rejected';
  if (/redirect/i.test(words)) return 'rejected';
  return 'local';
}

/**
 * Returns the failure behind a response from the provider. The telephone network's own cause, if there is one, is more
 * precise than the status.
 */
function receivedFailure(response: Response): Failure {
  const { status = 0 } = response;
  const cause = reasonsOf(response).find(({ protocol }) => protocol === 'Q.850')?.cause;
  if (cause === 17) return 'busy';
  if (cause === 18 || cause === 19 || cause === 20) return 'no_answer';
  if (status === 401 || status === 407) return 'authentication';
  if (status === 403 && REFUSED_CREDENTIALS.test(response.reasonPhrase ?? '')) return 'authentication';
  if (cause !== undefined && PROVIDER_CAUSES.has(cause)) return 'rejected';
  if (status === 486 || status === 600) return 'busy';
  if (status === 408 || status === 480 || status === 603) return 'no_answer';
  return 'rejected';
}

/** Some servers respond to a wrong password with 403 instead of another challenge. */
const REFUSED_CREDENTIALS =
  /auth(?:entication)? (?:fail|error|reject|denied)|(?:bad|wrong|invalid) (?:auth\b|authentication|credential|password|username|user name|digest)/i;

/** Causes that no phone sends: the number or the network failed. */
const PROVIDER_CAUSES: ReadonlySet<number> = new Set([
  1, 2, 3, 5, 6, 25, 28, 34, 38, 41, 42, 44, 47, 50, 57, 58, 63, 65, 79, 88, 95, 96, 97, 98, 99, 100, 101,
  111,
]);
