import type { Clock } from '@provider-call/sip/clock';
import type { CallEvent } from './call-engine.ts';
import type { Call } from './records/call.ts';

type WebhooksOptions = {
  clock: Clock;
  /** Where a customer's webhooks go; null when it wants none. */
  urlOf(customerId: string): Promise<string | null>;
  retries?: number;
  retryDelayMs?: number;
  timeoutMs?: number;
};

export type Webhooks = {
  /** Sends an event in its own time, after all earlier ones of the same call. */
  send(event: CallEvent, call: Call): void;
  /** Stops sending; what has not been sent by then is not. */
  close(): Promise<void>;
};

/** Tells customers about their calls, as the platform does: what cannot be delivered is tried again and then dropped. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { clock, urlOf, retries = 3, retryDelayMs = 1000, timeoutMs = 5000 } = options;
  const queues = new Map<string, Promise<void>>();
  const closing = new AbortController();

  const isDelivered = async (url: string, body: string): Promise<boolean> => {
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
      // Whatever fetch throws means that no answer came.
      return false;
    }
  };

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const over = () => {
        stop();
        closing.signal.removeEventListener('abort', over);
        resolve();
      };
      const stop = clock.after(retryDelayMs, over);
      closing.signal.addEventListener('abort', over);
    });

  const deliver = async (customerId: string, body: string): Promise<void> => {
    const url = await urlOf(customerId).catch(() => null);
    if (url === null) return;
    for (let attempt = 0; attempt <= retries && !closing.signal.aborted; attempt += 1) {
      if (attempt > 0) await pause();
      if (closing.signal.aborted || (await isDelivered(url, body))) return;
    }
  };

  return {
    send: (event, call) => {
      const body = JSON.stringify({ type: event, data: call });
      const earlier = queues.get(call.id) ?? Promise.resolve();
      const done = earlier.then(() => deliver(call.customer_id, body));
      queues.set(call.id, done);
      void done.then(() => {
        if (queues.get(call.id) === done) queues.delete(call.id);
      });
    },

    close: async () => {
      closing.abort();
      await Promise.all(queues.values());
    },
  };
}
