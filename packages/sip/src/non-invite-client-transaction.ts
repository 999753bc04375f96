import { ClientTransaction, type ClientTransactionOptions } from './client-transaction.ts';
import type { SipResponse } from './message.ts';

/** The client transaction of any request except INVITE and ACK (RFC 3261 §17.1.2): timers E, F and K. */
export class NonInviteClientTransaction extends ClientTransaction {
  constructor(options: ClientTransactionOptions) {
    super(options, 'Trying');
  }

  receive(response: SipResponse): void {
    if (this.state !== 'Trying' && this.state !== 'Proceeding') return;
    const { clock, isReliable, timers } = this.options;
    const { user } = this;
    if (response.status < 200) {
      this.state = 'Proceeding';
    } else {
      this.state = 'Completed';
      this.release();
      this.stopTimeout = clock.after(isReliable ? 0 : timers.t4, () => this.dispose());
    }
    user.response?.(response);
  }

  /** Timer E doubles up to T2, and is T2 once a provisional response has arrived. */
  protected nextInterval(ms: number): number {
    const { t2 } = this.options.timers;
    return this.state === 'Proceeding' ? t2 : Math.min(ms * 2, t2);
  }
}
