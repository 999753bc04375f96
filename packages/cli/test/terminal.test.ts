import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { processTerminal } from '../src/terminal.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Replaces a property until the end of the test. */
function replace(object: object, name: string, value: unknown) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true });
  restores.push(() => {
    if (before === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, before);
  });
}

/** Whether stdout, stdin and stderr are terminals. */
function withStreams(stdout: boolean, stdin = stdout, stderr = stdout) {
  for (const [name, isTTY] of Object.entries({ stdout, stdin, stderr })) {
    replace(Reflect.get(process, name), 'isTTY', isTTY);
  }
}
const restores: (() => void)[] = [];
afterEach(() => {
  for (const restore of restores.splice(0)) restore();
});

test.each([
  [true, {}, { isFormatted: true, coloured: '\x1b[31mx\x1b[0m' }],
  [true, { NO_COLOR: '1' }, { isFormatted: true, coloured: 'x' }],
  [true, { NO_COLOR: '' }, { isFormatted: true, coloured: '\x1b[31mx\x1b[0m' }],
  [true, { TERM: 'dumb' }, { isFormatted: false, coloured: 'x' }],
  [false, {}, { isFormatted: false, coloured: 'x' }],
])('output to a terminal (%s) with the environment %j is %j', (isTTY, environment, expected) => {
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('TERM', 'xterm');
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  withStreams(isTTY);
  const terminal = processTerminal();
  expect({ isFormatted: terminal.isFormatted, coloured: terminal.style('red', 'x') }).toEqual(expected);
});

test.each([
  [true, true, true],
  [false, true, false],
  [true, false, false],
])('questions are possible if stdin (%s) and stderr (%s) are terminals: %s', (stdin, stderr, expected) => {
  withStreams(false, stdin, stderr);
  expect(processTerminal().isInteractive).toBe(expected);
});

test('hidden input is asked for only once the terminal echoes no more', async () => {
  const steps: string[] = [];
  const stdin = Object.assign(new PassThrough(), {
    setRawMode: (isRaw: boolean) => void steps.push(isRaw ? 'raw' : 'cooked'),
  });
  replace(process, 'stdin', stdin);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    steps.push(String(text));
    return true;
  });
  const answer = processTerminal().askHidden('Token: ');
  stdin.write('seCC\u007f\bcret\r');
  expect(await answer).toBe('secret');
  expect(steps).toEqual(['raw', 'Token: ', 'cooked', '\n']);
});
