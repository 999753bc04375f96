import { beforeEach, describe, expect, test } from 'vitest';
import type { TransactionFailure } from '../src/client-transaction.ts';
import type { SipResponse } from '../src/message.ts';
import { NonInviteClientTransaction } from '../src/non-invite-client-transaction.ts';
import { DEFAULT_TIMERS } from '../src/timers.ts';
import { countAlive } from './count-alive.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { outgoingRequest, responseTo } from './outgoing-fixture.ts';

let clock: ManualClock;
let sentAt: number[];
let responses: SipResponse[];
let failures: TransactionFailure[];
let terminated: number;

/** Counted to see whether a transaction still refers to its user. */
class User {
  response(response: SipResponse) {
    responses.push(response);
  }
  failed(failure: TransactionFailure) {
    failures.push(failure);
  }
}

function start(isReliable = false): NonInviteClientTransaction {
  const began = clock.now();
  const transaction = new NonInviteClientTransaction({
    request: outgoingRequest('BYE'),
    isReliable,
    send: () => sentAt.push(clock.now() - began),
    clock,
    timers: DEFAULT_TIMERS,
    user: new User(),
    terminated: () => {
      terminated += 1;
    },
  });
  transaction.start();
  return transaction;
}

beforeEach(() => {
  clock = createManualClock();
  [sentAt, responses, failures, terminated] = [[], [], [], 0];
});

describe('a non-INVITE client transaction', () => {
  test('retransmits after T1, doubling up to T2, and fails when timer F fires', () => {
    start();
    clock.advance(32_000);
    expect(sentAt.slice(0, 6)).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500]);
    expect([failures, terminated]).toEqual([[{ kind: 'timeout' }], 1]);
  });

  test('retransmits every T2 once it is proceeding, and still fails', () => {
    const transaction = start();
    transaction.receive(responseTo('BYE', 100));
    clock.advance(32_000);
    expect(sentAt.slice(0, 4)).toEqual([0, 500, 4_500, 8_500]);
    expect([failures, responses.length]).toEqual([[{ kind: 'timeout' }], 1]);
  });

  test('retransmits nothing over a reliable transport', () => {
    start(true);
    clock.advance(32_000);
    expect([sentAt, failures]).toEqual([[0], [{ kind: 'timeout' }]]);
  });

  test('absorbs repeated responses until timer K fires', () => {
    const transaction = start();
    transaction.receive(responseTo('BYE', 200));
    transaction.receive(responseTo('BYE', 200));
    clock.advance(4_999);
    expect([responses.length, terminated]).toEqual([1, 0]);
    clock.advance(1);
    expect([sentAt, failures, terminated]).toEqual([[0], [], 1]);
  });

  test('reports a transport failure unless it has its final response', () => {
    start().transportFailed('EHOSTUNREACH');
    expect(failures).toEqual([{ kind: 'transport', code: 'EHOSTUNREACH' }]);
    const completed = start();
    completed.receive(responseTo('BYE', 200));
    completed.transportFailed('EHOSTUNREACH');
    expect(failures.length).toBe(1);
  });

  test('releases its user with the final response', () => {
    const transaction = start();
    transaction.receive(responseTo('BYE', 200));
    expect(countAlive(User)).toBe(0);
  });
});
