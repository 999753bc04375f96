import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline/promises';
import { promisify } from 'node:util';
import { jwtVerify } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { DEVELOPMENT_KEY } from '../../../functions/auth/development-key.ts';
import { outcomeOf, startScript } from '../../../test/script.ts';
import { controlSocket } from '../src/control.ts';

const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

const run: typeof startScript = (...given) => {
  const script = startScript(...given);
  running.push(script);
  return script;
};

describe('npm start', () => {
  test('serves what it prints: every command works as pasted, in order, and Ctrl-C ends it all', async () => {
    const child = run('bin/local.ts', { PORT: '0' });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line.startsWith('ready ')) break;
    }
    const url = lines.at(-1)?.slice('ready '.length) ?? '';
    const commands = lines.slice(lines.indexOf(`API=${url}/v1.0`), -1).join('\n');
    const { stdout, stderr } = await promisify(execFile)('sh', ['-euc', commands]);
    const [created, withActions, list, got, call, deleted] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(stderr).toBe('');
    expect(created).toMatchObject({ flow_id: '00000000-0000-0000-0000-000000000000', tm_delete: null });
    expect(withActions.call_ids).toHaveLength(1);
    expect(list.result.map(({ id }: { id: string }) => id)).toEqual([withActions.id, created.id]);
    expect(got).toEqual(created);
    expect(call).toMatchObject({ id: created.call_ids[0], direction: 'outgoing' });
    expect(deleted).toMatchObject({ id: created.id, tm_delete: expect.any(String) });

    const port = new URL(url).port;
    const taken = await outcomeOf(run('bin/local.ts', { PORT: port }));
    expect(taken).toEqual({
      stdout: '',
      stderr: `port ${port} is in use: set PORT to a free one\n`,
      status: 1,
    });

    const reconciled = await outcomeOf(run('bin/reconcile.ts', { PORT: port }));
    expect(reconciled).toMatchObject({ stdout: expect.stringContaining('"ok":true'), stderr: '', status: 0 });

    child.kill('SIGINT');
    const [status, signal] = await once(child, 'exit');
    expect({ status, signal }).toEqual({ status: 0, signal: null });
    await expect(fetch(url)).rejects.toThrow();
    expect(existsSync(controlSocket(Number(port)))).toBe(false);
  }, 60_000);

  test.each([
    [{ PORT: 'three' }, 'PORT must be a number from 0 to 65535'],
    [{ PORT: '0', CALL_BACKEND_URL: 'calls' }, 'CALL_BACKEND_URL must be an http or https URL'],
  ])('says in one line what is wrong with %o', async (variables, line) => {
    expect(await outcomeOf(run('bin/local.ts', variables))).toEqual({
      stdout: '',
      stderr: `${line}\n`,
      status: 1,
    });
  });

  test('says in one line that DYNAMODB_ENDPOINT does not respond', async () => {
    // A port that was free a moment ago.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    server.close();
    await once(server, 'close');
    const { stderr, status } = await outcomeOf(
      run('bin/local.ts', { PORT: '0', DYNAMODB_ENDPOINT: endpoint }),
    );
    expect(stderr).toMatch(/^DYNAMODB_ENDPOINT http:\/\/127\.0\.0\.1:\d+ does not respond: .+\n$/);
    expect(status).toBe(1);
  });
});

describe('npm run token', () => {
  const claimsOf = async (token: string, key: string) =>
    (await jwtVerify(token.trim(), new TextEncoder().encode(key), { algorithms: ['HS256'] })).payload;

  test('prints a super-admin’s token for the development key', async () => {
    const { stdout, stderr, status } = await outcomeOf(run('bin/token.ts', {}));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(await claimsOf(stdout, DEVELOPMENT_KEY)).toEqual({
      type: 'agent',
      expire: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      agent: {
        id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1',
        customer_id: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
        username: 'local',
        permission: 1,
      },
    });
  });

  test('takes key, permission, customer, agent, type and lifetime', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const options = [
      '--permission',
      '32',
      '--customer',
      id,
      '--agent',
      id,
      '--type',
      'direct',
      '--expires-in=-60',
    ];
    const { stdout } = await outcomeOf(
      run('bin/token.ts', { JWT_KEY: 'my own key, which has 32 bytes at least' }, ...options),
    );
    const claims = await claimsOf(stdout, 'my own key, which has 32 bytes at least');
    expect(claims).toMatchObject({ type: 'direct', agent: { id, customer_id: id, permission: 32 } });
    expect(Date.parse(String(claims['expire']))).toBeLessThan(Date.now());
  });

  test('says in one line which option is wrong', async () => {
    const { stderr, status } = await outcomeOf(
      run('bin/token.ts', {}, '--customer', 'x', '--permission', 'all'),
    );
    expect({ stderr, status }).toEqual({
      stderr: '--permission must be a whole number; --customer must be a UUID\n',
      status: 1,
    });
  });
});
