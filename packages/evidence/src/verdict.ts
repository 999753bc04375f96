import { type Advice, adviceOn } from './advice.ts';
import type { CallFacts } from './call-facts.ts';
import { challengeOf } from './challenge.ts';
import { finalOf, type ObservedMessage } from './conversation.ts';
import { explainQ850 } from './explain-q850.ts';
import { explainSipStatus } from './explain-sip-status.ts';
import { progressed } from './failure.ts';
import { millisecondsBetween } from './instant.ts';
import { mediaDirection, mediaFault } from './media.ts';
import { plainLine } from './plain-text.ts';
import { headerValues } from './read-message.ts';
import { q850CauseOf, reasonsOf } from './reason.ts';
import { hasCredentials, otherAnswers, reasonText } from './remarks.ts';
import { warningsOf } from './warning.ts';

/** A call that ends sooner after its answer was probably not answered by a person. */
const SHORT_TALK_MS = 1_000;
const MAX_QUOTED_CHARACTERS = 120;
/** No genuine reason is longer than this. */
const MAX_WORDS = 300;

/**
 * Returns one sentence: what happened, who is at fault (the provider, the far end, our side or nobody), and what to
 * try.
 */
export function verdictOf(facts: CallFacts): string {
  const text = facts.state === 'hangup' ? endedVerdict(facts) : runningVerdict(facts);
  const sentence = plainLine(`${earlierAttempts(facts)}${text}`);
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function runningVerdict({ state, attempt, conversation }: CallFacts): string {
  const request = attempt?.request;
  switch (state) {
    case 'unknown':
      return 'nothing is known about this call yet; check again later';
    case 'ringing':
      return 'the phone is ringing';
    case 'progressing':
      return 'answered and in progress';
    case 'terminating':
      return 'answered and being ended';
    case 'canceling':
      return 'being cancelled before the answer';
    default:
      if (conversation.messages.length === 0 || request === undefined)
        return 'being dialled; nothing was captured yet';
      if (attempt === undefined || attempt.responses.length === 0) {
        return `the provider has not responded to ${times(request, 'INVITE')} yet`;
      }
      if (progressed({ attempt, call: { id: '' } })) return 'the call makes progress but does not ring yet';
      return 'the provider has the INVITE and has reported no progress yet';
  }
}

function endedVerdict(facts: CallFacts): string {
  const { failure, final, attempt, lateAnswer } = facts;
  if (failure === 'none') return answeredVerdict(facts);
  if (lateAnswer !== undefined) return lateAnswerVerdict(facts, lateAnswer);
  if (attempt === undefined || isIncomplete(facts)) return unseenVerdict(facts);
  if (final?.direction === 'internal') return edgeVerdict(facts, final);
  const weEnded = failure === 'cancelled' || final === undefined || final.status === 487;
  if (weEnded && (attempt.cancel !== undefined || final === undefined || failure !== 'rejected')) {
    return unfinishedVerdict(facts);
  }
  return final === undefined ? unfinishedVerdict(facts) : refusedVerdict(facts, final);
}

function answeredVerdict(facts: CallFacts): string {
  const { final, attempt, bye, talkMs, hungUpBy, call } = facts;
  const delay = millisecondsBetween(attempt?.request?.time, final?.time);
  const answered = delay === undefined ? 'answered' : `answered ${seconds(delay)} after the INVITE`;
  if (final !== undefined && attempt?.ack === undefined && final.retransmissions > 0) {
    return `${answered}, but our ACK is missing though the 200 came ${final.retransmissions + 1} times: we are at fault; check that our side reaches the Contact of the 200`;
  }
  if (final !== undefined && final.retransmissions >= 2) {
    return `${answered}, but our ACK did not arrive (the 200 came ${final.retransmissions + 1} times): the Contact or Record-Route of the provider's 200 is probably wrong; report it with the Call-ID`;
  }
  if (attempt !== undefined && final !== undefined && otherAnswers(attempt, final).length > 0) {
    return `${answered} by more than one phone, because the call was forked: the provider may bill each; ask it not to fork calls to this number`;
  }
  const media = mediaFault(facts);
  if (media !== undefined) return `${answered}, with ${media}`;
  const dropped = dropReason(facts);
  const silence = silenceAfterAnswer(facts);
  if (silence !== undefined) {
    return `${answered}, but the provider did not respond to ${silence}: it may have lost the call and may go on billing it; report it with the Call-ID`;
  }
  const ended = `ended by ${hungUpBy === 'local' ? 'us' : hungUpBy === 'remote' ? 'the far end' : 'an unknown party'}`;
  const talked = talkMs === undefined ? '' : ` after ${seconds(talkMs)}`;
  if (dropped !== undefined) return `${answered}, and ${dropped}`;
  if (call.hangup_reason === 'timeout') {
    return `${answered} and ended by us${talked} at the maximum duration: nobody is at fault`;
  }
  if (bye !== undefined && hungUpBy === 'remote' && talkMs !== undefined && talkMs < SHORT_TALK_MS) {
    return `${answered} and ${ended}${talked}: too soon for a person, so perhaps the provider or a voicemail dropped it; dial again and listen`;
  }
  if (hungUpBy === undefined)
    return `${answered}${talked === '' ? '' : `, talked ${talked.slice(7)}`}: nobody is at fault, the provider works`;
  return `${answered} and ${ended}${talked}: nobody is at fault, the provider works`;
}

/**
 * Returns what the provider did not respond to during the call, as reported by our edge or shown by a repeatedly
 * retransmitted BYE.
 */
function silenceAfterAnswer({ conversation, bye, final }: CallFacts): string | undefined {
  const { messages } = conversation;
  const later = messages.slice(final === undefined ? 0 : messages.indexOf(final) + 1);
  const reported = later.find(
    ({ direction, status }) => direction === 'internal' && (status === 408 || status === 503),
  );
  if (reported?.cseq !== undefined) return `${reported.cseq.method} (${quoted(statusLine(reported))})`;
  const responded = later.some(
    ({ status, cseq, direction }) =>
      direction === 'received' && status !== undefined && cseq?.method === 'BYE',
  );
  return bye?.direction === 'sent' && bye.retransmissions >= 2 && !responded ? times(bye, 'BYE') : undefined;
}

/** Returns what a BYE says about a call that did not end normally. */
function dropReason({ bye, conversation, talkMs }: CallFacts): string | undefined {
  if (bye === undefined) return undefined;
  const unusual = reasonsOf(bye).find(({ protocol, cause, text = '' }) => {
    if (protocol === 'Q.850') return cause !== undefined && cause !== 16 && cause !== 31;
    return (cause !== undefined && cause >= 300) || /time.?out|expire|media|rtp/i.test(text);
  });
  const timers = conversation.messages.some((message) => headerValues(message, 'Session-Expires').length > 0);
  const timedOut = unusual !== undefined && /session|timer|expire/i.test(unusual.text ?? '');
  if (unusual === undefined) return undefined;
  const after = talkMs === undefined ? '' : ` after ${seconds(talkMs)}`;
  const by = bye.direction === 'received' ? 'the provider' : 'we';
  const reason = quoted(reasonText(unusual));
  if (timedOut || (timers && unusual.cause === 408)) {
    return `${by} dropped it${after} because the session timer expired (${reason}): a refresh did not get through; check re-INVITEs in the ladder`;
  }
  const fault =
    bye.direction === 'received'
      ? 'the provider or the network behind it is at fault'
      : 'see the reason for which we did';
  return `${by} dropped it${after} (${reason}): ${fault}; dial again, and report it with the Call-ID if it persists`;
}

function lateAnswerVerdict({ bye, call }: CallFacts, answer: ObservedMessage): string {
  const billed = millisecondsBetween(answer.time, bye?.time);
  const ended =
    bye === undefined
      ? 'no BYE from us was captured, so the call may still be up'
      : `we hung up${billed === undefined ? '' : ` ${seconds(billed)} later`}`;
  const why = call.hangup_reason === 'dialout' ? 'at our dial timeout' : 'when we cancelled';
  return `the phone answered just ${why} and ${ended}: nobody is at fault, but the provider bills the call; compare its bill, or dial again and wait longer`;
}

/**
 * Returns whether only the Call knows how the attempt ended. The platform keeps the first 50 messages of a call, and
 * they arrive later than the Call.
 */
function isIncomplete(facts: CallFacts): boolean {
  const { failure, final, attempt, hangupReason } = facts;
  if (final !== undefined) return false;
  const isByFarEnd = failure === 'busy' || (failure === 'no_answer' && hangupReason !== 'dialout');
  return isByFarEnd || (attempt?.responses.length === 0 && progressed(facts));
}

/** Returns the verdict if the end of the attempt was not captured and only the Call is known. */
function unseenVerdict({ failure, hangupReason, attempt, conversation, call }: CallFacts): string {
  const unseen =
    attempt !== undefined
      ? 'the capture is incomplete'
      : conversation.messages.length === 0
        ? 'no messages were captured'
        : 'no INVITE is among the messages';
  const isKnown = hangupReason === undefined || hangupReason === 'failed';
  const ended = isKnown ? 'failed' : `ended with "${quoted(hangupReason)}"`;
  switch (failure) {
    case 'busy':
      return `the phone is busy (${unseen}): the far end's doing, the provider works; call again later or try another number`;
    case 'no_answer':
      return hangupReason === 'dialout'
        ? `the phone did not answer before our dial timeout (${unseen}): the far end's doing, the provider works; try another number`
        : `the phone did not answer or declined (${unseen}): the far end's doing, the provider works; call again later or try another number`;
    case 'timeout':
      return `nothing rang before our dial timeout (${unseen}): the provider is probably at fault; check its hostname and health, then try another number`;
    case 'cancelled':
      return `we cancelled${typeof call.tm_ringing === 'string' ? ' while it rang' : ' before it rang'} (${unseen}): nobody is at fault; dial again`;
    default:
      return `the call ${ended} and ${unseen}, so it is not known whether the provider refused it or was not reached; check the provider's hostname and health, then dial again`;
  }
}

/** Returns the verdict if our edge responded instead of the provider. */
function edgeVerdict({ failure, attempt }: CallFacts, final: ObservedMessage): string {
  const where = attempt?.request?.direction === 'sent' ? ` at ${attempt.request.destination}` : '';
  const said = statusLine(final);
  const warning = warningsOf(final).find(({ text }) => text !== '' && text !== final.reasonPhrase);
  const detail = quoted(warning === undefined ? said : `${said}, ${warning.text}`);
  const words = `${said} ${warning?.text ?? ''}`;
  switch (failure) {
    case 'dns':
      return `the provider's hostname cannot be resolved (${detail}): nothing was sent; correct the hostname, or have its DNS or SRV records corrected`;
    case 'timeout':
      return noResponse(attempt?.request, where, detail);
    case 'blocked':
      return `we did not send the call (${detail}): the provider's address is not among those that we may call, so we are at fault; add it to our allow list (SIP_ALLOW) if it should be called`;
    case 'authentication':
      if (/algorithm|digest|unsupported/i.test(words)) {
        return `the provider asks for a kind of digest that we do not support (${detail}): ask it for MD5 or SHA-256, or for access by our address`;
      }
      return `the provider asks for credentials that we do not have (${detail}): set its user name and password, or have our address put on its allow list`;
    case 'unreachable':
      if (/refused/i.test(words)) {
        return `nothing listens${where === '' ? " at the provider's address" : where} (${detail}): the provider is down or its port is wrong; check hostname and port`;
      }
      if (/certificate|TLS|self.?signed/i.test(words)) {
        return `the provider's TLS connection failed (${detail}): the provider is at fault if its certificate is not valid for its hostname; correct that, or use another transport`;
      }
      return `the provider cannot be reached${where} (${detail}): check hostname, port and the network between us`;
    case 'rejected':
      return `the provider redirected the call and we did not follow (${detail}): set its hostname to where it redirects`;
    default:
      return `we could not make the call (${detail}): we are at fault, and nothing was sent to the provider; the reason is in brackets`;
  }
}

/** Returns the verdict if no response decided the call, or only the 487 that our own CANCEL caused. */
function unfinishedVerdict(facts: CallFacts): string {
  const { failure, attempt, final } = facts;
  const request = attempt?.request;
  const cancel = attempt?.cancel;
  const ringing = attempt?.responses.find(({ status }) => status === 180);
  const waited = millisecondsBetween(ringing?.time ?? request?.time, cancel?.time ?? final?.time);
  const after = waited === undefined ? '' : ` after ${seconds(waited)}`;
  const where = request === undefined ? '' : ` at ${request.destination}`;
  if (failure === 'timeout' || attempt?.responses.length === 0) {
    if (attempt?.responses.length === 0) return noResponse(request, where);
    return `the provider took the INVITE and reported no progress${after === '' ? '' : ` in ${seconds(waited ?? 0)}`}: the provider is at fault, its route to this number leads nowhere; try another number, and report it with the Call-ID`;
  }
  const unconfirmed =
    cancel !== undefined && final === undefined
      ? ', and the provider never confirmed the CANCEL, so the phone may go on ringing; ask the provider'
      : '';
  switch (failure) {
    case 'no_answer':
      return ringing === undefined
        ? `we gave up at our dial timeout${after} without an answer, after progress but no ringing: the far end, perhaps behind an announcement; listen to the call or try another number${unconfirmed}`
        : `the phone rang unanswered until our dial timeout${after}: the far end's doing, the provider works; try another number${unconfirmed}`;
    case 'cancelled':
      return ringing === undefined
        ? `we cancelled${after}, before it rang: nobody is at fault; dial again and wait longer to find out about the provider${unconfirmed}`
        : `we cancelled after ${waited === undefined ? 'some' : seconds(waited)} of ringing: nobody is at fault, the provider works as far as ringing${unconfirmed}`;
    case 'busy':
      return "the phone is busy: the far end's doing, the provider works; call again later or try another number";
    default:
      return `no final response to the INVITE was captured${where}: it cannot be determined whether the provider is at fault; dial again`;
  }
}

function noResponse(request: ObservedMessage | undefined, where: string, detail?: string): string {
  const sent = request === undefined ? '' : ` to ${times(request, 'INVITE')}`;
  const said = detail === undefined ? '' : ` (${detail})`;
  return `no response${sent}${where}${said}: the provider is down, its hostname or port is wrong, or it ignores our address; check these, and whether our address is on its allow list`;
}

/** Returns the verdict on a final response that the provider sent, its own or the far end's. */
function refusedVerdict(facts: CallFacts, final: ObservedMessage): string {
  if (facts.failure === 'authentication') return authenticationVerdict(facts, final);
  const { status = 0, reasonPhrase = '' } = final;
  const texts = [...warningsOf(final), ...reasonsOf(final)].map(({ text }) => text);
  const words = [reasonPhrase, ...texts].join(' ').slice(0, MAX_WORDS);
  const advice = adviceOn(status, q850CauseOf(final), ownWords(status, words));
  const details = detailsOf(final, facts.attempt);
  const inBrackets = details.length === 0 ? '' : ` (${details.map(quoted).join(', ')})`;
  const said = `${quoted(statusLine(final))} from the ${advice.from}${inBrackets}`;
  return `${said}: ${redirectText(final) ?? credentialsText(facts, advice) ?? advice.text}`;
}

/** Returns what the response says beyond its status. */
function detailsOf(final: ObservedMessage, attempt: CallFacts['attempt']): string[] {
  const { status = 0 } = final;
  const cause = q850CauseOf(final);
  const name = cause === undefined ? undefined : explainQ850(cause)?.name;
  const named = DETAILS_BY_STATUS[status] ?? [];
  const early = (attempt?.responses ?? []).some(
    (response) => (response.status ?? 0) < 200 && mediaDirection(response) !== undefined,
  );
  return [
    ...(cause === undefined ? [] : [`Q.850 cause ${cause}${name === undefined ? '' : `, ${name}`}`]),
    ...warningsOf(final).flatMap(({ text }) => (text === '' ? [] : [`"${text}"`])),
    ...[...named, 'Retry-After'].flatMap((header) =>
      headerValues(final, header).map((value) => `${header} ${value}`),
    ),
    ...(early && cause === undefined ? ['after early media, which may have said why'] : []),
  ];
}

/** The headers that say what a status requires. */
const DETAILS_BY_STATUS: Readonly<Record<number, readonly string[]>> = {
  405: ['Allow'],
  415: ['Accept', 'Accept-Encoding'],
  420: ['Unsupported'],
  421: ['Require'],
  422: ['Min-SE'],
  423: ['Min-Expires'],
};

function redirectText(final: ObservedMessage): string | undefined {
  const { status = 0 } = final;
  const contact = status >= 300 && status < 400 ? headerValues(final, 'Contact')[0] : undefined;
  if (contact === undefined) return undefined;
  return `it redirects the call to ${quoted(contact)}, which was not followed; set its hostname to the one that accepts calls`;
}

/**
 * Returns the advice on credentials, if they are the problem. Some servers reject a wrong password with a plain 403,
 * which otherwise concerns the source.
 */
function credentialsText({ attempt, final }: CallFacts, advice: Advice): string | undefined {
  const request = attempt?.request;
  if (final?.status !== 403 || request === undefined || !hasCredentials(request)) return undefined;
  if (advice !== adviceOn(403, undefined, '')) return undefined;
  return 'our user name or password is wrong, or the source is not on its allow list; check the credentials, then try a source it knows';
}

function authenticationVerdict({ attempt }: CallFacts, final: ObservedMessage): string {
  const said = `${quoted(statusLine(final))} from the provider`;
  const challenge = challengeOf(final);
  const realm = challenge?.realm === undefined ? '' : ` for realm "${quoted(challenge.realm)}"`;
  if (attempt?.request !== undefined && hasCredentials(attempt.request)) {
    if (challenge?.stale === true) {
      return `${said}: it calls even its fresh nonce stale, so the provider is at fault; report it with the Call-ID`;
    }
    return `${said}${realm}: it rejected our credentials, so the user name or password stored for the provider is wrong; correct them`;
  }
  if (challenge !== undefined && !/^(?:MD5|SHA-256)(?:-sess)?$/i.test(challenge.algorithm)) {
    return `${said}${realm}: it asks for a digest with ${quoted(challenge.algorithm)}, which we do not support; ask it for MD5 or SHA-256, or for access by our address`;
  }
  if (final.status === 401 || final.status === 407) {
    const none = challenge === undefined ? ' without saying for which realm, which is its fault' : realm;
    return `${said}: it asks for a user name and password${none} and we sent none; set them for the provider, or have our address put on its allow list`;
  }
  return `${said}: it does not accept our credentials; correct the user name and password stored for the provider`;
}

/**
 * Returns the provider's own words. A standard phrase says no more than its status, so only other words may change the
 * advice.
 */
function ownWords(status: number, words: string): string {
  const standard = explainSipStatus(status)?.name;
  return standard !== undefined && words.startsWith(standard) ? words.slice(standard.length) : words;
}

function statusLine({ status = 0, reasonPhrase }: ObservedMessage): string {
  const phrase =
    reasonPhrase === undefined || reasonPhrase === '' ? explainSipStatus(status)?.name : reasonPhrase;
  return [String(status), phrase].filter((part) => part !== undefined).join(' ');
}

/** Returns a description of the other hosts or providers that were tried before, and of how each attempt ended. */
function earlierAttempts({ conversation, attempt }: CallFacts): string {
  const target = attempt?.request?.destination;
  const at = attempt === undefined ? -1 : conversation.attempts.indexOf(attempt);
  const failed = new Map<string, string>();
  for (const earlier of conversation.attempts.slice(0, Math.max(at, 0))) {
    const { request, responses } = earlier;
    if (request?.direction !== 'sent' || request.destination === target) continue;
    const final = finalOf(earlier);
    if (final === undefined && responses.length > 0) continue;
    failed.set(request.destination, final === undefined ? 'no response' : quoted(statusLine(final)));
  }
  if (failed.size === 0) return '';
  const list = [...failed].map(
    ([host, outcome]) => `${outcome} ${outcome === 'no response' ? 'from' : 'at'} ${host}`,
  );
  return `after ${list.join(', ')}, ${target ?? 'another host'} was tried; `;
}

function times({ retransmissions }: ObservedMessage, what: string): string {
  return retransmissions === 0 ? `the ${what}` : `${retransmissions + 1} ${what}s`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** Returns text from a peer, cut to the length that a sentence can have. */
function quoted(text: string): string {
  const characters = Array.from(plainLine(text));
  if (characters.length <= MAX_QUOTED_CHARACTERS) return characters.join('');
  return `${characters
    .slice(0, MAX_QUOTED_CHARACTERS - 1)
    .join('')
    .trimEnd()}…`;
}
