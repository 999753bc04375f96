import type { Clock } from '@provider-call/sip/clock';
import type { Dialer, ProbeResult } from './dialer.ts';
import type { Providers } from './providers.ts';
import type { HealthStatus, Provider } from './records/provider.ts';

export type HealthChecksOptions = {
  providers: Providers;
  dialer: Dialer;
  clock: Clock;
  intervalMs?: number;
  onError(error: unknown): void;
};

export type HealthChecks = {
  /** Checks every provider now, and again at each interval. Does nothing if the dialer cannot check. */
  start(): void;
  /** Checks one provider now, in the background. */
  check(providerId: string): void;
  stop(): void;
};

type Finding = {
  /** Undefined leaves the status unchanged. */
  status: HealthStatus | undefined;
  /** The provider's response, or why there is none. */
  detail: string;
};

const SILENCES_UNTIL_UNHEALTHY = 2;
const MAX_DETAIL_LENGTH = 200;

/**
 * Checks every 30 seconds with OPTIONS whether providers respond. Any response shows that a provider is healthy, except
 * 503, by which it says itself that it is not. Silence counts only from the second time in a row, because datagrams get
 * lost; it is counted per host. A provider that SIP_ALLOW does not let us reach stays unknown.
 */
export function createHealthChecks(options: HealthChecksOptions): HealthChecks {
  const { providers, dialer, clock, intervalMs = 30_000, onError } = options;
  const silences = new Map<string, number>();
  const running = new Set<string>();
  let stopped = false;
  let stopTimer = () => {};

  async function checkProvider(provider: Provider): Promise<void> {
    const key = keyOf(provider);
    if (dialer.probe === undefined || running.has(key)) return;
    running.add(key);
    try {
      const result = await dialer.probe(provider).catch(failedProbe);
      if (stopped) return;
      silences.set(key, isSilence(result) ? (silences.get(key) ?? 0) + 1 : 0);
      const { status, detail } = findingOf(result, silences.get(key) ?? 0);
      await providers.noteHealth(provider, status, detail.slice(0, MAX_DETAIL_LENGTH));
    } finally {
      running.delete(key);
    }
  }

  async function checkAll(): Promise<void> {
    const all = await providers.all();
    const keys = new Set(all.map(keyOf));
    for (const key of silences.keys()) if (!keys.has(key)) silences.delete(key);
    await Promise.all(all.map(checkProvider));
  }

  async function checkOne(providerId: string): Promise<void> {
    const provider = await providers.find(providerId);
    if (provider !== undefined) await checkProvider(provider);
  }

  function report(error: unknown): void {
    if (!stopped) onError(error);
  }

  function round(): void {
    stopTimer = clock.after(intervalMs, round);
    checkAll().catch(report);
  }

  return {
    start: () => {
      if (dialer.probe !== undefined) round();
    },
    check: (providerId) => {
      if (dialer.probe !== undefined) checkOne(providerId).catch(report);
    },
    stop: () => {
      stopped = true;
      stopTimer();
    },
  };
}

function keyOf({ id, hostname }: Provider): string {
  return `${id} ${hostname}`;
}

/** Returns the result of a probe that could not even be sent, which counts like silence. */
function failedProbe(error: unknown): ProbeResult {
  return { by: 'local', status: 408, reasonPhrase: error instanceof Error ? error.message : String(error) };
}

function isSilence({ by, status }: ProbeResult): boolean {
  return by === 'local' && status === 408;
}

function findingOf({ by, status, reasonPhrase }: ProbeResult, silences: number): Finding {
  if (by === 'remote') {
    return { status: status === 503 ? 'unhealthy' : 'healthy', detail: `${status} ${reasonPhrase}`.trim() };
  }
  if (status === 403) return { status: 'unknown', detail: reasonPhrase };
  if (status !== 408 || silences >= SILENCES_UNTIL_UNHEALTHY) {
    return { status: 'unhealthy', detail: reasonPhrase };
  }
  return { status: undefined, detail: reasonPhrase };
}
