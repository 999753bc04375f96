import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseAllowList } from '@provider-call/sip/allow-list';
import { DEFAULT_TIMERS, timerB } from '@provider-call/sip/timers';
import { UserAgent } from '@provider-call/sip/user-agent';
import { dial } from '../packages/sip/test/call-fixture.ts';
import { freePort, portTaken } from '../packages/sip/test/peers/free-port.ts';
import { digits, option, report, table } from './report.ts';

/*
 * `npm run bench:sip [-- --rate 200 --seconds 30]`: calls from INVITE to BYE against `sipp -sn uas`. It fails when a call fails
 * or the heap grows.
 */

type Load = {
  placed: number;
  normal: number;
  /** How the others ended, and how often. */
  others: Map<string, number>;
  /** Milliseconds from the dial to the answer. */
  answeredAfter: number[];
  /** INVITEs sent, retransmissions included. */
  invites: number;
  peakRss: number;
};

const MEGABYTE = 1024 * 1024;
/** How long the user agent remembers a call after its end, for late answers of other forks, milliseconds. */
const FORGOTTEN_AFTER_MS = timerB(DEFAULT_TIMERS) + 1_500;

/** Starts sipp as the answering side. */
async function startUas(): Promise<{ host: string; stop(): Promise<void> }> {
  const port = await freePort();
  const child = spawn('sipp', ['-sn', 'uas', '-i', '127.0.0.1', '-p', String(port), '-nostdin'], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  await Promise.race([portTaken(port), exited]).catch((error: unknown) => {
    throw new Error('bench:sip needs sipp: apt-get install sip-tester', { cause: error });
  });
  return {
    host: `127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Places one call and hangs up when it is answered. */
function place(userAgent: UserAgent, host: string, load: Load): Promise<void> {
  const started = performance.now();
  const call = dial(userAgent, {
    provider: { hostname: host },
    dialTimeoutMs: 60_000,
    maxDurationMs: 60_000,
  });
  load.placed += 1;
  void call.answered.then(() => {
    load.answeredAfter.push(performance.now() - started);
    call.hangup();
  });
  return call.ended.then(({ by, reason, sipStatus }) => {
    if (reason === 'normal') load.normal += 1;
    else {
      const last = call.snapshot().messages.at(-1)?.raw.split('\r\n', 1).join('');
      const what = `${reason} ${sipStatus ?? by} (${last})`;
      load.others.set(what, (load.others.get(what) ?? 0) + 1);
    }
    load.invites += call.snapshot().messages.filter(({ raw }) => raw.startsWith('INVITE ')).length;
  });
}

/** Places calls at a constant rate, whatever happens to earlier ones, and returns when all have ended. */
async function run(userAgent: UserAgent, host: string, rate: number, seconds: number): Promise<Load> {
  const load: Load = { placed: 0, normal: 0, others: new Map(), answeredAfter: [], invites: 0, peakRss: 0 };
  const calls: Promise<void>[] = [];
  const started = performance.now();
  while (load.placed < rate * seconds) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1_000) * rate) + 1);
    while (load.placed < due) calls.push(place(userAgent, host, load));
    load.peakRss = Math.max(load.peakRss, process.memoryUsage().rss);
    await delay(2);
  }
  await Promise.all(calls);
  return load;
}

/** Collects garbage, so that the heap holds only what is in use. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node has no gc()');
  collect();
}

/** Returns the megabytes in use once the user agent has forgotten the ended calls. */
async function heapAfterwards(): Promise<number> {
  await delay(FORGOTTEN_AFTER_MS);
  collectGarbage();
  return process.memoryUsage().heapUsed / MEGABYTE;
}

/** Returns a quantile of sorted milliseconds, as text. */
function share(sorted: number[], part: number) {
  return digits(sorted[Math.floor((sorted.length - 1) * part)] ?? 0, 1);
}

const RATE = option('rate', 200);
const SECONDS = option('seconds', 30);
const uas = await startUas();
const userAgent = new UserAgent({ allow: parseAllowList('') });
try {
  await run(userAgent, uas.host, RATE, 2);
  const before = await heapAfterwards();
  const load = await run(userAgent, uas.host, RATE, SECONDS);
  const after = await heapAfterwards();
  const answered = load.answeredAfter.toSorted((a, b) => a - b);
  const others = [...load.others].map(([what, count]) => `${count} × ${what}`).join(', ');
  report(
    'bench:sip',
    table(
      ['calls, INVITE to BYE', 'value'],
      [
        ['placed', `${load.placed} at ${RATE}/s for ${SECONDS} s`],
        ['ended as they should', `${load.normal}${others === '' ? '' : `; ${others}`}`],
        [
          'INVITE to 200, ms: median, 95 %, 99 %, maximum',
          [0.5, 0.95, 0.99, 1].map((part) => share(answered, part)).join(', '),
        ],
        ['INVITEs retransmitted', String(load.invites - load.placed)],
        ['heap in use before and after, MB', `${digits(before, 1)}, ${digits(after, 1)}`],
        ['maximum resident, MB', digits(load.peakRss / MEGABYTE, 0)],
      ],
    ),
  );
  const grown = after - before;
  if (load.normal !== load.placed || grown > 2) {
    console.error(
      `bench:sip: ${load.placed - load.normal} calls failed, the heap grew by ${digits(grown, 1)} MB`,
    );
    process.exitCode = 1;
  }
} finally {
  await userAgent.close();
  await uas.stop();
}
