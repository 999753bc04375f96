import type { Clock } from '@provider-call/sip/clock';
import { KeyedQueue } from './keyed-queue.ts';
import type { Call } from './records/call.ts';
import type { CallEvent } from './records/timeline.ts';

export type WebhooksOptions = {
  clock: Clock;
  /** Returns where a customer's webhooks go; null when it wants none. */
  urlOf(customerId: string): Promise<string | null>;
  retries?: number;
  retryDelayMs?: number;
  timeoutMs?: number;
};

export type Webhooks = {
  /** Sends an event in the background, after all earlier ones of the same call. */
  send(event: CallEvent, call: Call): void;
  /** Sends what is pending once more, repeats nothing, and stops after a second at most. */
  close(): Promise<void>;
};

/** How long closing waits for the server that webhooks go to. */
const CLOSING_MS = 1000;

/** Sends customers the events of their calls, as the platform does. A failed delivery is repeated and then dropped. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { clock, urlOf, retries = 3, retryDelayMs = 1000, timeoutMs = 5000 } = options;
  const deliveries = new KeyedQueue();
  /** From then on nothing is repeated. */
  const draining = new AbortController();
  /** From then on nothing is sent. */
  const closing = new AbortController();

  async function isDelivered(url: string, body: string): Promise<boolean> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
      return response.status < 500;
    } catch {
      // Whatever fetch throws means that no response came.
      return false;
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const proceed = () => {
        stop();
        draining.signal.removeEventListener('abort', proceed);
        resolve();
      };
      const stop = clock.after(retryDelayMs, proceed);
      draining.signal.addEventListener('abort', proceed);
    });
  }

  async function deliver(customerId: string, body: string): Promise<void> {
    const url = await urlOf(customerId).catch(() => null);
    if (url === null) return;
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      if (attempt > 0) {
        if (draining.signal.aborted) return;
        await pause();
      }
      if (closing.signal.aborted || (await isDelivered(url, body))) return;
    }
  }

  return {
    send: (event, call) => {
      const body = JSON.stringify({ type: event, data: call });
      void deliveries.run(call.id, () => deliver(call.customer_id, body));
    },

    close: async () => {
      draining.abort();
      const timer = setTimeout(() => closing.abort(), CLOSING_MS);
      await deliveries.allSettled();
      clearTimeout(timer);
    },
  };
}
