import {
  ConnectionError,
  createProviderCallClient,
  RequestTimeoutError,
  UnexpectedResponseError,
} from '@provider-call/client';
import { expect, test } from 'vitest';
import { CliError } from '../src/cli-error.ts';
import { describeError, wasNeverSent } from '../src/describe-error.ts';
import { apiError, BASE_URL } from './session-under-test.ts';

async function fromApi(response: Response) {
  return createProviderCallClient({
    baseUrl: BASE_URL,
    token: 't',
    fetch: async () => response,
    maxRetries: 0,
  })
    .getProviderCall('x')
    .catch((error: unknown) => error);
}

function lost(code?: string) {
  return new ConnectionError('no response from api', {
    cause: new TypeError('fetch failed', {
      cause: code === undefined ? undefined : Object.assign(new Error(), { code }),
    }),
  });
}

test.each<[string, () => unknown, number, string]>([
  ['our own error', () => new CliError(2, 'say it so'), 2, 'say it so'],
  [
    'a refused connection',
    () => lost('ECONNREFUSED'),
    5,
    'no response from api (ECONNREFUSED): check PROVIDERCALL_URL, and that the API is running',
  ],
  [
    'a lost connection',
    () => lost(),
    5,
    'no response from api (fetch failed): check PROVIDERCALL_URL, and that the API is running',
  ],
  [
    'a timeout',
    () => new RequestTimeoutError(60_000),
    5,
    'the API gave no response within 60000 ms: try again later',
  ],
  [
    'a page of a proxy',
    () => new UnexpectedResponseError(502),
    5,
    "HTTP 502 with a body that is not the API's: check PROVIDERCALL_URL, it must be the API's address with /v1.0",
  ],
  [
    'a bad credential',
    () => fromApi(apiError(401, 'AUTHENTICATION_REQUIRED')),
    4,
    'AUTHENTICATION_REQUIRED: Do this. [request r-1]: set another PROVIDERCALL_TOKEN or PROVIDERCALL_ACCESS_KEY, or unset both and run providercall login',
  ],
  [
    'a missing permission',
    () => fromApi(apiError(403, 'PERMISSION_DENIED')),
    4,
    'PERMISSION_DENIED: Do this. [request r-1]: use a credential with PermissionProjectSuperAdmin',
  ],
  [
    'a rejected field',
    () =>
      fromApi(apiError(400, 'INVALID_ARGUMENT', [{ field: 'source', message: 'has a \u001b[2J control' }])),
    3,
    'INVALID_ARGUMENT: Do this. (source has a \\u001b[2J control) [request r-1]',
  ],
  [
    'an unknown outcome',
    () => fromApi(apiError(503, 'CALL_OUTCOME_UNKNOWN', [{ providercall_id: 'p-1' }])),
    20,
    'CALL_OUTCOME_UNKNOWN: Do this. [request r-1]; providercall get p-1 shows the record',
  ],
  [
    'a message that would move the cursor',
    () => fromApi(Response.json({ error: { reason: 'INTERNAL', message: 'No.\u001b[2J' } }, { status: 500 })),
    3,
    'INTERNAL: No.\\u001b[2J',
  ],
  ['anything else', () => new Error('two\nlines'), 15, 'two lines'],
])('%s is one line that says what to do, and exit code %#', async (_, error, exitCode, message) => {
  expect(describeError(await error())).toMatchObject({ message, exitCode });
});

test.each([
  ['ECONNREFUSED', true],
  ['ENOTFOUND', true],
  ['ECONNRESET', false],
  [undefined, false],
])('a request that ended with %s was certainly not sent: %s', (code, expected) => {
  expect(wasNeverSent(lost(code))).toBe(expected);
});
