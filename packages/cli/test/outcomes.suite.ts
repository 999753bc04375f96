import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NODE_NAMES, outcomeOf, runCommand, startCommand } from './packed-command.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';

let system: RealSystem;
beforeAll(async () => {
  system = await startRealSystem();
  const carrier = system.local.carrier ?? '';
  // The port of a socket that is closed again: nobody listens there.
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  await system.addProvider({ name: 'Closed port', hostname: `127.0.0.1:${socket.address().port}` });
  socket.close();
  await system.addProvider({ name: 'No such host', hostname: 'nowhere.invalid' });
  await system.addProvider({ name: 'Not allowed', hostname: '192.0.2.1' });
  const credentials = { auth_username: 'demo', auth_password: 'demo' };
  await system.addProvider({ name: 'Password', hostname: carrier, tech_prefix: '401', ...credentials });
});
afterAll(() => system?.local.close());

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const KEY_LINE = 'Idempotency-Key: cli-ID\n';
function anonymised(text: string) {
  return text.replace(UUID, 'ID');
}

/** Number, exit code, how the call ends by the Call itself, the summary, what the ladder contains. */
type Row = [
  provider: string,
  to: string,
  exitCode: number,
  end: string,
  summary: RegExp,
  ladder: RegExp | undefined,
];
const ROWS: Row[] = [
  [
    'Answers',
    '+821012345678',
    0,
    'normal',
    /answered, 200 OK, post-dial delay \d\.\d s.*, talked \d+\.\d s/,
    undefined,
  ],
  ['Password', '+821012345678', 0, 'normal', /answered, 200 OK/, undefined],
  ['Busy', '+821012345678', 10, 'busy', /busy, 486 Busy Here/, /486 Busy Here/],
  ['Rejects', '+821012345678', 11, 'failed', /rejected, 403 Forbidden/, /403 Forbidden/],
  ['Answers', '+15550100302', 11, 'failed', /rejected/, /302 Moved Temporarily/],
  ['Answers', '+15550100401', 11, 'failed', /authentication/, /401/],
  ['Answers', '+15550100404', 11, 'failed', /rejected, 404 Not Found/, /404 Not Found/],
  ['Answers', '+15550100407', 11, 'failed', /authentication/, /407/],
  ['Answers', '+15550100408', 10, 'no_answer', /no answer, 408 Request Timeout/, /408/],
  ['Answers', '+15550100480', 10, 'no_answer', /no answer, 480 Temporarily Unavailable/, /480/],
  ['Answers', '+15550100484', 11, 'failed', /rejected, 484 Address Incomplete/, /484/],
  ['Answers', '+15550100486', 10, 'busy', /busy, 486 Busy Here/, /486/],
  ['Answers', '+15550100488', 11, 'failed', /rejected, 488 Not Acceptable Here/, /488/],
  ['Answers', '+15550100500', 11, 'failed', /rejected, 500 Server Internal Error/, /500/],
  ['Answers', '+15550100503', 11, 'failed', /rejected, 503 Service Unavailable/, /503/],
  ['Answers', '+15550100600', 10, 'busy', /busy, 600 Busy Everywhere/, /600/],
  ['Answers', '+15550100603', 10, 'no_answer', /no answer, 603 Decline/, /603/],
  ['Answers', '+15550100604', 11, 'failed', /rejected, 604/, /604/],
  ['Closed port', '+821012345678', 12, 'failed', /unreachable/, /ECONNREFUSED|503/],
  ['No such host', '+821012345678', 12, 'failed', /dns/, /478/],
  ['Not allowed', '+821012345678', 15, 'failed', /blocked/, /403/],
];

test.concurrent.each(ROWS.flatMap((row) => NODE_NAMES.map((node) => [...row, node] as const)))(
  'a call through %s to %s ends with %i (%s)',
  async (provider, to, exitCode, end, summary, ladder, node) => {
    const args = ['call', '--provider', provider, '--from', '+14155551234', to];
    const outcome = await runCommand(node, args, system.variables);
    const stdout = anonymised(outcome.stdout).split('\n');
    expect({ ...outcome, stdout: stdout[0], stderr: anonymised(outcome.stderr) }).toEqual({
      exitCode,
      stdout: 'record ID',
      stderr: KEY_LINE,
    });
    expect(stdout).toContain(`${to} hangup (${end})`);
    const at = stdout.findIndex((line) => line.startsWith(`${to}  `));
    expect(stdout[at]).toMatch(new RegExp(`^\\${to}  ${summary.source}.*  \\(call ID\\)$`));
    expect(stdout[at + 1]).toMatch(/^ {2}\S.*[.?!]$/);
    const rest = stdout.slice(at + 2).join('\n');
    if (ladder === undefined) expect(rest).toBe('');
    else expect(rest).toMatch(ladder);
  },
  60_000,
);

test.concurrent.each(NODE_NAMES)(
  'a call that rings forever is cancelled on SIGTERM with --hangup-on-exit: 14 (%s)',
  async (node) => {
    const child = startCommand(
      node,
      ['call', '--provider', 'Never answers', '--from', '+14155551234', '--hangup-on-exit', '+821012345678'],
      system.variables,
    );
    // Once: a second signal ends the command at once.
    child.stdout.on('data', function cancel(chunk: Buffer) {
      if (!chunk.includes('ringing')) return;
      child.stdout.off('data', cancel);
      child.kill('SIGTERM');
    });
    const { exitCode, stdout } = await outcomeOf(child);
    expect(exitCode).toBe(14);
    expect(stdout).toContain('+821012345678 hangup (cancel)');
    expect(stdout).toMatch(/cancelled, 487[\s\S]*CANCEL/);
  },
  60_000,
);

test.concurrent.each(NODE_NAMES)(
  'a call that waits to be hung up is hung up by its record: 0 (%s)',
  async (node) => {
    const run = (...args: string[]) => runCommand(node, args, system.variables);
    const placed = await run(
      'call',
      '--provider',
      'Answers',
      '--from',
      '+14155551234',
      '--no-watch',
      '--json',
      '+15550100200',
    );
    const { record } = JSON.parse(placed.stdout);
    await expect
      .poll(async () => (await system.platform.getCall(record.call_ids[0])).status)
      .toBe('progressing');
    expect((await run('hangup', record.id.slice(0, 13))).exitCode).toBe(0);
    await expect.poll(async () => (await system.platform.getCall(record.call_ids[0])).status).toBe('hangup');
    const { exitCode, stdout } = await run('get', record.id);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/answered, 200 OK/);
    expect((await run('hangup', record.id)).stdout).toMatch(/had ended already/);
  },
  60_000,
);

test.concurrent.each(NODE_NAMES)(
  'several calls end with the worst of their outcomes (%s)',
  async (node) => {
    const { exitCode, stdout } = await runCommand(
      node,
      [
        'call',
        '--provider',
        'Answers',
        '--from',
        '+14155551234',
        '+15550100486',
        '+15550100404',
        '+15550100603',
      ],
      system.variables,
    );
    expect(exitCode).toBe(11);
    for (const outcome of ['+15550100486  busy', '+15550100404  rejected', '+15550100603  no answer']) {
      expect(stdout).toContain(outcome);
    }
  },
  60_000,
);

test.concurrent.each(NODE_NAMES)(
  'a deleted provider is rejected: 3; a mistake is 2; a bad credential is 4; no API is 5 (%s)',
  async (node) => {
    const call = (variables: Record<string, string>, ...args: string[]) =>
      runCommand(node, ['call', '--from', '+14155551234', ...args], { ...system.variables, ...variables });
    const deleted = 'b0000000-0000-4000-8000-000000000004';
    expect(await call({}, '--provider', deleted, '+821012345678')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringMatching(/^Idempotency-Key: .*\nprovidercall: PROVIDER_NOT_FOUND: [^\n]*\n$/),
    });
    expect(await call({}, '--provider', 'Nobody', '+821012345678')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'providercall: there is no provider "Nobody": providercall providers lists them\n',
    });
    expect(await call({}, '--provider', 'Answers', '01012345678')).toMatchObject({ exitCode: 2, stdout: '' });
    expect(
      await call({ PROVIDERCALL_TOKEN: 'a.b.c' }, '--provider', 'Answers', '+821012345678'),
    ).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: expect.stringMatching(/^providercall: AUTHENTICATION_REQUIRED: [^\n]*\n$/),
    });
    expect(await call({ PORT: '1024' }, '--provider', 'Answers', '+821012345678')).toMatchObject({
      exitCode: 5,
      stdout: '',
      stderr: expect.stringMatching(
        /^providercall: no response from 127\.0\.0\.1:1024 \(ECONNREFUSED\)[^\n]*\n$/,
      ),
    });
  },
  60_000,
);

test.concurrent.each(NODE_NAMES)(
  'the same key dials nothing twice (%s)',
  async (node) => {
    const key = `suite-${node.length}`;
    const args = [
      'call',
      '--provider',
      'Busy',
      '--from',
      '+14155551234',
      '--idempotency-key',
      key,
      '+821012345678',
    ];
    const [first, second] = [
      await runCommand(node, args, system.variables),
      await runCommand(node, args, system.variables),
    ];
    expect([first.exitCode, second.exitCode]).toEqual([10, 10]);
    const id = /record (\S+)/.exec(first.stdout)?.[1];
    expect(second.stdout.split('\n')[0]).toBe(
      `record ${id} (placed earlier with this key; nothing was dialled now)`,
    );
  },
  60_000,
);
