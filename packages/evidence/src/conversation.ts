import { inOrderOfTime } from './instant.ts';
import type { SipMessage } from './platform-records.ts';
import { type Endpoint, type ReadMessage, readMessage } from './read-message.ts';

/**
 * From our point of view: what we sent, what we received, and what our own hosts sent to each other (the edge's own
 * responses).
 */
export type Direction = 'sent' | 'received' | 'internal';

/** A message, including the identical ones that follow it. */
export type ObservedMessage = ReadMessage & { direction: Direction; retransmissions: number };

/** One client transaction that tried to set up the call, or the part of it that was captured. */
export type Attempt = {
  /** The instant of its first message, and its position among the messages. */
  time: number | undefined;
  position: number;
  callId: string | undefined;
  cseq: number | undefined;
  branch: string | undefined;
  request: ObservedMessage | undefined;
  /** Responses to the INVITE, in order. */
  responses: ObservedMessage[];
  cancel: ObservedMessage | undefined;
  ack: ObservedMessage | undefined;
};

export type Conversation = {
  /** In order of time, with retransmissions folded. */
  messages: ObservedMessage[];
  /** In order of time; a request repeated with credentials is a separate attempt. */
  attempts: Attempt[];
  isOurs(endpoint: Endpoint): boolean;
};

/** Returns who said what to whom, in order of time. */
export function readConversation(messages: readonly SipMessage[]): Conversation {
  const inOrder = inOrderOfTime(messages.map((message, index) => readMessage(message, index)));
  const callerTags = findCallerTags(inOrder);
  const isOurs = findOurEndpoints(inOrder, callerTags);
  const folded = fold(inOrder, (message) => directionOf(message, isOurs, callerTags));
  return { messages: folded, attempts: findAttempts(folded), isOurs };
}

type CallerTags = ReadonlyMap<string | undefined, string>;

/** Returns the caller's From tag for each Call-ID. The caller is always us, because every call here is outgoing. */
function findCallerTags(messages: ReadMessage[]): CallerTags {
  const tags = new Map<string | undefined, string>();
  const learn = (candidates: ReadMessage[]) => {
    for (const { callId, fromTag } of candidates) {
      if (fromTag !== undefined && !tags.has(callId)) tags.set(callId, fromTag);
    }
  };
  learn(messages.filter(isInitialInvite));
  learn(messages.filter(({ status, cseq }) => status !== undefined && cseq?.method === 'INVITE'));
  learn(messages.filter(({ method }) => method === 'CANCEL' || method === 'ACK'));
  return tags;
}

function isInitialInvite({ method, toTag }: ReadMessage): boolean {
  return method === 'INVITE' && toTag === undefined;
}

function findOurEndpoints(messages: ReadMessage[], callerTags: CallerTags): (endpoint: Endpoint) => boolean {
  const byUs = (message: ReadMessage) => message.fromTag === callerTags.get(message.callId);
  const ours = new Map<Endpoint, string>();
  const peers = new Map<Endpoint, string>();
  const incoming = new Set<string | undefined>();
  for (const message of messages) {
    if (!isInitialInvite(message) || !byUs(message)) continue;
    const { source, destination } = message;
    if (peers.has(source) && ours.has(destination)) {
      // The provider calls us: a number of ours was dialled, and the call came back.
      incoming.add(message.callId);
      continue;
    }
    ours.set(source, message.sourceIp);
    peers.delete(source);
    if (!ours.has(destination)) peers.set(destination, message.destinationIp);
  }
  const asked = new Set<Endpoint>();
  for (const message of messages) {
    if (message.method !== undefined) asked.add(message.destination);
    const answersUs = message.cseq?.method === 'INVITE' && byUs(message) && !incoming.has(message.callId);
    if (message.status !== undefined && answersUs) ours.set(message.destination, message.destinationIp);
  }
  for (const message of messages) {
    if (message.status === undefined || ours.has(message.source)) continue;
    // A response from our own address in place of a host that was never reached: the edge reports what it could not
    // send.
    const fromEdge = !asked.has(message.source) && message.sourceIp === message.destinationIp;
    if (fromEdge && ours.has(message.destination)) ours.set(message.source, message.sourceIp);
    else if (message.cseq?.method === 'INVITE') peers.set(message.source, message.sourceIp);
  }
  // On a laptop everybody has the same address; anywhere else, an address of ours is ours with any port.
  const peerIps = new Set(peers.values());
  const ownIps = new Set([...ours.values()].filter((ip) => ip !== '' && !peerIps.has(ip)));
  return (endpoint) =>
    ours.has(endpoint) || ownIps.has(endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, ''));
}

function directionOf(
  message: ReadMessage,
  isOurs: (endpoint: Endpoint) => boolean,
  callerTags: CallerTags,
): Direction {
  const { source, destination, callId, fromTag, toTag } = message;
  const isRequest = message.status === undefined;
  const fromUs = isOurs(source);
  const toUs = isOurs(destination);
  if (fromUs && toUs) return 'internal';
  if (fromUs) return 'sent';
  if (toUs) return 'received';
  const callerTag = callerTags.get(callId);
  if (callerTag !== undefined && fromTag === callerTag) return isRequest ? 'sent' : 'received';
  if (callerTag !== undefined && toTag === callerTag) return isRequest ? 'received' : 'sent';
  return isRequest ? 'sent' : 'received';
}

function fold(messages: ReadMessage[], direction: (message: ReadMessage) => Direction): ObservedMessage[] {
  const seen = new Map<string, ObservedMessage>();
  const folded: ObservedMessage[] = [];
  for (const message of messages) {
    const key = identityOf(message);
    const first = seen.get(key);
    if (first !== undefined) {
      first.retransmissions += 1;
      continue;
    }
    const observed = { ...message, direction: direction(message), retransmissions: 0 };
    seen.set(key, observed);
    folded.push(observed);
  }
  return folded;
}

/** A retransmission repeats all of these (RFC 3261 §17); header fields such as Date may differ. */
function identityOf(message: ReadMessage): string {
  const { source, destination, method, status, reasonPhrase, requestUri, callId, cseq } = message;
  const { branch, fromTag, toTag, body } = message;
  return JSON.stringify([
    [source, destination, method, status, reasonPhrase, requestUri, callId, cseq],
    [branch, fromTag, toTag, body],
  ]);
}

function findAttempts(messages: ObservedMessage[]): Attempt[] {
  const attempts: Attempt[] = [];
  const begin = (message: ObservedMessage, position: number): Attempt => {
    const { callId, branch, time } = message;
    const attempt: Attempt = {
      ...{ time, position, callId, branch, cseq: message.cseq?.number },
      ...{ request: undefined, responses: [], cancel: undefined, ack: undefined },
    };
    attempts.push(attempt);
    return attempt;
  };
  const reinvites = new Set(
    messages.flatMap((message) =>
      message.method === 'INVITE' && message.toTag !== undefined ? [dialogKey(message)] : [],
    ),
  );
  for (const [position, message] of messages.entries()) {
    const { method, status, cseq, direction } = message;
    if (isInitialInvite(message) && direction !== 'received') {
      begin(message, position).request = message;
    } else if (status !== undefined && direction !== 'sent') {
      if (cseq !== undefined && cseq.method !== 'INVITE') continue;
      const attempt = attemptOf(attempts, message);
      if (attempt !== undefined) attempt.responses.push(message);
      else if (!reinvites.has(dialogKey(message)) && !isAnswered(attempts, message.callId)) {
        begin(message, position).responses.push(message);
      }
    } else if (method === 'CANCEL' && direction !== 'received') {
      const attempt = attemptOf(attempts, message) ?? begin(message, position);
      attempt.cancel ??= message;
    } else if (method === 'ACK' && direction !== 'received') {
      const attempt = attemptOf(attempts, message);
      if (attempt !== undefined) attempt.ack ??= message;
    }
  }
  return attempts;
}

function dialogKey({ callId, cseq }: ReadMessage): string {
  return JSON.stringify([callId, cseq?.number]);
}

function isAnswered(attempts: Attempt[], callId: string | undefined): boolean {
  return attempts.some((attempt) => attempt.callId === callId && answerOf(attempt) !== undefined);
}

/** By branch (RFC 3261 §17.1.3), else by Call-ID and CSeq, else, if CSeq cannot be read, by Call-ID alone. */
function attemptOf(attempts: Attempt[], message: ReadMessage): Attempt | undefined {
  const sameCall = attempts.filter(({ callId }) => callId === message.callId);
  const { branch, cseq } = message;
  return (
    sameCall.findLast((attempt) => branch !== undefined && attempt.branch === branch) ??
    sameCall.findLast((attempt) => cseq === undefined || attempt.cseq === cseq.number)
  );
}

/** Returns the attempt's 2xx response, if it has one. */
export function answerOf({ responses }: Attempt): ObservedMessage | undefined {
  return responses.find(({ status = 0 }) => status >= 200 && status < 300);
}

/** Returns the response that decided the attempt: the answer, otherwise the first final one. */
export function finalOf(attempt: Attempt): ObservedMessage | undefined {
  return answerOf(attempt) ?? attempt.responses.find(({ status = 0 }) => status >= 200);
}
