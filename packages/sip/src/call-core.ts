import type { AllowList } from './allow-list.ts';
import type { CallCapture, Endpoint } from './call-capture.ts';
import type { ClientTransaction, TransactionUser } from './client-transaction.ts';
import type { Clock } from './clock.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { RtpSilence } from './rtp-silence.ts';
import type { SipTimers } from './timers.ts';
import type { Hop } from './udp-transport.ts';
import type { HostPort } from './uri.ts';

/** What a call needs of the user agent that it belongs to. */
export type CallCore = {
  clock: Clock;
  timers: SipTimers;
  allow: AllowList;
  /** Our own address as far as it is known before a way is found. */
  localEndpoint(): Promise<Endpoint>;
  /** Resolves a host, holds it against the allow list and opens the way. Rejects with an UnreachableError. */
  reach(target: HostPort): Promise<Hop>;
  /** Sends a request and follows its transaction. */
  request(
    request: OutgoingRequest,
    hop: Hop,
    capture: CallCapture,
    user: Partial<TransactionUser>,
  ): ClientTransaction;
  /** Sends without a transaction: the ACK of a 2xx. */
  send(bytes: Uint8Array, hop: Hop, capture: CallCapture): void;
  media(family: 4 | 6): Promise<RtpSilence>;
  /** The call wants no more messages. */
  forget(callId: string): void;
};
