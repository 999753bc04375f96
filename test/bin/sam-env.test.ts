import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControl } from '@provider-call/local/control';
import { afterAll, afterEach, expect, test } from 'vitest';
import { outcomeOf, startScript } from '../script.ts';

// No system serves it: the control socket is only named after it.
const PORT = 64_600 + (process.pid % 400);
const directory = mkdtempSync(join(tmpdir(), 'sam-env-'));
const output = join(directory, 'deep/env.json');
afterAll(() => rmSync(directory, { recursive: true }));

let close = async () => {};
afterEach(() => close());

async function samEnv(host: string, ...options: string[]) {
  const control = await startControl({
    port: PORT,
    host,
    dynamodbEndpoint: '',
    runSchedules: async () => [],
    functionVariables: {
      TABLE: 'things',
      SECRET: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:key',
      AWS_ENDPOINT_URL_DYNAMODB: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:8000`,
      CALL_BACKEND_URL: 'https://calls.example.com/base',
    },
  });
  close = control.close;
  return await outcomeOf(
    startScript('bin/sam-env.ts', { PORT: String(PORT) }, '--output', output, ...options),
  );
}

test.each(['0.0.0.0', '172.17.0.1'])(
  'sam:env writes the variables of a system on %s as a container reaches it',
  async (host) => {
    expect(await samEnv(host, '--address', 'host.docker.internal')).toEqual({
      stdout: `${output} leads to host.docker.internal\n`,
      stderr: '',
      status: 0,
    });
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual({
      Parameters: {
        TABLE: 'things',
        SECRET: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:key',
        AWS_ENDPOINT_URL_DYNAMODB: 'http://host.docker.internal:8000',
        CALL_BACKEND_URL: 'https://calls.example.com/base',
      },
    });
  },
);

test('sam:env says how to start a system that no container reaches', async () => {
  expect(await samEnv('127.0.0.1', '--address', '172.17.0.1')).toEqual({
    stdout: '',
    stderr: 'containers cannot reach 127.0.0.1: start the system again with HOST=172.17.0.1 npm start\n',
    status: 1,
  });
});

test.each(['token', 'accesskey', 'reconcile', 'restore', 'sam-env'])(
  'the script %s has help with examples',
  async (name) => {
    const { stdout, stderr, status } = await outcomeOf(startScript(`bin/${name}.ts`, {}, '--help'));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^[A-Z][^\n]+\.\n(.*\n)*.*npm run -s /);
  },
);
