import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ListeningServer, LOOPBACK, listen } from '@provider-call/local/http-server';
import { afterAll, beforeAll, expect, test } from 'vitest';

const COMMAND = fileURLToPath(new URL('../bin/providercall.js', import.meta.url));
const server = createServer((_, response) =>
  response.end(
    JSON.stringify({
      result: [{ id: '1', name: 'Busy' }, { id: '2', name: 'Never\nanswers' }, { id: '$(x)' }],
    }),
  ),
);
let listening: ListeningServer;
beforeAll(async () => {
  listening = await listen(server, LOOPBACK);
});
afterAll(() => listening.close());

/** What the command offers for words, the last of which is being typed. */
async function offered(
  words: string[],
  environment: Record<string, string> = { PROVIDERCALL_URL: listening.url },
): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [COMMAND, 'complete', '--', ...words],
    {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment },
    },
  );
  expect(stderr).toBe('');
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((line) => !line.startsWith(':'));
}

test.each([
  [['ver'], ['verify']],
  [
    ['providers', ''],
    ['list', 'get', 'add', 'update', 'delete', 'check', 'help'],
  ],
  [['call', '--an'], ['--anonymous']],
  [
    ['call', '--anonymous', ''],
    ['yes', 'no', 'auto'],
  ],
  [
    ['call', '--provider', ''],
    ['Busy', '2'],
  ],
  [['list', '--provider', 'Bu'], ['Busy']],
  [
    ['compare', ''],
    ['Busy', '2'],
  ],
  [
    ['providers', 'get', ''],
    ['Busy', '2'],
  ],
])('%j offers %j', async (words, values) => {
  expect(await offered(words)).toEqual(values);
});

test('completion prints nothing when the API cannot be reached', async () => {
  expect(await offered(['call', '--provider', ''], { PROVIDERCALL_URL: 'http://127.0.0.1:1' })).toEqual([]);
  expect(await offered(['call', '--provider', ''], { PROVIDERCALL_URL: 'https://api.example.com' })).toEqual(
    [],
  );
});
