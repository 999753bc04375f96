import { challengeOf } from './challenge.ts';
import { type Attempt, answerOf, type Conversation, type ObservedMessage } from './conversation.ts';
import { explainQ850 } from './explain-q850.ts';
import { explainSipStatus } from './explain-sip-status.ts';
import { isPrivateAddress } from './ip-address.ts';
import { mediaAddress, mediaDirection } from './media.ts';
import { headerValues } from './read-message.ts';
import { type Reason, reasonsOf } from './reason.ts';
import { warningsOf } from './warning.ts';

/** Returns the remarks on each message, by its position in the capture. */
export function remarksOn(conversation: Conversation): Map<number, string[]> {
  const remarks = new Map<number, Set<string>>();
  const add = (message: ObservedMessage, text: string) => {
    const texts = remarks.get(message.index) ?? new Set();
    remarks.set(message.index, texts.add(text));
  };
  for (const message of conversation.messages) {
    for (const text of ownRemarks(message)) add(message, text);
  }
  for (const [number, attempt] of conversation.attempts.entries()) {
    remarkAttempt(attempt, conversation, number, add);
  }
  return new Map([...remarks].map(([index, texts]) => [index, [...texts]]));
}

function ownRemarks(message: ObservedMessage): string[] {
  const { method, status, direction, toTag } = message;
  const texts: string[] = [];
  if (method === undefined && status === undefined) texts.push('not understood: no start line of SIP');
  else if (message.callId === undefined || message.cseq === undefined) {
    texts.push(`not understood: no ${message.callId === undefined ? 'Call-ID' : 'CSeq'}`);
  }
  if (direction === 'internal' && status !== undefined) {
    texts.push("our own edge's response in the provider's place");
  }
  if (method === 'INVITE' && toTag !== undefined) texts.push(reinviteRemark(message));
  for (const reason of reasonsOf(message)) texts.push(reasonText(reason));
  for (const { code, text } of warningsOf(message)) {
    if (text !== message.reasonPhrase) texts.push(`Warning ${code}: ${text}`);
  }
  if (status === 481 && message.cseq?.method === 'BYE')
    texts.push('the other side had ended the call already');
  const challenge = challengeOf(message);
  if (challenge !== undefined) {
    const { realm, algorithm, stale } = challenge;
    texts.push(
      `asks for credentials of ${realm ?? 'an unnamed realm'} (${algorithm})${stale ? ', nonce stale' : ''}`,
    );
  }
  if (status !== undefined && status >= 300 && status < 400) {
    for (const contact of headerValues(message, 'Contact')) texts.push(`redirects to ${contact}`);
  }
  for (const name of ['Retry-After', 'Unsupported', 'Min-SE', 'Min-Expires']) {
    if (status === undefined || status < 400) break;
    for (const value of headerValues(message, name)) texts.push(`${name}: ${value}`);
  }
  if (status !== undefined && status > 100 && status < 200 && mediaDirection(message) !== undefined) {
    texts.push('early media: tones or an announcement may be heard before the answer');
  }
  const address = mediaAddress(message);
  const unreachable = address !== undefined && isPrivateAddress(address) && address !== '0.0.0.0';
  if (unreachable && direction === 'received' && !isPrivateAddress(message.sourceIp)) {
    texts.push(`wants audio sent to ${address}, which only its own network reaches`);
  }
  return texts;
}

function reinviteRemark(message: ObservedMessage): string {
  switch (mediaDirection(message)) {
    case undefined:
      return 're-INVITE without a session description';
    case 'sendonly':
    case 'inactive':
      return 're-INVITE: puts the call on hold';
    default:
      return headerValues(message, 'Session-Expires').length > 0
        ? 're-INVITE: refreshes the session'
        : 're-INVITE: changes the session';
  }
}

/** Returns a reason in words: "Q.850 cause 17: User busy". */
export function reasonText({ protocol, cause, text }: Reason): string {
  const known = cause === undefined ? undefined : nameOf(protocol, cause);
  const name = [protocol, cause === undefined ? '' : `cause ${cause}`]
    .filter((part) => part !== '')
    .join(' ');
  const words = [known, text === known ? undefined : text].filter(
    (part) => part !== undefined && part !== '',
  );
  return words.length === 0 ? name : `${name}: ${words.join(', ')}`;
}

function nameOf(protocol: string, cause: number): string | undefined {
  if (protocol === 'Q.850') return explainQ850(cause)?.name;
  return protocol === 'SIP' ? explainSipStatus(cause)?.name : undefined;
}

type Add = (message: ObservedMessage, text: string) => void;

function remarkAttempt(attempt: Attempt, { messages, attempts }: Conversation, number: number, add: Add) {
  const { request, responses, cancel } = attempt;
  const previous = attempts[number - 1]?.request;
  if (request !== undefined && previous !== undefined) {
    if (hasCredentials(request) && !hasCredentials(previous)) add(request, 'the same call with credentials');
    else if (request.destination !== previous.destination) {
      add(request, `another attempt, at ${request.destination}`);
    }
  }
  if (request !== undefined && responses.length === 0 && request.direction === 'sent') {
    add(request, 'no response');
  }
  const answer = answerOf(attempt);
  if (answer !== undefined && cancel !== undefined && messages.indexOf(answer) > messages.indexOf(cancel)) {
    add(answer, 'answered after our CANCEL: the provider bills this call');
  }
  if (answer !== undefined) {
    for (const other of otherAnswers(attempt, answer))
      add(other, 'a second phone answered: the call was forked');
  }
  const tags = new Set<string>();
  for (const response of responses) {
    const { toTag, status = 0 } = response;
    if (status <= 100 || status >= 200 || toTag === undefined) continue;
    if (tags.size > 0 && !tags.has(toTag)) add(response, 'another phone: the call was forked');
    tags.add(toTag);
  }
}

/** Returns the answers from other phones (RFC 3261 §13.2.2.4): 2xx responses with a different To tag. */
export function otherAnswers({ responses }: Attempt, answer: ObservedMessage): ObservedMessage[] {
  return responses.filter(
    ({ status = 0, toTag, direction }) =>
      status >= 200 && status < 300 && toTag !== answer.toTag && direction === answer.direction,
  );
}

/** Returns whether a request carries the response to a challenge. */
export function hasCredentials(message: ObservedMessage): boolean {
  return message.headers.some(({ name }) => name === 'authorization' || name === 'proxy-authorization');
}
