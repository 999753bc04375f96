import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { LOOPBACK, listen } from '@provider-call/local/http-server';
import { expect, test } from 'vitest';
import { ANSWERED, IDS, PROVIDER, page, RECORD } from './session-under-test.ts';

const COMMAND = fileURLToPath(new URL('../bin/providercall.js', import.meta.url));

/** Runs the command from its source, as `npx providercall` does. */
async function running(args: string[], environment: Record<string, string> = {}, input = '') {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment },
  });
  child.stdin.end(input);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, exitCode };
}

async function serving<T>(
  listener: RequestListener,
  use: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  const { url, close } = await listen(createServer(listener), LOOPBACK);
  try {
    return await use({ PROVIDERCALL_URL: url, PROVIDERCALL_TOKEN: 'secret-token' });
  } finally {
    await close();
  }
}

test.each<[string[], number, string, RegExp]>([
  [['--version'], 0, '0.1.0\n', /^$/],
  [[], 2, '', /^Usage: providercall/],
  [
    ['lst'],
    2,
    '',
    /^providercall: unknown command 'lst' \(Did you mean list\?\): see providercall --help\n$/,
  ],
  [
    ['providers', 'get'],
    2,
    '',
    /^providercall: missing required argument 'provider': see providercall providers get --help\n$/,
  ],
  [['completion', 'tcsh'], 2, '', /^providercall: completion takes bash, zsh, fish, not "tcsh"\n$/],
  [['completion'], 2, '', /^providercall: completion takes bash, zsh, fish, not ""\n$/],
])('%j ends with %i', async (args, exitCode, stdout, stderr) => {
  expect(await running(args)).toEqual({ exitCode, stdout, stderr: expect.stringMatching(stderr) });
});

test('help goes to stdout, with exit code 0', async () => {
  const { stdout, stderr, exitCode } = await running(['call', '--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: providercall call [\s\S]*Exit codes:/);
});

test('an API that does not respond is reported in one line, with exit code 5', async () => {
  const url = await serving(
    () => {},
    async ({ PROVIDERCALL_URL = '' }) => PROVIDERCALL_URL,
  );
  expect(await running(['list'], { PROVIDERCALL_URL: url })).toEqual({
    exitCode: 5,
    stdout: '',
    stderr: `providercall: no response from ${new URL(url).host} (ECONNREFUSED): check PROVIDERCALL_URL, and that the API is running\n`,
  });
});

test('a missing credential is reported in one line, with exit code 4', async () => {
  expect(await running(['list'], { PROVIDERCALL_URL: 'https://api.example.com' })).toEqual({
    exitCode: 4,
    stdout: '',
    stderr:
      'providercall: no credential for https://api.example.com/v1.0: set PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY, or run providercall login\n',
  });
});

test('a rejected credential is reported in one line that does not contain it, with exit code 4', async () => {
  const reject: RequestListener = (_, response) => {
    response.writeHead(401, { 'Content-Type': 'application/json' });
    response.end(
      '{"error":{"status":"UNAUTHENTICATED","reason":"AUTHENTICATION_REQUIRED","message":"No.","request_id":"r-1"}}',
    );
  };
  expect(await serving(reject, (environment) => running(['list'], environment))).toEqual({
    exitCode: 4,
    stdout: '',
    stderr:
      'providercall: AUTHENTICATION_REQUIRED: No. [request r-1]: set another PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY, or unset both and run providercall login\n',
  });
});

test('a reader that closes the pipe ends the command silently', async () => {
  let polls = 0;
  const call = () => {
    polls += 1;
    return { ...ANSWERED, status: polls % 2 === 0 ? 'ringing' : 'progressing' };
  };
  const api: RequestListener = ({ method, url = '' }, response) => {
    const body = method === 'POST' ? RECORD : url.includes(IDS.call) ? call() : page(PROVIDER);
    response.end(JSON.stringify(body));
  };
  const outcome = await serving(api, async (environment) => {
    const args = 'call --provider Answers --from +14155551234 --idempotency-key k +821012345678';
    const child = spawn('sh', ['-c', `"${process.execPath}" "${COMMAND}" ${args} | head -1`], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment },
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { stdout, stderr };
  });
  expect(outcome).toEqual({ stdout: `record ${IDS.record}\n`, stderr: 'Idempotency-Key: k\n' });
});

test('a full disk behind stdout ends the command with one line and exit code 15', async () => {
  const api: RequestListener = ({ method, url = '' }, response) => {
    const body = method === 'POST' ? RECORD : url.includes(IDS.call) ? ANSWERED : page(PROVIDER);
    response.end(JSON.stringify(body));
  };
  const call = [
    'call',
    '--provider',
    'Answers',
    '--from',
    '+14155551234',
    '--idempotency-key',
    'k',
    '+821012345678',
  ];
  const full = await open('/dev/full', 'w');
  try {
    for (const args of [['--version'], ['providers', 'list'], call, [...call, '--json']]) {
      const outcome = await serving(api, async (environment) => {
        const child = spawn(process.execPath, [COMMAND, ...args], {
          env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment },
          stdio: ['ignore', full.fd, 'pipe'],
        });
        const [errors, [exitCode]] = await Promise.all([child.stderr?.toArray(), once(child, 'exit')]);
        return { args, exitCode, lastLine: errors?.join('').trimEnd().split('\n').at(-1) };
      });
      expect(outcome).toEqual({
        args,
        exitCode: 15,
        lastLine: 'providercall: stdout cannot be written (ENOSPC)',
      });
    }
  } finally {
    await full.close();
  }
});
