import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import * as z from 'zod/mini';
import { authorizeEvent, CALL_BODY, createEvent, getEvent } from './events.ts';
import { MAX_LOCAL_RATIOS } from './limits.ts';
import { putRecords, recordOf } from './records.ts';
import { checkLimits, digits, judged, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import { type FunctionName, startTestbed } from './testbed.ts';

/*
 * The local system as its users see it: under HTTP load from autocannon, and compared with lambda-local, which runs the
 * same bundles, including the authorizer, without a gateway.
 */

/** Seconds for each load, and for each comparison with lambda-local. */
const LOAD_SECONDS = 3;
const COMPARE_SECONDS = option('seconds', 15);
/** Requests per round, and the number of rounds below which quartiles are meaningless. */
const BATCH = 10;
const MIN_ROUNDS = 3;
/** Requests before each load: a load that begins with cold starts can end before it gets a single response. */
const WARM_UP = 60;
const CONNECTIONS = [1, 10];

function start(file: string): ChildProcess {
  return fork(join(import.meta.dirname, file), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** Returns the next message of a child process. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const [message]: unknown[] = await once(child, 'message');
  return message;
}

const systemProcess = start('local-system.ts');
const { url, token } = z.object({ url: z.url(), token: z.string() }).parse(await messageOf(systemProcess));
const route = `${url}/v1.0/providercalls`;
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
const body = JSON.stringify(CALL_BODY);

async function send(method: string, to: string, sent?: string): Promise<string> {
  const response = await fetch(to, { method, headers, ...(sent !== undefined && { body: sent }) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${method} returned ${response.status}: ${text}`);
  return text;
}

const { id } = z.object({ id: z.string() }).parse(JSON.parse(await send('POST', route, body)));
for (let created = 1; created < 100; created += 1) await send('POST', route, body);

function withNewKey(request: autocannon.Request): autocannon.Request {
  return {
    ...request,
    headers: { ...headers, 'Idempotency-Key': randomUUID() },
  };
}

const scenarios: Record<string, Pick<autocannon.Options, 'url' | 'method' | 'body' | 'requests'>> = {
  'get one': { url: `${route}/${id}`, method: 'GET' },
  'list of 20': { url: `${route}?page_size=20`, method: 'GET' },
  'create without a key': { url: route, method: 'POST', body },
  'create with a key': { url: route, method: 'POST', body, requests: [{ setupRequest: withNewKey }] },
};

const driven: string[][] = [];
for (const [name, scenario] of Object.entries(scenarios)) {
  for (const connections of CONNECTIONS) {
    await autocannon({ ...scenario, headers, connections, amount: WARM_UP });
    const result = await autocannon({ ...scenario, headers, connections, duration: LOAD_SECONDS });
    if (result.requests.total === 0) throw new Error(`${name}: no response in ${LOAD_SECONDS} s`);
    const failed = result.errors + result.timeouts + result.non2xx;
    driven.push([
      name,
      String(connections),
      digits(result.requests.total / result.duration, 0),
      digits(result.latency.p50, 0),
      digits(result.latency.p99, 0),
      String(failed),
    ]);
  }
}

const testbed = await startTestbed();
await putRecords(testbed.dynamodb, testbed.table, [recordOf(1)].values());
const runner = start('lambda-local-runner.ts');
function step(name: FunctionName, event: unknown) {
  return {
    bundle: testbed.bundleOf(name),
    environment: testbed.environmentOf(name),
    event,
  };
}

const authorize = step('Authorize', authorizeEvent(testbed.token));
const compared = {
  'get one': {
    steps: [authorize, step('Get', getEvent(recordOf(1).id))],
    local: () => send('GET', `${route}/${id}`),
  },
  'create without a key': {
    steps: [authorize, step('Create', createEvent())],
    local: () => send('POST', route, body),
  },
};

const millisecondsSchema = z.object({ milliseconds: z.number() });
async function byLambdaLocal(steps: readonly unknown[]): Promise<number> {
  const message = messageOf(runner);
  runner.send({ steps, requests: BATCH });
  return millisecondsSchema.parse(await message).milliseconds / BATCH;
}

async function byLocalSystem(request: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let sent = 0; sent < BATCH; sent += 1) await request();
  return (performance.now() - startedAt) / BATCH;
}

const beside: string[][] = [];
for (const [name, { steps, local }] of Object.entries(compared)) {
  const taken: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  const until = performance.now() + COMPARE_SECONDS * 1_000;
  for (let round = -2; round < MIN_ROUNDS || performance.now() < until; round += 1) {
    const theirsFirst = round % 2 === 0 ? await byLambdaLocal(steps) : undefined;
    const ours = await byLocalSystem(local);
    const theirs = theirsFirst ?? (await byLambdaLocal(steps));
    if (round < 0) continue;
    taken.ours.push(ours);
    taken.theirs.push(theirs);
  }
  beside.push([
    name,
    spread(summarize(taken.ours)),
    spread(summarize(taken.theirs)),
    ...judged(
      `local system, ${name}`,
      ratiosOf(taken.ours, taken.theirs),
      MAX_LOCAL_RATIOS[name] ?? { max: Number.POSITIVE_INFINITY },
    ),
    String(taken.ours.length),
  ]);
}

runner.disconnect();
systemProcess.disconnect();
await testbed.close();

report(
  'bench:request',
  [
    `autocannon, ${LOAD_SECONDS} s each after ${WARM_UP} requests that do not count; the generator shares the machine's cores with the system.`,
    table(['request', 'connections', 'requests a second', 'p50, ms', 'p99, ms', 'errors'], driven),
    `One request at a time, rounds of ${BATCH}, in turn; milliseconds a request, medians with quartiles.`,
    table(
      ['request', 'local system, over HTTP', 'lambda-local, no gateway', 'ratio', 'limit', 'rounds'],
      beside,
    ),
  ].join('\n\n'),
  'local',
);
checkLimits();
process.exit();
