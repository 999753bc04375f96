import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine, openTerminal } from './packed-command.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';

let system: RealSystem;
let home: string;
beforeAll(async () => {
  system = await startRealSystem();
  home = await mkdtemp(join(tmpdir(), 'cli-home-'));
});
afterAll(async () => {
  await system?.local.close();
  await rm(home, { recursive: true });
});

const CTRL_C = '\u0003';
function call(...args: string[]) {
  return openTerminal(commandLine(['call', '--from', '+14155551234', ...args]), system.variables);
}

test.concurrent('live lines are rewritten, then verdict and ladder follow', async () => {
  const terminal = call('--provider', 'Busy', '+821012345678', '+821087654321');
  expect(await terminal.exitCode).toBe(10);
  const screen = terminal.screen();
  expect(screen).toContain('\x1b[2A\x1b[2K+821012345678  ');
  expect(screen).toMatch(/\+821087654321 {2}hangup \(busy\)/);
  expect(screen).toContain('\x1b[31mbusy\x1b[0m, 486 Busy Here');
  expect(screen).toMatch(/INVITE[\s\S]*486 Busy Here/);
});

test.concurrent('NO_COLOR removes colours but not the live lines', async () => {
  const terminal = openTerminal(
    commandLine(['call', '--provider', 'Busy', '--from', '+14155551234', '+821012345678']),
    {
      ...system.variables,
      NO_COLOR: '1',
    },
  );
  expect(await terminal.exitCode).toBe(10);
  for (const code of [1, 2, 31, 32, 33]) expect(terminal.screen()).not.toContain(`\x1b[${code}m`);
  expect(terminal.screen()).toContain('\x1b[1A');
});

test.concurrent('Ctrl-C asks; yes hangs up and reports the end: 14', async () => {
  const terminal = call('--provider', 'Never answers', '+821012345678');
  await terminal.until(/ringing/);
  terminal.type(CTRL_C);
  await terminal.until(/Hang up \+821012345678\? Ctrl-C again leaves at once\. \[y\/N\]/);
  terminal.type('y\r');
  expect(await terminal.exitCode).toBe(14);
  expect(terminal.screen()).toMatch(/hangup \(cancel\)[\s\S]*cancelled/);
});

test.concurrent('Ctrl-C asks; no leaves the call ringing and says how to end it: 20', async () => {
  const terminal = call('--provider', 'Never answers', '+821012345678');
  await terminal.until(/ringing/);
  terminal.type(CTRL_C);
  await terminal.until(/\[y\/N\]/);
  terminal.type('n\r');
  expect(await terminal.exitCode).toBe(20);
  const [, id = ''] = /calls go on: providercall hangup (\S+) ends them/.exec(terminal.screen()) ?? [];
  const hangup = openTerminal(commandLine(['hangup', id]), system.variables);
  expect(await hangup.exitCode).toBe(0);
});

test.concurrent('Ctrl-C twice leaves at once: 130', async () => {
  const terminal = call('--provider', 'Never answers', '+821012345678');
  await terminal.until(/ringing/);
  terminal.type(CTRL_C);
  await terminal.until(/\[y\/N\]/);
  terminal.type(CTRL_C);
  expect(await terminal.exitCode).toBe(130);
});

test.concurrent.each([
  ['n', 2, /nothing was dialled/],
  ['y', 10, /486 Busy Here/],
])(
  'the command asks about a number in national format; the answer %s ends with %i',
  async (answer, exitCode, shown) => {
    const terminal = call('--provider', 'Answers', '0101200486');
    await terminal.until(/"0101200486" is not E\.164: it is in national format/);
    await terminal.until(/Place these real, billed calls anyway\? \[y\/N\]/);
    terminal.type(`${answer}\r`);
    expect(await terminal.exitCode).toBe(exitCode);
    expect(terminal.screen()).toMatch(shown);
  },
);

test.concurrent('login asks for the token without showing it, and stores it for this user only', async () => {
  const variables = { HOME: home };
  const login = openTerminal(commandLine(['login', '--url', system.local.url]), variables);
  await login.until(/Token or access key: /);
  login.type(`${system.local.token}\r`);
  await login.until(/stored in/);
  expect(await login.exitCode).toBe(0);
  expect(login.screen()).not.toContain(system.local.token.slice(-20));
  const file = join(home, '.config/providercall/login.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    url: `${system.local.url}/v1.0`,
    token: system.local.token,
  });
  const list = openTerminal(commandLine(['providers']), variables);
  expect(await list.exitCode).toBe(0);
  expect(list.screen()).toMatch(/id +name +hostname/);
});
