import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControl } from '@provider-call/local/control';
import { afterAll, afterEach, expect, test } from 'vitest';
import { outcomeOf, startScript } from '../script.ts';

// No system serves this port: only the control socket is named after it.
const PORT = 64_600 + (process.pid % 400);
const directory = mkdtempSync(join(tmpdir(), 'sam-env-'));
const output = join(directory, 'deep/env.json');
afterAll(() => rmSync(directory, { recursive: true }));

let close = async () => {};
afterEach(() => close());

type FunctionVariables = Parameters<typeof startControl>[0]['functionVariables'];

async function samEnv(host: string, ...options: string[]) {
  return await samEnvOf(host, variablesOf(host), ...options);
}

function variablesOf(host: string): FunctionVariables {
  return {
    ListFunction: {
      TABLE: 'things',
      AWS_ENDPOINT_URL_DYNAMODB: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:8000`,
    },
    CreateFunction: {
      SECRET: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:key',
      CALL_BACKEND_URL: 'https://calls.example.com/base',
    },
  };
}

/** A system behind a broker: create has the broker's URL, and the platform's endpoints use HTTP. */
function overAmqp(url: string): FunctionVariables {
  return {
    CreateFunction: { CALL_BACKEND_URL: url },
    PlatformApiFunction: { CALL_BACKEND_URL: 'http://127.0.0.1:8001' },
  };
}

async function samEnvOf(host: string, functionVariables: FunctionVariables, ...options: string[]) {
  const control = await startControl({
    port: PORT,
    host,
    dynamodbEndpoint: '',
    runSchedules: async () => [],
    functionVariables,
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
      ListFunction: { TABLE: 'things', AWS_ENDPOINT_URL_DYNAMODB: 'http://host.docker.internal:8000' },
      CreateFunction: {
        SECRET: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:key',
        CALL_BACKEND_URL: 'https://calls.example.com/base',
      },
    });
  },
);

test('sam:env keeps each function’s own URL of a backend, with the broker at the container’s address', async () => {
  writeFileSync(output, 'of an earlier run', { mode: 0o644 });
  const url = 'amqp://sandbox:secret@127.0.0.1:5672/%2F';
  expect(await samEnvOf('0.0.0.0', overAmqp(url), '--address', '172.17.0.1')).toEqual({
    stdout: `${output} leads to 172.17.0.1, for a template synthesized with amqp URLs\n`,
    stderr: '',
    status: 0,
  });
  expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual({
    CreateFunction: { CALL_BACKEND_URL: 'amqp://sandbox:secret@172.17.0.1:5672/%2F' },
    PlatformApiFunction: { CALL_BACKEND_URL: 'http://172.17.0.1:8001' },
  });
  expect(statSync(output).mode & 0o777).toBe(0o600);
});

test.each(['amqp://guest:guest@127.0.0.1:5672/sandbox', 'amqp://localhost'])(
  'sam:env rejects a broker that a container would log in to as guest: %s',
  async (url) => {
    expect(await samEnvOf('0.0.0.0', overAmqp(url), '--address', '172.17.0.1')).toEqual({
      stdout: '',
      stderr:
        "RabbitMQ accepts guest from the loopback only, which containers are not on: start the system again with another user in the broker's URL\n",
      status: 1,
    });
  },
);

test.each([
  ['a broker elsewhere', 'amqp://guest:guest@broker.example.com:5672', '172.17.0.1'],
  ['Docker Desktop, which leads to the loopback', 'amqp://guest:guest@127.0.0.1', 'host.docker.internal'],
])('sam:env accepts guest for %s', async (_, url, address) => {
  expect(await samEnvOf('0.0.0.0', overAmqp(url), '--address', address)).toMatchObject({ status: 0 });
});

test('sam:env says how to start a system that containers can reach', async () => {
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
