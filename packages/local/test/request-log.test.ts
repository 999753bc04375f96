import { expect, test } from 'vitest';
import { createRequestLog, type RequestLogOptions } from '../src/request-log.ts';

const CALL_ID = 'ac6b1111-2222-4333-8444-555555555555';

/** What a log with these options has written after `use`. */
async function written(
  use: (log: ReturnType<typeof createRequestLog>) => void,
  options: Partial<RequestLogOptions> = {},
): Promise<string[]> {
  const lines: string[] = [];
  const log = createRequestLog({
    write: (line) => lines.push(line),
    colour: false,
    timeZone: 'UTC',
    debug: false,
    callStatus: async () => 'ringing',
    now: () => new Date('2026-04-21T14:03:07.123Z'),
    ...options,
  });
  use(log);
  // A line about a call waits for the call's status.
  await new Promise(setImmediate);
  return lines;
}

function request(method: string, path: string, status: number, body: unknown) {
  return {
    method,
    path,
    status,
    latencyMs: 32,
    requestId: 'a request',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

test.each([
  ['POST', '/v1.0/providercalls', 200, { id: 'r', call_ids: [CALL_ID] }, ' → call ac6b… ringing'],
  ['POST', '/v1/providercalls', 200, { id: 'r', call_ids: [CALL_ID, 'b', 'c'] }, ' → 3 calls'],
  ['POST', '/v1.0/providercalls', 200, { id: 'r', call_ids: [], groupcall_ids: ['g'] }, ' → 1 groupcall'],
  ['POST', '/v1.0/providercalls', 400, { error: { reason: 'PROVIDER_NOT_FOUND' } }, ' → PROVIDER_NOT_FOUND'],
  ['GET', '/v1.0/providercalls', 200, { result: [{}, {}], next_page_token: '' }, ' → 2 records'],
  ['GET', '/v1.0/providercalls/r', 200, { id: 'r', call_ids: [CALL_ID] }, ''],
  ['GET', `/v1.0/calls/${CALL_ID}`, 200, { id: CALL_ID, status: 'hangup' }, ' → call ac6b… hangup'],
  ['GET', '/v1.0/calls/x/sip-trace', 200, 'a ladder, not JSON', ''],
])('the line of %s %s with status %i ends with its outcome', async (method, path, status, body, outcome) => {
  const resource = path.replace(/^\/v1(\.0)?/, '');
  expect(await written((log) => log.onRequest(request(method, path, status, body)))).toEqual([
    `14:03:07 ${method} ${resource} ${status} 32 ms${outcome}`,
  ]);
});

test('a line names no status of a call that cannot be known', async () => {
  const created = request('POST', '/v1.0/providercalls', 200, { id: 'r', call_ids: [CALL_ID] });
  const options = { callStatus: async () => undefined };
  expect(await written((log) => log.onRequest(created), options)).toEqual([
    '14:03:07 POST /providercalls 200 32 ms → call ac6b…',
  ]);
});

test('a line has the reader’s time and, where wanted, colours', async () => {
  const options = { colour: true, timeZone: 'Asia/Seoul' };
  expect(
    await written((log) => log.onRequest(request('GET', '/v1.0/providercalls/r', 404, {})), options),
  ).toEqual(['\u001b[90m23:03:07\u001b[0m GET /providercalls/r \u001b[33m404\u001b[0m 32 ms']);
});

test.each([
  ['an access log entry', { request_id: 'r', status: '200' }, []],
  ['a function’s line about a request that went well', { level: 'info', status: 200 }, []],
  [
    'a function’s warnings',
    { level: 'warn', warnings: ['the flow stays: timeout', 'the item stays'] },
    ['the flow stays: timeout', 'the item stays'],
  ],
  ['a function’s error', { level: 'error', status: 500, error: 'TypeError: x' }, ['TypeError: x']],
  [
    'a crash, in two lines',
    {
      errorType: 'RangeError',
      errorMessage: 'thrown',
      trace: ['RangeError: thrown', '    at handler (index.js:1:1)', '    at more'],
    },
    ['RangeError: thrown', '    at handler (index.js:1:1)'],
  ],
  ['a crash without a trace', { errorType: 'E', errorMessage: 'thrown', trace: [] }, ['E: thrown']],
  [
    'an authorizer’s rejection, which it can only express by failing',
    { errorType: 'Error', errorMessage: 'Unauthorized', trace: ['Error: Unauthorized', '    at a'] },
    [],
  ],
])('%s is written as what went wrong in it', async (_, line, problems) => {
  expect(await written((log) => log.onLog(JSON.stringify(line)))).toEqual(
    problems.map((problem) => `         ${problem}`),
  );
});

test('text that is not a JSON object is written as it is', async () => {
  expect(await written((log) => log.onLog('platform: a webhook failed'))).toEqual([
    'platform: a webhook failed',
  ]);
});

test('with debug, every line and whole stack traces are written', async () => {
  const line = JSON.stringify({ errorType: 'E', errorMessage: 'm', trace: ['E: m', ' at a', ' at b'] });
  expect(await written((log) => log.onLog(line), { debug: true })).toEqual([
    line,
    '         E: m',
    '          at a',
    '          at b',
  ]);
});
