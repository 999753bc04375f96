import { ClientTransaction, type ClientTransactionOptions } from './client-transaction.ts';
import type { SipResponse } from './message.ts';
import { ackOfRejection, requestBytes } from './outgoing-request.ts';

/**
 * The INVITE client transaction (RFC 3261 §17.1.1): timers A, B and D, ACK for a rejection. A 2xx terminates it,
 * because the dialog handles the ACK and the retransmissions of a 2xx (§13.2.2.4).
 */
export class InviteClientTransaction extends ClientTransaction {
  constructor(options: ClientTransactionOptions) {
    super(options, 'Calling');
  }

  receive(response: SipResponse): void {
    switch (this.state) {
      case 'Calling':
        // From here on the caller decides how long to wait (§17.1.1.2).
        this.stopTimers();
        this.#proceed(response);
        return;
      case 'Proceeding':
        this.#proceed(response);
        return;
      case 'Completed':
        // The rejection was retransmitted because our ACK was lost. A 1xx or 2xx after it is late and ignored.
        if (response.status >= 300) this.options.send(this.bytes);
        return;
      default:
        return;
    }
  }

  #proceed(response: SipResponse): void {
    const { clock, isReliable, send, timers } = this.options;
    const { user } = this;
    if (response.status < 200) {
      this.state = 'Proceeding';
    } else if (response.status < 300) {
      this.dispose();
    } else {
      this.state = 'Completed';
      this.release();
      this.bytes = requestBytes(ackOfRejection(this.request, response));
      send(this.bytes);
      this.stopTimeout = clock.after(isReliable ? 0 : timers.d, () => this.dispose());
    }
    user.response?.(response);
  }

  /** Timer A doubles without a limit. */
  protected nextInterval(ms: number): number {
    return ms * 2;
  }
}
