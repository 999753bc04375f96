import type { Clock } from './clock.ts';
import { EMPTY_BODY, type SipResponse } from './message.ts';
import { type OutgoingRequest, requestBytes } from './outgoing-request.ts';
import { type SipTimers, timerB } from './timers.ts';

/** Why a transaction ended without a final response: timer B or F fired, or the transport failed with this code. */
export type TransactionFailure = { kind: 'timeout' } | { kind: 'transport'; code: string };

/** RFC 3261 §17.1: what a client transaction reports to its user. */
export type TransactionUser = {
  /** Receives every provisional response, and the final one once. */
  response(response: SipResponse): void;
  /** Called instead if there is no final response. */
  failed(failure: TransactionFailure): void;
};

export type ClientTransactionOptions = {
  request: OutgoingRequest;
  /** Over TCP and TLS nothing is retransmitted (§17.1.1.2, §17.1.2.2). */
  isReliable: boolean;
  send(bytes: Uint8Array): void;
  clock: Clock;
  timers: SipTimers;
  user: Partial<TransactionUser>;
  /** Called last: the transaction is in `Terminated` and can be forgotten. */
  terminated(): void;
};

export type TransactionState = 'Calling' | 'Trying' | 'Proceeding' | 'Completed' | 'Terminated';

const NO_USER: Partial<TransactionUser> = {};

/**
 * The common part of the two client transactions. With the final response or failure it releases its user and the
 * request's bytes, because thousands may be waiting for timer D or K, only to absorb retransmissions.
 */
export abstract class ClientTransaction {
  readonly request: OutgoingRequest;
  protected readonly options: Omit<ClientTransactionOptions, 'user'>;
  /** What is retransmitted. */
  protected bytes: Uint8Array;
  protected state: TransactionState;
  protected user: Partial<TransactionUser>;
  protected stopTimeout = nothingToStop;
  #stopRetransmission = nothingToStop;

  constructor({ user, ...options }: ClientTransactionOptions, state: TransactionState) {
    this.options = options;
    this.request = options.request;
    this.bytes = requestBytes(options.request);
    this.state = state;
    this.user = user;
  }

  /** Whether there has been no response at all: only then may an ICMP error end the transaction (§17.1.4). */
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
    this.release();
    this.options.terminated();
  }

  protected fail(failure: TransactionFailure): void {
    if (this.state === 'Terminated' || this.state === 'Completed') return;
    const { user } = this;
    this.dispose();
    user.failed?.(failure);
  }

  /** Releases what only a transaction without its final response needs. */
  protected release(): void {
    this.stopTimers();
    this.user = NO_USER;
    this.bytes = EMPTY_BODY;
  }

  /** Stops the timers and releases them: a cancelled timer still refers to its task. */
  protected stopTimers(): void {
    this.#stopRetransmission();
    this.stopTimeout();
    this.#stopRetransmission = nothingToStop;
    this.stopTimeout = nothingToStop;
  }

  /** Returns the milliseconds until the next retransmission, after one that waited `ms`. */
  protected abstract nextInterval(ms: number): number;

  #retransmitAfter(ms: number): void {
    const { clock, send } = this.options;
    this.#stopRetransmission = clock.after(ms, () => {
      send(this.bytes);
      this.#retransmitAfter(this.nextInterval(ms));
    });
  }
}

function nothingToStop(): void {}
