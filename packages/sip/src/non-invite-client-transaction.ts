import { ClientTransaction, type ClientTransactionOptions } from './client-transaction.ts';
import type { SipResponse } from './message.ts';
import { timerB } from './timers.ts';

/** The client transaction of any request but INVITE and ACK (RFC 3261 17.1.2): timers E, F and K. */
export class NonInviteClientTransaction extends ClientTransaction {
  constructor(options: ClientTransactionOptions) {
    super(options, 'Trying');
  }

  start(): void {
    const { clock, isReliable, send, timers } = this.options;
    if (!isReliable) this.#retransmitAfter(timers.t1);
    this.stopTimeout = clock.after(timerB(timers), () => this.fail({ kind: 'timeout' }));
    send(this.bytes);
  }

  receive(response: SipResponse): void {
    if (this.state !== 'Trying' && this.state !== 'Proceeding') return;
    const { clock, isReliable, timers, user } = this.options;
    if (response.status < 200) {
      this.state = 'Proceeding';
    } else {
      this.state = 'Completed';
      this.stopRetransmission();
      this.stopTimeout();
      this.stopTimeout = clock.after(isReliable ? 0 : timers.t4, () => this.dispose());
    }
    user.response?.(response);
  }

  /** Timer E doubles up to T2, and is T2 once the far end has said that it is working on it. */
  #retransmitAfter(ms: number): void {
    const { clock, send, timers } = this.options;
    this.stopRetransmission = clock.after(ms, () => {
      send(this.bytes);
      this.#retransmitAfter(this.state === 'Proceeding' ? timers.t2 : Math.min(ms * 2, timers.t2));
    });
  }
}
