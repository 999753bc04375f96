import type { Clock } from './clock.ts';
import type { SipResponse } from './message.ts';
import { type OutgoingRequest, requestBytes } from './outgoing-request.ts';
import { type SipTimers, timerB } from './timers.ts';

/** Why a transaction ended without a final response: timer B or F fired, or the transport failed with this code. */
export type TransactionFailure = { kind: 'timeout' } | { kind: 'transport'; code: string };

/** RFC 3261 17.1: what a client transaction reports to its user. */
export type TransactionUser = {
  /** Receives every provisional response, and the final one once. */
  response(response: SipResponse): void;
  /** Called instead if there is no final response. */
  failed(failure: TransactionFailure): void;
};

export type ClientTransactionOptions = {
  request: OutgoingRequest;
  /** Over TCP and TLS nothing is retransmitted (17.1.1.2, 17.1.2.2). */
  isReliable: boolean;
  send(bytes: Uint8Array): void;
  clock: Clock;
  timers: SipTimers;
  user: Partial<TransactionUser>;
  /** Called last: the transaction is in `Terminated` and can be forgotten. */
  terminated(): void;
};

export type TransactionState = 'Calling' | 'Trying' | 'Proceeding' | 'Completed' | 'Terminated';

/** The common part of the two client transactions. */
export abstract class ClientTransaction {
  readonly request: OutgoingRequest;
  protected readonly options: ClientTransactionOptions;
  protected readonly bytes: Uint8Array;
  protected state: TransactionState;
  protected stopRetransmission = () => {};
  protected stopTimeout = () => {};

  constructor(options: ClientTransactionOptions, state: TransactionState) {
    this.options = options;
    this.request = options.request;
    this.bytes = requestBytes(options.request);
    this.state = state;
  }

  /** Whether there has been no response at all: only then may an ICMP error end the transaction (17.1.4). */
  get isUnanswered(): boolean {
    return this.state === 'Calling' || this.state === 'Trying';
  }

  get isTerminated(): boolean {
    return this.state === 'Terminated';
  }

  /** Sends the request and starts timers A and B, or E and F. */
  start(): void {
    const { clock, isReliable, send, timers } = this.options;
    if (!isReliable) this.#retransmitAfter(timers.t1);
    this.stopTimeout = clock.after(timerB(timers), () => this.fail({ kind: 'timeout' }));
    send(this.bytes);
  }

  abstract receive(response: SipResponse): void;

  /**
   * Reports that the transport could not deliver the request. This ends the transaction unless it has its final
   * response.
   */
  transportFailed(code: string): void {
    this.fail({ kind: 'transport', code });
  }

  /** Enters `Terminated`, whatever the state, and reports nothing more to the user. */
  dispose(): void {
    if (this.state === 'Terminated') return;
    this.state = 'Terminated';
    this.stopRetransmission();
    this.stopTimeout();
    this.options.terminated();
  }

  protected fail(failure: TransactionFailure): void {
    if (this.state === 'Terminated' || this.state === 'Completed') return;
    this.dispose();
    this.options.user.failed?.(failure);
  }

  /** Returns the milliseconds until the next retransmission, after one that waited `ms`. */
  protected abstract nextInterval(ms: number): number;

  #retransmitAfter(ms: number): void {
    const { clock, send } = this.options;
    this.stopRetransmission = clock.after(ms, () => {
      send(this.bytes);
      this.#retransmitAfter(this.nextInterval(ms));
    });
  }
}
