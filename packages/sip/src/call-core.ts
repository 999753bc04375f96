import type { AllowList } from './allow-list.ts';
import type { CallTrace } from './call-trace.ts';
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
  /** Resolves a host, holds it against the allow list and opens the way. Rejects with an Error that says what failed. */
  reach(target: HostPort): Promise<Hop>;
  /** Sends a request and follows its transaction. */
  request(
    request: OutgoingRequest,
    hop: Hop,
    trace: CallTrace,
    user: Partial<TransactionUser>,
  ): ClientTransaction;
  /** Sends without a transaction: the ACK of a 2xx. */
  send(bytes: Uint8Array, hop: Hop, trace: CallTrace): void;
  media(family: 4 | 6): Promise<RtpSilence>;
  /** The call wants no more messages. */
  forget(callId: string): void;
};
