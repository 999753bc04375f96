import type { Clock } from '@provider-call/sip/clock';
import type { Dialer } from './dialer.ts';
import type { Providers } from './providers.ts';

type HealthChecksOptions = {
  providers: Providers;
  dialer: Dialer;
  clock: Clock;
  intervalMs?: number;
  onError(error: unknown): void;
};

const missesUntilUnhealthy = 2;

/**
 * Asks every provider every 30 seconds whether it is there. One answer makes it healthy, two misses in a row make it
 * unhealthy. Misses are counted for a host, so another host begins anew. The result stops the asking.
 */
export function startHealthChecks(options: HealthChecksOptions): () => void {
  const { providers, dialer, clock, intervalMs = 30_000, onError } = options;
  const misses = new Map<string, number>();
  let stopped = false;
  let stopTimer = () => {};

  const check = async (): Promise<void> => {
    const all = await providers.all();
    const seen = new Set<string>();
    await Promise.all(
      all.map(async (provider) => {
        const { id, hostname } = provider;
        const key = `${id} ${hostname}`;
        seen.add(key);
        // A probe that cannot even be sent is a miss.
        const answered = await (dialer.probe?.(provider) ?? Promise.resolve(false)).catch(() => false);
        if (stopped) return;
        const missed = answered ? 0 : (misses.get(key) ?? 0) + 1;
        misses.set(key, missed);
        const health =
          missed === 0 ? 'healthy' : missed >= missesUntilUnhealthy ? 'unhealthy' : provider.health_status;
        await providers.noteHealth(id, hostname, health);
      }),
    );
    for (const key of misses.keys()) if (!seen.has(key)) misses.delete(key);
  };

  const round = (): void => {
    stopTimer = clock.after(intervalMs, round);
    check().catch((error: unknown) => {
      if (!stopped) onError(error);
    });
  };

  if (dialer.probe !== undefined) round();
  return () => {
    stopped = true;
    stopTimer();
  };
}
