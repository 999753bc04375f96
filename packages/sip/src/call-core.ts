import type { AllowList } from './allow-list.ts';
import type { CallCapture, Endpoint } from './call-capture.ts';
import type { ClientTransaction, TransactionUser } from './client-transaction.ts';
import type { Clock } from './clock.ts';
import type { NextHop, Target } from './locate-server.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { RtpSession } from './rtp-session.ts';
import type { SipTimers } from './timers.ts';
import type { Hop } from './transport.ts';

/** What a call needs from the user agent that it belongs to. */
export type CallCore = {
  clock: Clock;
  timers: SipTimers;
  allow: AllowList;
  /** Milliseconds without a sign of life after which the far end of an answered call is sent OPTIONS. */
  keepAliveMs: number;
  /** Returns our own address, as far as it is known before a path has been found. */
  localEndpoint(): Promise<Endpoint>;
  /** Resolves a next hop to those addresses that SIP_ALLOW allows, preferred ones first. @throws {UnreachableError} */
  locate(nextHop: NextHop): Promise<Target[]>;
  /** Opens the path to one address. @throws {UnreachableError} 503 */
  open(target: Target): Promise<Hop>;
  /** Sends a request and tracks its transaction. */
  request(
    request: OutgoingRequest,
    hop: Hop,
    capture: CallCapture,
    user: Partial<TransactionUser>,
  ): ClientTransaction;
  /** Sends without a transaction: the ACK of a 2xx. */
  send(bytes: Uint8Array, hop: Hop, capture: CallCapture): void;
  /** Opens RTP and RTCP ports at our address of this family. */
  openMedia(localAddress: string): Promise<RtpSession>;
  /** Stops passing messages to the call. */
  forget(callId: string): void;
};
