import type { Clock } from '@provider-call/sip/clock';
import { KeyedQueue } from './keyed-queue.ts';
import type { Call } from './records/call.ts';
import type { CallEvent } from './records/timeline.ts';

export type WebhooksOptions = {
  clock: Clock;
  /** Returns the URL of a customer's webhooks, or null if it has none. */
  urlOf(customerId: string): Promise<string | null>;
  retries?: number;
  retryDelayMs?: number;
  timeoutMs?: number;
};

export type Webhooks = {
  /** Sends an event in the background, after all earlier ones of the same call. */
  send(event: CallEvent, call: Call): void;
  /** Sends each pending event one last time, without retries, and stops after at most a second. */
  close(): Promise<void>;
};

/** Milliseconds that closing waits for the server that receives webhooks. */
const CLOSING_MS = 1000;

/**
 * Sends customers the events of their calls, as the platform does. A failed delivery is retried and eventually dropped.
 */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { clock, urlOf, retries = 3, retryDelayMs = 1000, timeoutMs = 5000 } = options;
  const deliveries = new KeyedQueue();
  /** Once aborted, nothing is retried any more. */
  const draining = new AbortController();
  /** Once aborted, nothing is sent any more. */
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
      // Any error thrown by fetch means that there was no response.
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
