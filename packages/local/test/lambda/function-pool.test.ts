import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { functionEnvironment } from '../../src/lambda/function-environment.ts';
import {
  createFunctionPool,
  type FunctionPool,
  type FunctionPoolOptions,
  functionThread,
} from '../../src/lambda/function-pool.ts';
import type { FunctionDefinition } from '../../src/template/functions.ts';

const threadFile = await functionThread();

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function poolOf(
  code: string,
  differing: Partial<FunctionDefinition> & { file?: string } = {},
  options: Partial<FunctionPoolOptions> = {},
): { pool: FunctionPool; lines: string[] } {
  const codeDirectory = mkdtempSync(join(tmpdir(), 'function-'));
  writeFileSync(join(codeDirectory, differing.file ?? 'index.js'), code);
  const definition: FunctionDefinition = {
    logicalId: 'Tested',
    name: 'tested',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:tested',
    codeDirectory,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeoutMs: 10_000,
    memoryMb: 128,
    reservedConcurrency: undefined,
    variables: { TABLE: 'things' },
    referenceNames: [],
    ...differing,
  };
  const lines: string[] = [];
  const environment = functionEnvironment(definition, {
    region: 'eu-west-1',
    accessKeyId: 'key',
    secretAccessKey: 'secret',
    dynamodbEndpoint: 'http://127.0.0.1:1',
    secretsManagerEndpoint: 'http://127.0.0.1:2',
  });
  const pool = createFunctionPool({
    definition,
    environment,
    threadFile,
    onLine: (line) => lines.push(line),
    ...options,
  });
  cleanUps.push(() => rmSync(codeDirectory, { recursive: true }), pool.close);
  return { pool, lines };
}

function ok(value: unknown) {
  return { ok: true, payload: JSON.stringify(value) };
}
function failed(error: object) {
  return { ok: false, error: expect.objectContaining(error) };
}

/** Returns once the file named in the event exists: no test waits for a time. */
const GATED = `
  const { existsSync, watch } = require('node:fs');
  let running = 0;
  exports.handler = async ({ gate }) => {
    running += 1;
    while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
    const seen = running;
    running -= 1;
    return seen;
  };`;

function newGate(): { path: string; open(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'gate-'));
  cleanUps.push(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'open');
  return { path, open: () => writeFileSync(path, '') };
}

describe('an instance', () => {
  test('it keeps its module state from one event to the next', async () => {
    const { pool } = poolOf('let n = 0; exports.handler = async () => ++n;');
    expect([await pool.invoke({}), await pool.invoke({})]).toEqual([ok(1), ok(2)]);
  });

  test('it serves one event at a time; others get instances of their own', async () => {
    const { pool } = poolOf(GATED);
    const gate = newGate();
    const running = Array.from({ length: 4 }, () => pool.invoke({ gate: gate.path }));
    gate.open();
    expect(await Promise.all(running)).toEqual([ok(1), ok(1), ok(1), ok(1)]);
  });

  test('it serves every event in turn while it becomes free in time', async () => {
    const { pool } = poolOf('let n = 0; exports.handler = async () => ++n;', {}, { stallMs: 60_000 });
    const results = await Promise.all(Array.from({ length: 20 }, () => pool.invoke({})));
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => ok(index + 1)));
  });

  test('it takes the next event that waits when there can be no more instances', async () => {
    const { pool } = poolOf(GATED);
    const gate = newGate();
    const running = Array.from({ length: 25 }, () => pool.invoke({ gate: gate.path }));
    gate.open();
    expect(await Promise.all(running)).toEqual(Array(25).fill(ok(1)));
  });

  test('it is not started beyond the reserved concurrency', async () => {
    const { pool } = poolOf(GATED, { reservedConcurrency: 1 });
    const gate = newGate();
    const first = pool.invoke({ gate: gate.path });
    expect(await pool.invoke({ gate: gate.path })).toEqual(failed({ errorType: 'TooManyRequestsException' }));
    gate.open();
    expect(await first).toEqual(ok(1));
    expect(await pool.invoke({ gate: gate.path })).toEqual(ok(1));
  });

  test('it has Lambda’s environment and the template’s, and nothing of ours', async () => {
    const { pool } = poolOf('exports.handler = async () => process.env;');
    process.env['OURS'] = 'ours';
    const result = await pool.invoke({});
    delete process.env['OURS'];
    expect(result.ok && JSON.parse(result.payload)).toEqual({
      PATH: expect.any(String),
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      TABLE: 'things',
      LAMBDA_TASK_ROOT: expect.stringContaining('function-'),
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
      ),
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:2',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'tested',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/tested',
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    });
  });

  test('it gets a context that counts down to the timeout', async () => {
    const { pool } = poolOf(
      'exports.handler = async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() });',
    );
    const result = await pool.invoke({});
    const context = result.ok && JSON.parse(result.payload);
    expect(context).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionVersion: '$LATEST',
      functionName: 'tested',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/tested',
      logStreamName: 'local',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tested',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      left: expect.any(Number),
    });
    expect(context.left).toBeGreaterThan(0);
    expect(context.left).toBeLessThanOrEqual(10_000);
  });

  test.each([
    ['index.mjs', 'export const handler = async () => "module";'],
    ['index.cjs', 'exports.handler = async () => "module";'],
  ])('a bundle may be %s', async (file, code) => {
    const { pool } = poolOf(code, { file });
    expect(await pool.invoke({})).toEqual(ok('module'));
  });
});

describe('output', () => {
  test('it arrives in order, line by line, before the result', async () => {
    const { pool, lines } = poolOf(
      `exports.handler = async () => {
         console.log('one\\ntwo'); console.error('three'); process.stdout.write('fo'); process.stdout.write('ur\\n');
       };`,
    );
    await pool.invoke({});
    expect(lines).toEqual(['one', 'two', 'three', 'four']);
  });

  test('the callback of a write runs', async () => {
    const { pool, lines } = poolOf(
      `exports.handler = () => new Promise((resolve) => process.stdout.write('written\\n', resolve));`,
    );
    expect(await pool.invoke({})).toEqual(ok(null));
    expect(lines).toEqual(['written']);
  });
});

describe('a function that fails', () => {
  test('one that throws keeps its instance', async () => {
    const { pool, lines } = poolOf(
      `let n = 0; exports.handler = async ({ fail }) => { n += 1; if (fail) throw new RangeError('too far'); return n; };`,
    );
    expect(await pool.invoke({ fail: true })).toEqual(
      failed({ errorType: 'RangeError', errorMessage: 'too far' }),
    );
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'ERROR', errorMessage: 'too far' });
    expect(await pool.invoke({})).toEqual(ok(2));
  });

  test.each([
    ['an error', 'throw new RangeError("too far");', false],
    [
      'an exception nobody catches',
      'setTimeout(() => { throw new RangeError("too far"); }); await new Promise(() => {});',
      true,
    ],
  ])(
    'one that fails by %s is logged with two lines of its stack trace, which name files',
    async (_, failure, crashes) => {
      const code = `exports.handler = async () => { ${failure} };`;
      const { pool, lines } = poolOf(code);
      await pool.invoke({});
      const trace: string[] = crashes ? lines.slice(0, -1) : JSON.parse(lines.at(-1) ?? '').trace;
      expect(trace).toEqual(['RangeError: too far', expect.stringMatching(/^ {4}at .*index\.js:1:\d+\)?$/)]);

      const full = poolOf(code, {}, { fullTraces: true });
      await full.pool.invoke({});
      const whole = full.lines.join('\n');
      expect(whole.split(/","|\n/).length).toBeGreaterThan(3);
      expect(whole).not.toMatch(/data:|postMessage/);
    },
  );

  test.each([
    [
      'an exception nobody catches',
      "setTimeout(() => { throw new TypeError('lost'); });",
      { errorMessage: 'lost' },
    ],
    ['a rejection nobody handles', "Promise.reject(new TypeError('lost'));", { errorMessage: 'lost' }],
    ['ending its process', 'process.exit(3);', { errorType: 'Runtime.ExitError' }],
    ['taking more memory than it has', 'const all = []; for (;;) all.push(new Array(1e6).fill(1.5));', {}],
  ])('one that fails by %s is reported and replaced', async (_, failure, error) => {
    const { pool } = poolOf(
      `let n = 0; exports.handler = async ({ fail }) => {
         n += 1;
         if (!fail) return n;
         ${failure}
         await new Promise((resolve) => setTimeout(resolve, 60_000));
       };`,
      { memoryMb: 32 },
    );
    expect(await pool.invoke({ fail: true })).toEqual(failed(error));
    expect(await pool.invoke({})).toEqual(ok(1));
  });

  test('one that runs past its timeout is ended and replaced', async () => {
    const { pool, lines } = poolOf('exports.handler = async ({ hang }) => { while (hang); return "new"; };', {
      timeoutMs: 100,
    });
    expect(await pool.invoke({ hang: true })).toEqual(failed({ errorType: 'Sandbox.Timedout' }));
    expect(lines).toEqual([expect.stringMatching(/^[0-9a-f-]{36} Task timed out after 0\.10 seconds$/)]);
    expect(await pool.invoke({})).toEqual(ok('new'));
  });

  test.each([
    ['at loading', "throw new Error('no TABLE');", 'no TABLE'],
    ['for want of the export', 'exports.other = 1;', 'Runtime.HandlerNotFound: index.handler'],
  ])('one that fails %s is started anew for the next event', async (_, code, message) => {
    const { pool } = poolOf(code);
    const expected = failed({ errorMessage: expect.stringContaining(message) });
    expect([await pool.invoke({}), await pool.invoke({})]).toEqual([expected, expected]);
  });

  test('one whose file is missing is reported', async () => {
    const { pool } = poolOf('', { file: 'other.js' });
    expect(await pool.invoke({})).toEqual(
      failed({ errorMessage: expect.stringContaining('Runtime.ImportModuleError') }),
    );
  });

  test('one that returns more than 6 MB fails', async () => {
    const { pool } = poolOf('exports.handler = async () => "x".repeat(6 * 1024 * 1024 + 1);');
    expect(await pool.invoke({})).toEqual(failed({ errorType: 'Function.ResponseSizeTooLarge' }));
  });
});

test('a closed pool fails events that are under way, that wait and that come later', async () => {
  const { pool, lines } = poolOf(
    `exports.handler = async () => { console.log('under way'); await new Promise((resolve) => setTimeout(resolve, 60_000)); };`,
  );
  const underWay = pool.invoke({});
  await expect.poll(() => lines).toEqual(['under way']);
  const waits = pool.invoke({});
  await pool.close();
  expect(await underWay).toEqual(failed({ errorType: 'Runtime.ExitError' }));
  expect(await waits).toEqual(failed({ errorType: 'Runtime.Closed' }));
  expect(await pool.invoke({})).toEqual(failed({ errorType: 'Runtime.Closed' }));
});
