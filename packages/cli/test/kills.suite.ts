import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NODE_NAMES, runCommand, startCommand } from './packed-command.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';

const KILLS = 200;
const KILLS_PER_RUN = 10;
const LANES = 4;
const CALLS = 8;
/** Up to this long after its start a command is killed; an undisturbed run takes longer. */
const MAX_LIFE_MS = 1800;

let system: RealSystem;
let folder: string;
let peer: Socket;
/** The Call-IDs of the INVITEs that arrived, by the number dialled. */
const invites = new Map<string, Set<string>>();

beforeAll(async () => {
  system = await startRealSystem();
  folder = await mkdtemp(join(tmpdir(), 'cli-kills-'));
  peer = createSocket('udp4').bind(0, '127.0.0.1');
  await once(peer, 'listening');
  peer.on('message', (bytes, { port, address }) => {
    const request = bytes.toString('latin1');
    if (/^OPTIONS /.test(request)) peer.send(responseTo(request, '200 OK'), port, address);
    if (!/^INVITE /.test(request)) return;
    const number = /^INVITE sip:([^@]+)@/.exec(request)?.[1] ?? '';
    const callIds = invites.get(number) ?? new Set();
    invites.set(number, callIds.add(headerOf(request, 'Call-ID')));
    peer.send(responseTo(request, '486 Busy Here'), port, address);
  });
  await system.addProvider({ name: 'Counting', hostname: `127.0.0.1:${peer.address().port}` });
});
afterAll(async () => {
  await system?.local.close();
  peer?.close();
  await rm(folder, { recursive: true });
});

function headerOf(request: string, name: string): string {
  return new RegExp(`^${name}: *(.*)\r$`, 'im').exec(request)?.[1] ?? '';
}

function responseTo(request: string, status: string): string {
  const vias = request.match(/^Via: .*\r$/gim) ?? [];
  return [
    `SIP/2.0 ${status}\r`,
    ...vias,
    `From: ${headerOf(request, 'From')}\r`,
    `To: ${headerOf(request, 'To')};tag=peer\r`,
    `Call-ID: ${headerOf(request, 'Call-ID')}\r`,
    `CSeq: ${headerOf(request, 'CSeq')}\r`,
    'Content-Length: 0\r',
    '\r\n',
  ].join('\n');
}

/** A plan of its own numbers for each run. */
async function writePlan(run: number): Promise<string> {
  const file = join(folder, `plan-${run}.json`);
  const calls = Array.from({ length: CALLS }, (_, index) => ({
    provider: 'Counting',
    destination: `+1555${String(run).padStart(4, '0')}${String(index).padStart(3, '0')}`,
    expect: { outcome: 'busy' },
  }));
  await writeFile(
    file,
    JSON.stringify({ maxCalls: CALLS, callsPerSecond: 5, source: '+14155551234', calls }),
  );
  return file;
}

/** Starts the command, kills it at a random moment of its life, and returns the run id that it printed. */
async function killedRun(plan: string, run: string | undefined, kill: number): Promise<string | undefined> {
  const node = NODE_NAMES[kill % NODE_NAMES.length] ?? 'Node 24';
  const resume = run === undefined ? [] : ['--resume', run];
  const child = startCommand(node, ['verify', plan, '--yes', ...resume], system.variables);
  let printed = run;
  createInterface(child.stderr).on('line', (line) => {
    printed ??= /^run (\S+);/.exec(line)?.[1];
  });
  child.stdout.resume();
  const ended = once(child, 'exit');
  // Nothing is waited for here: the moment is what the test varies.
  const timer = setTimeout(() => child.kill('SIGKILL'), Math.random() * MAX_LIFE_MS);
  await ended;
  clearTimeout(timer);
  return printed;
}

test(`${KILLS} kills of verify at random moments: every number is dialled exactly once`, async () => {
  const runs = KILLS / KILLS_PER_RUN;
  const numbers = Array.from({ length: runs }, (_, run) => run);
  let kills = 0;
  const lane = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      const plan = await writePlan(number);
      let run: string | undefined;
      for (let kill = 0; kill < KILLS_PER_RUN; kill += 1) {
        run = await killedRun(plan, run, kill);
        kills += 1;
      }
      const resume = run === undefined ? [] : ['--resume', run];
      const { exitCode, stderr } = await runCommand(
        'Node 24',
        ['verify', plan, '--yes', ...resume],
        system.variables,
      );
      expect(exitCode, stderr).toBe(0);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(kills).toBe(KILLS);
  expect(invites.size).toBe(runs * CALLS);
  expect([...invites].filter(([, callIds]) => callIds.size !== 1)).toEqual([]);
  // What a run needs to be continued is not in a file of its own.
  expect((await readdir(folder)).every((file) => /^plan-\d+\.json$/.test(file))).toBe(true);
  console.log(`${kills} kills, ${invites.size} numbers, each in one INVITE transaction`);
}, 580_000);

test('a new run dials every number again', async () => {
  const plan = await writePlan(9999);
  for (const count of [1, 2]) {
    expect((await runCommand('Node 24', ['verify', plan, '--yes'], system.variables)).exitCode).toBe(0);
    expect(invites.get('+15559999000')?.size).toBe(count);
  }
}, 60_000);
