import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseAllowList } from '@provider-call/sip/allow-list';
import { DEFAULT_TIMERS, timerB } from '@provider-call/sip/timers';
import { UserAgent } from '@provider-call/sip/user-agent';
import { dial } from '../packages/sip/test/call-fixture.ts';
import { freeServerPort, portTaken } from '../packages/sip/test/peers/free-port.ts';
import { digits, option, report, table } from './report.ts';

/*
 * `npm run bench:sip`: finds by bisection the highest rate at which calls to `sipp -sn uas`, from INVITE to BYE, end as
 * they should, with the user agent and with sipp as the caller, each on one core. Then the user agent runs at its rate
 * for longer, and its heap is measured before and after. The benchmark fails if calls fail during that run or the heap
 * grows.
 */

/** The fraction of calls that must end as they should. */
const MIN_SUCCESS = 0.999;
/** In calls a second: the rate that is tried first, the one at which the search ends, and its precision. */
const FIRST_RATE = option('rate', 200);
const MAX_RATE = 6_400;
const PRECISION = 50;
/** Seconds for each try, and for the run at the rate that was found. */
const TRY_SECONDS = option('seconds', 5);
const LONG_SECONDS = 30;
/** How long after the last call of a run all must have ended, milliseconds: two responses may be lost. */
const ENDED_WITHIN_MS = 5_000;
/** Megabytes by which the heap in use may grow. */
const MAX_GROWTH = 2;
/** The factor by which a run may exceed its time to place its calls. */
const MAX_DELAY = 1.1;
/**
 * The part of the rate that was found at which the long run begins: a call is remembered for half a minute after its end, so a
 * short try does not fill the memory as a long run does. And the part to which it slows down when calls fail.
 */
const SUSTAINED = 0.5;
const SLOWER = 0.9;

const MEGABYTE = 1024 * 1024;
/** Milliseconds for which the user agent remembers a call after its end, in case other forks answer late. */
const FORGOTTEN_AFTER_MS = timerB(DEFAULT_TIMERS) + 1_500;

type Load = {
  placed: number;
  normal: number;
  /** How the other calls ended, and how often. */
  others: Map<string, number>;
  /** Milliseconds from the dial to the answer. */
  answeredAfter: number[];
  /** INVITEs sent, retransmissions included. */
  invites: number;
  /** Seconds in which the calls were placed. */
  placing: number;
  peakRss: number;
};

const TASKSET = '/usr/bin/taskset';
/** The callers run on the last core, the peer on the others. */
const CALLER_CORE = cpus().length - 1;

if (existsSync(TASKSET)) {
  execFileSync(TASKSET, ['--all-tasks', '--cpu-list', '--pid', String(CALLER_CORE), String(process.pid)], {
    stdio: 'ignore',
  });
}

const theirs = await maxRate(sippSustains);
const ours = await maxRate(userAgentSustains);
const { rate, load, before, remembered, after } = await keep(Math.floor(ours * SUSTAINED));
const answered = load.answeredAfter.toSorted((a, b) => a - b);
const others = [...load.others].map(([what, count]) => `${count} × ${what}`).join(', ');
report(
  'bench:sip',
  [
    `Tries of ${TRY_SECONDS} s, ${digits(MIN_SUCCESS * 100, 1)} % of whose calls end as they should; precise to ${PRECISION}/s.`,
    table(
      ['caller, on one core', 'maximum rate, calls/s'],
      [
        ['this user agent', rateText(ours)],
        ['sipp -sn uac', rateText(theirs)],
      ],
    ),
    table(
      ['this user agent, INVITE to BYE', 'value'],
      [
        ['placed', `${load.placed} at ${rate}/s for ${LONG_SECONDS} s`],
        ['ended as they should', `${load.normal}${others === '' ? '' : `; ${others}`}`],
        [
          'INVITE to 200, ms: median, 95 %, 99 %, maximum',
          [0.5, 0.95, 0.99, 1].map((part) => share(answered, part)).join(', '),
        ],
        ['INVITEs retransmitted', String(load.invites - load.placed)],
        ['heap in use before and after, MB', `${digits(before, 1)}, ${digits(after, 1)}`],
        ['heap in use for each ended call, KB', digits(((remembered - after) * 1024) / load.placed, 1)],
        ['maximum resident, MB', digits(load.peakRss / MEGABYTE, 0)],
      ],
    ),
  ].join('\n\n'),
);
if (load.normal < load.placed * MIN_SUCCESS || after - before > MAX_GROWTH) {
  console.error(
    `bench:sip: ${load.placed - load.normal} calls failed, the heap grew by ${digits(after - before, 1)} MB`,
  );
  process.exitCode = 1;
}

function rateText(rate: number): string {
  return rate < MAX_RATE ? String(rate) : `${MAX_RATE} or more`;
}

/**
 * Returns the highest rate that is sustained: it is doubled as long as it is, then bisected. A rate must fail twice,
 * because a single failure may be the machine's fault.
 */
async function maxRate(sustains: (rate: number) => Promise<boolean>): Promise<number> {
  const holds = async (rate: number) => {
    const isSustained = await sustains(rate);
    process.stderr.write(`${rate}/s ${isSustained ? 'holds' : 'fails'}
`);
    return isSustained;
  };
  const twice = async (rate: number) => (await holds(rate)) || (await holds(rate));
  let good = 0;
  let bad = FIRST_RATE;
  while (bad <= MAX_RATE && (await twice(bad))) {
    good = bad;
    bad *= 2;
  }
  if (bad > MAX_RATE) return MAX_RATE;
  while (bad - good > PRECISION) {
    const middle = Math.round((good + bad) / 2);
    if (await twice(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

type SustainedRun = {
  rate: number;
  load: Load;
  /** Megabytes of the heap in use before the calls, while their ends are remembered, and afterwards. */
  before: number;
  remembered: number;
  after: number;
};

/** Keeps a rate, or the next slower one at which calls do not fail, for longer. */
async function keep(rate: number): Promise<SustainedRun> {
  const kept = await withUserAgent(async (userAgent, host) => {
    await run(userAgent, host, FIRST_RATE, 2);
    const before = await heapAfterwards();
    const load = await run(userAgent, host, rate, LONG_SECONDS);
    const isKept = sustained(load, rate) || rate <= FIRST_RATE;
    process.stderr.write(`${rate}/s for ${LONG_SECONDS} s ${isKept ? 'holds' : 'fails'}\n`);
    if (!isKept) return undefined;
    const remembered = heapInUse();
    return { rate, load, before, remembered, after: await heapAfterwards() };
  });
  return kept ?? (await keep(Math.max(FIRST_RATE, Math.floor(rate * SLOWER))));
}

/** Returns whether a run's calls ended as they should and were placed at its rate. */
function sustained({ placed, normal, placing }: Load, rate: number): boolean {
  return normal >= placed * MIN_SUCCESS && placing <= (placed / rate) * MAX_DELAY;
}

/** Returns whether the user agent places calls at a rate and ends them as it should. */
function userAgentSustains(rate: number): Promise<boolean> {
  return withUserAgent(async (userAgent, host) => {
    await run(userAgent, host, FIRST_RATE, 1);
    return sustained(await run(userAgent, host, rate, TRY_SECONDS), rate);
  });
}

/** Runs some work with a user agent and an answering side of its own, so that nothing is left of earlier tries. */
async function withUserAgent<Result>(
  work: (userAgent: UserAgent, host: string) => Promise<Result>,
): Promise<Result> {
  const uas = await startUas();
  const userAgent = new UserAgent({ allow: parseAllowList('') });
  try {
    return await work(userAgent, uas.host);
  } finally {
    await userAgent.close();
    await uas.stop();
  }
}

/** Starts sipp as the answering side. */
async function startUas(): Promise<{ host: string; stop(): Promise<void> }> {
  const port = await freeServerPort();
  const sipp = ['sipp', '-sn', 'uas', '-i', '127.0.0.1', '-p', String(port), '-nostdin'];
  const [command = '', ...args] = [...onCores(`0-${Math.max(0, CALLER_CORE - 1)}`), ...sipp];
  const child = spawn(command, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => Promise.reject(new Error(`sipp ended with ${code}`)));
  await Promise.race([portTaken(port), ended]).catch((error: unknown) => {
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

function onCores(list: string): string[] {
  return existsSync(TASKSET) ? [TASKSET, '--cpu-list', list] : [];
}

/** Returns whether sipp places calls at a rate and ends them as it should. */
async function sippSustains(rate: number): Promise<boolean> {
  const { host, stop } = await startUas();
  const directory = mkdtempSync(join(tmpdir(), 'bench-sip-'));
  try {
    const calls = rate * TRY_SECONDS;
    const port = await freeServerPort();
    const sipp = ['sipp', '-sn', 'uac', host, '-i', '127.0.0.1', '-p', String(port), '-r', String(rate)];
    const limits = ['-m', String(calls), '-l', String(calls), '-nostdin', '-trace_stat', '-fd', '1'];
    const [command = '', ...args] = [...onCores(String(CALLER_CORE)), ...sipp, ...limits];
    // sipp gets one more second for its own start and end.
    const timeout = (TRY_SECONDS * MAX_DELAY + 1) * 1_000;
    const child = spawn(command, args, { cwd: directory, stdio: 'ignore', timeout, killSignal: 'SIGKILL' });
    const [, signal] = await once(child, 'exit');
    if (signal !== null) return false;
    const file = readdirSync(directory).find((name) => name.endsWith('.csv'));
    if (file === undefined) throw new Error('sipp wrote no statistics');
    const lines = readFileSync(join(directory, file), 'utf8').trim().split('\n');
    const [names = [], values = []] = [lines[0], lines.at(-1)].map((line) => line?.split(';') ?? []);
    return Number(values[names.indexOf('SuccessfulCall(C)')]) >= calls * MIN_SUCCESS;
  } finally {
    await stop();
    rmSync(directory, { recursive: true });
  }
}

/**
 * Places calls at a constant rate, whatever happens to earlier ones. Returns when all have ended or had the time for it, or as
 * soon as the rate cannot be sustained any more.
 */
async function run(userAgent: UserAgent, host: string, rate: number, seconds: number): Promise<Load> {
  const load: Load = {
    placed: 0,
    normal: 0,
    others: new Map(),
    answeredAfter: [],
    invites: 0,
    placing: 0,
    peakRss: 0,
  };
  const total = rate * seconds;
  const calls: Promise<void>[] = [];
  const tooManyFailed = Promise.withResolvers<void>();
  const started = performance.now();
  while (load.placed < total && load.placing < seconds * MAX_DELAY) {
    const due = Math.min(total, Math.floor(load.placing * rate) + 1);
    while (load.placed < due) {
      const ended = place(userAgent, host, load).then(() => {
        const failed = load.others.values().reduce((sum, count) => sum + count, 0);
        if (failed > total * (1 - MIN_SUCCESS)) tooManyFailed.resolve();
      });
      calls.push(ended);
    }
    load.peakRss = Math.max(load.peakRss, process.memoryUsage().rss);
    await delay(2);
    load.placing = (performance.now() - started) / 1_000;
  }
  if (load.placed === total) {
    await Promise.race([
      Promise.all(calls),
      tooManyFailed.promise,
      delay(ENDED_WITHIN_MS, undefined, { ref: false }),
    ]);
  }
  return load;
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

/** Returns the megabytes of the heap in use, without garbage. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node has no gc()');
  collect();
  return process.memoryUsage().heapUsed / MEGABYTE;
}

/** Returns the megabytes in use once the user agent has forgotten the ended calls. */
async function heapAfterwards(): Promise<number> {
  await delay(FORGOTTEN_AFTER_MS);
  return heapInUse();
}

/** Returns a quantile of sorted milliseconds, as text. */
function share(sorted: number[], part: number) {
  return digits(sorted[Math.floor((sorted.length - 1) * part)] ?? 0, 1);
}
