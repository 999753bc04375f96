import { beforeEach, describe, expect, test } from 'vitest';
import type { TransactionFailure } from '../src/client-transaction.ts';
import { InviteClientTransaction } from '../src/invite-client-transaction.ts';
import type { SipResponse } from '../src/message.ts';
import { DEFAULT_TIMERS } from '../src/timers.ts';
import { countAlive } from './count-alive.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { outgoingRequest, responseTo } from './outgoing-fixture.ts';

let clock: ManualClock;
let sent: string[];
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

function start(isReliable = false): InviteClientTransaction {
  const transaction = new InviteClientTransaction({
    request: outgoingRequest('INVITE'),
    isReliable,
    send: (bytes) => sent.push(Buffer.from(bytes).toString().split(' ', 1).join('')),
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
  [sent, responses, failures, terminated] = [[], [], [], 0];
});

describe('an INVITE client transaction', () => {
  test('retransmits after T1, doubling, and fails when timer B fires', () => {
    start();
    clock.advance(31_999);
    // 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
    expect(sent).toEqual(Array(7).fill('INVITE'));
    expect([failures, terminated]).toEqual([[], 0]);
    clock.advance(1);
    expect([failures, terminated]).toEqual([[{ kind: 'timeout' }], 1]);
    clock.advance(60_000);
    expect(sent.length).toBe(7);
  });

  test('retransmits nothing over a reliable transport, and fails when timer B fires', () => {
    start(true);
    clock.advance(32_000);
    expect([sent, failures]).toEqual([['INVITE'], [{ kind: 'timeout' }]]);
  });

  test('waits without a limit once it is proceeding', () => {
    const transaction = start();
    expect(transaction.isUnanswered).toBe(true);
    transaction.receive(responseTo('INVITE', 100));
    transaction.receive(responseTo('INVITE', 180));
    expect(transaction.isUnanswered).toBe(false);
    clock.advance(10 * 60_000);
    expect([sent, failures, responses.map(({ status }) => status)]).toEqual([['INVITE'], [], [100, 180]]);
  });

  test('acknowledges a rejection, and again when it is retransmitted, until timer D fires', () => {
    const transaction = start();
    transaction.receive(responseTo('INVITE', 486));
    transaction.receive(responseTo('INVITE', 486));
    transaction.receive(responseTo('INVITE', 180));
    transaction.receive(responseTo('INVITE', 200));
    expect([sent, responses.length, terminated]).toEqual([['INVITE', 'ACK', 'ACK'], 1, 0]);
    clock.advance(32_000);
    transaction.receive(responseTo('INVITE', 486));
    expect([sent.length, terminated]).toEqual([3, 1]);
  });

  test('has no timer D over a reliable transport', () => {
    start(true).receive(responseTo('INVITE', 486));
    clock.advance(0);
    expect(terminated).toBe(1);
  });

  test('is terminated by a 2xx, which the dialog acknowledges', () => {
    const transaction = start();
    transaction.receive(responseTo('INVITE', 200));
    transaction.receive(responseTo('INVITE', 200));
    expect([sent, responses.length, terminated]).toEqual([['INVITE'], 1, 1]);
  });

  test.each([
    ['Calling', [], [{ kind: 'transport', code: 'ECONNREFUSED' }]],
    ['Proceeding', [180], [{ kind: 'transport', code: 'ECONNREFUSED' }]],
    ['Completed', [486], []],
  ])('in state %s reports a transport failure once, or not at all', (_state, statuses, expected) => {
    const transaction = start();
    for (const status of statuses) transaction.receive(responseTo('INVITE', status));
    transaction.transportFailed('ECONNREFUSED');
    transaction.transportFailed('ECONNREFUSED');
    expect(failures).toEqual(expected);
  });

  test('reports nothing after it is disposed of', () => {
    const transaction = start();
    transaction.dispose();
    transaction.receive(responseTo('INVITE', 200));
    clock.advance(60_000);
    expect([sent, responses, failures, terminated]).toEqual([['INVITE'], [], [], 1]);
  });

  test('releases its user with the final response', () => {
    const transaction = start();
    transaction.receive(responseTo('INVITE', 486));
    expect(countAlive(User)).toBe(0);
  });
});
