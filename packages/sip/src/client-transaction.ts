import type { Clock } from './clock.ts';
import type { SipResponse } from './message.ts';
import { ackRefusal, type OutgoingRequest, requestBytes } from './outgoing-request.ts';
import { giveUpAfter, type SipTimers } from './timers.ts';

export type TransactionUser = {
  /** Every provisional response, and the final one once. */
  response(response: SipResponse): void;
  /** No final response within timer B or F, or the network said that nobody is there. Instead of a final response. */
  failed(why: 'timeout' | 'transport'): void;
  /** The transaction is over and may be forgotten. Last. */
  over(): void;
};

export type ClientTransaction = {
  receive(response: SipResponse): void;
  /** The network could not deliver what was sent. */
  transportFailed(): void;
  /** Forgets everything, says nothing more. */
  stop(): void;
};

export type TransactionSetting = {
  request: OutgoingRequest;
  send(bytes: Uint8Array): void;
  clock: Clock;
  timers: SipTimers;
};

/**
 * The client side of a transaction over UDP (RFC 3261 17.1). INVITE: timers A, B and D, ACK for a refusal; a 2xx ends it,
 * because its ACK and its repetitions are the dialog's (13.2.2.4). Any other method: timers E, F and K.
 */
export function startClientTransaction(
  setting: TransactionSetting,
  user: TransactionUser,
): ClientTransaction {
  const { request, send, clock, timers } = setting;
  const isInvite = request.method === 'INVITE';
  const bytes = requestBytes(request);
  let state: 'trying' | 'proceeding' | 'completed' | 'over' = 'trying';
  let ack: Uint8Array | undefined;
  let stopRetransmission = () => {};
  let stopTimeout = () => {};

  const end = () => {
    if (state === 'over') return;
    state = 'over';
    stopRetransmission();
    stopTimeout();
    user.over();
  };
  const fail = (why: 'timeout' | 'transport') => {
    if (state === 'over') return;
    const unanswered = state !== 'completed';
    if (unanswered) user.failed(why);
    end();
  };
  const retransmitAfter = (ms: number) => {
    stopRetransmission = clock.after(ms, () => {
      send(bytes);
      // Timer A only ever doubles; timer E stops at T2, and begins there once the far end has said that it is working.
      if (isInvite) retransmitAfter(ms * 2);
      else retransmitAfter(state === 'proceeding' ? timers.t2 : Math.min(ms * 2, timers.t2));
    });
  };
  const complete = (response: SipResponse) => {
    state = 'completed';
    stopRetransmission();
    stopTimeout();
    if (isInvite && response.status >= 300) {
      ack = requestBytes(ackRefusal(request, response));
      send(ack);
    }
    user.response(response);
    if (isInvite && response.status < 300) end();
    else stopTimeout = clock.after(isInvite ? timers.d : timers.t4, end);
  };

  retransmitAfter(timers.t1);
  stopTimeout = clock.after(giveUpAfter(timers), () => fail('timeout'));
  send(bytes);

  return {
    receive(response) {
      if (state === 'over') return;
      if (state === 'completed') {
        // A refusal again: our ACK was lost. A 1xx or a 2xx after it is a fork's late word and no longer ours.
        if (ack !== undefined && response.status >= 300) send(ack);
        return;
      }
      if (response.status >= 200) {
        complete(response);
        return;
      }
      if (isInvite && state === 'trying') {
        // From here on the caller decides how long to wait (17.1.1.2).
        stopRetransmission();
        stopTimeout();
      }
      state = 'proceeding';
      user.response(response);
    },
    transportFailed: () => fail('transport'),
    stop() {
      state = 'over';
      stopRetransmission();
      stopTimeout();
    },
  };
}
