import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { SEED_IDS } from '@provider-call/platform/seed';
import { type Script, startScript } from '../../../../test/script.ts';

export const PROVIDERS = SEED_IDS.providers;
/** The stage lets five creates a second through; what it rejects is sent again after this time. */
const THROTTLE_MS = 100;

const SOURCE = { type: 'tel', target: '+14155550100' };

/** `npm start` as a process of its own, with what a test needs to prepare its data. */
export type LocalSystem = {
  url: string;
  port: number;
  token: string;
  /** Sends a request to the API, again while it is throttled; throws unless it succeeds. */
  api(method: string, path: string, body?: object): Promise<Body>;
  /** Places a call and returns its record. */
  place(providerId: string, ...targets: string[]): Promise<Body>;
  /** Returns the ids of a provider's newest records. */
  recordIds(providerId: string): Promise<string[]>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

// biome-ignore lint/suspicious/noExplicitAny: responses are read loosely, what matters of them is compared
export type Body = any;

/** Starts the system; the port is a free one unless `PORT` is given. */
export async function startLocalSystem(variables: Record<string, string> = {}): Promise<LocalSystem> {
  const script = startScript('bin/local.ts', { PORT: '0', ...variables });
  const lines = await linesUntilReady(script);
  const url = lines.at(-1)?.slice('ready '.length) ?? '';
  const token = /^TOKEN=(\S+)$/m.exec(lines.join('\n'))?.[1] ?? '';
  // The first request has the page built, for which a busy machine needs longer than a navigation may take.
  await (await fetch(url)).arrayBuffer();

  async function api(method: string, path: string, body?: object): Promise<Body> {
    const response = await fetch(`${url}/v1.0${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status === 429) {
      await response.body?.cancel();
      await setTimeout(THROTTLE_MS);
      return api(method, path, body);
    }
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (script.exitCode !== null || script.signalCode !== null) return;
    const ended = once(script, 'exit');
    script.kill(signal);
    await ended;
  }

  return {
    url,
    port: Number(new URL(url).port),
    token,
    api,
    place: (providerId, ...targets) =>
      api('POST', '/providercalls', {
        provider_id: providerId,
        source: SOURCE,
        destinations: targets.map((target) => ({ type: 'tel', target })),
      }),
    async recordIds(providerId) {
      const { result } = await api('GET', `/providercalls?provider_id=${providerId}`);
      return result.map(({ id }: { id: string }) => id);
    },
    kill: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
  };
}

async function linesUntilReady(script: Script): Promise<string[]> {
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface(script.stdout).on('line', (line) => {
    lines.push(line);
    if (line.startsWith('ready ')) ready.resolve();
  });
  let problem = '';
  script.stderr.on('data', (text) => {
    problem += text;
  });
  script.once('exit', () =>
    ready.reject(new Error(`npm start ended: ${problem}${lines.slice(-3).join('\n')}`)),
  );
  await ready.promise;
  return lines.slice(0, lines.findIndex((line) => line.startsWith('ready ')) + 1);
}
