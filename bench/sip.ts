/** `npm run bench:sip [-- --rate 200 --seconds 30]`: calls from INVITE to BYE against `sipp -sn uas`. Fails when one fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseAllowList } from '../packages/sip/src/allow-list.ts';
import { DEFAULT_TIMERS, timerB } from '../packages/sip/src/timers.ts';
import { UserAgent } from '../packages/sip/src/user-agent.ts';
import { dial } from '../packages/sip/test/call-fixture.ts';
import { freePort, portTaken } from '../packages/sip/test/peers/free-port.ts';
import { digits, option, report, table } from './report.ts';

type Load = {
  placed: number;
  normal: number;
  /** What became of the others, and how often. */
  others: Map<string, number>;
  /** Milliseconds from the dial to the answer. */
  answeredAfter: number[];
  /** INVITEs sent, repeated ones too. */
  invites: number;
  peakRss: number;
};

const megabyte = 1024 * 1024;
// How long a call is remembered after its end, for late answers of other forks.
const forgottenAfterMs = timerB(DEFAULT_TIMERS) + 1_500;

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

/** Places calls at an even pace, whatever became of the earlier ones, and waits for the end of all. */
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

/** Without it, the heap says how lazy the collector was. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node has no gc()');
  collect();
}

/** Megabytes that are still in use once the ended calls are forgotten. */
async function heapAfterwards(): Promise<number> {
  await delay(forgottenAfterMs);
  collectGarbage();
  return process.memoryUsage().heapUsed / megabyte;
}

const share = (sorted: number[], part: number) =>
  digits(sorted[Math.floor((sorted.length - 1) * part)] ?? 0, 1);

const rate = option('rate', 200);
const seconds = option('seconds', 30);
const uas = await startUas();
const userAgent = new UserAgent({ allow: parseAllowList('') });
try {
  await run(userAgent, uas.host, rate, 2);
  const before = await heapAfterwards();
  const load = await run(userAgent, uas.host, rate, seconds);
  const after = await heapAfterwards();
  const answered = load.answeredAfter.toSorted((a, b) => a - b);
  const others = [...load.others].map(([what, count]) => `${count} × ${what}`).join(', ');
  report(
    'bench:sip',
    table(
      ['calls, INVITE to BYE', 'value'],
      [
        ['placed', `${load.placed} at ${rate}/s for ${seconds} s`],
        ['ended as they should', `${load.normal}${others === '' ? '' : `; ${others}`}`],
        [
          'INVITE to 200, ms: median, 95 %, 99 %, longest',
          [0.5, 0.95, 0.99, 1].map((part) => share(answered, part)).join(', '),
        ],
        ['INVITEs repeated', String(load.invites - load.placed)],
        ['heap in use before and after, MB', `${digits(before, 1)}, ${digits(after, 1)}`],
        ['resident at most, MB', digits(load.peakRss / megabyte, 0)],
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
