import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import {
  controlSocket,
  dynamodbEndpointOf,
  functionsOf,
  runSchedules,
  startControl,
} from '../src/control.ts';
import { StartError } from '../src/start-error.ts';

/** No system has it: the socket is only named after it. */
const PORT = 70_000 + process.pid;

let close = async () => {};
afterEach(() => close());

async function start(changes: Partial<Parameters<typeof startControl>[0]> = {}): Promise<void> {
  const control = await startControl({
    port: PORT,
    host: '127.0.0.1',
    dynamodbEndpoint: 'http://127.0.0.1:1',
    functionVariables: { ListFunction: { TABLE: 'things' } },
    runSchedules: async () => [{ functionName: 'reconcile', result: { ok: true, payload: '{}' } }],
    ...changes,
  });
  close = control.close;
}

test('a running system takes commands', async () => {
  await start();
  expect(await dynamodbEndpointOf(PORT)).toBe('http://127.0.0.1:1');
  expect(await functionsOf(PORT)).toEqual({
    host: '127.0.0.1',
    functions: { ListFunction: { TABLE: 'things' } },
  });
  expect(JSON.parse(await runSchedules(PORT))).toEqual([
    { functionName: 'reconcile', result: { ok: true, payload: '{}' } },
  ]);
});

test('a command that fails says why, and the system goes on', async () => {
  await start({ runSchedules: () => Promise.reject(new Error('the table is gone')) });
  await expect(runSchedules(PORT)).rejects.toThrow(
    new StartError(`the system on port ${PORT} failed: the table is gone`),
  );
  expect(await dynamodbEndpointOf(PORT)).toBe('http://127.0.0.1:1');
});

test('a system replaces the socket that a killed one left', async () => {
  writeFileSync(controlSocket(PORT), '');
  await start();
  expect(await dynamodbEndpointOf(PORT)).toBe('http://127.0.0.1:1');
});

test('a system that has ended leaves no socket and takes no commands', async () => {
  await start();
  await close();
  expect(existsSync(controlSocket(PORT))).toBe(false);
  await expect(runSchedules(PORT)).rejects.toThrow(
    new StartError(`nothing runs on port ${PORT}: run npm start first, or set PORT to its port`),
  );
});
