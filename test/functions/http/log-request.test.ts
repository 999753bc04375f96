import '../stage.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { responseHandler } from '../../../functions/http/api-handler.ts';
import { PlatformError, ReportableError } from '../../../functions/platform-error.ts';
import { lambdaContext } from '../api-under-test.ts';
import { captureOutput, parseLine } from '../log-lines.ts';
import { IDS } from '../provider-calls/sample-record.ts';
import { apiEvent } from './sample-request.ts';

const OK = { statusCode: 200, headers: {}, body: '{}' };
const KNOWN = {
  request_id: 'gateway-1',
  gateway_request_id: 'gateway-1',
  route: 'GET /v1.0/providercalls/{id}',
  customer_id: IDS.customer,
  actor: `agent:${IDS.agent}`,
  Function: 'get',
};

let output: string[];
beforeEach(() => {
  output = captureOutput();
});

describe('the log line of a request', () => {
  test('names the caller, the route and the status, and nothing that the client sent', async () => {
    const handler = responseHandler('get', async () => OK);
    await handler(
      apiEvent({ query: { token: ['secret'] }, headers: { Authorization: ['secret'] }, text: 'secret' }),
      lambdaContext(1_000),
    );
    expect(output.map(parseLine)).toEqual([{ level: 'info', ...KNOWN, status: 200, backend_ms: {} }]);
    expect(output.join()).not.toContain('secret');
  });

  test('is a warning when something was left to do', async () => {
    const handler = responseHandler('get', async ({ scope }) => {
      scope.warn('left to reconcile', new Error('no table'));
      scope.count('CallsPlaced', 2);
      return OK;
    });
    await handler(apiEvent({}), lambdaContext(1_000));
    expect(output.map(parseLine)).toEqual([
      {
        level: 'warn',
        ...KNOWN,
        status: 200,
        backend_ms: {},
        CallsPlaced: 2,
        warnings: [expect.stringMatching(/^left to reconcile: Error at /)],
      },
    ]);
  });

  test.each([
    [
      'a client’s error',
      new PlatformError('INVALID_ID', 'No.'),
      'info',
      400,
      'INVALID_ID',
      {},
      'PlatformError INVALID_ID at ',
    ],
    [
      'an internal error',
      new ReportableError('no table'),
      'error',
      500,
      'INTERNAL',
      { ServerErrors: 1 },
      'Error: no table at ',
    ],
  ])('names the reason of %s', async (_what, error, level, status, reason, counted, described) => {
    const handler = responseHandler('get', () => Promise.reject(error));
    await handler(apiEvent({}), lambdaContext(1_000));
    expect(output.map(parseLine)).toEqual([
      {
        level,
        ...KNOWN,
        status,
        backend_ms: {},
        reason,
        error: expect.stringContaining(described),
        ...counted,
      },
    ]);
  });
});
