import { expect, test } from 'vitest';
import { requestTime, requireKnownVariables, substitute } from '../../src/gateway/context-variables.ts';
import type { RequestContext } from '../../src/gateway/request-context.ts';
import { StartError } from '../../src/start-error.ts';

const REQUEST_CONTEXT: RequestContext = {
  requestId: 'the-id',
  extendedRequestId: 'extended=',
  startedAt: 1_000,
  authorizer: { context: { reason: 'a"b' }, latencyMs: 5 },
};
const REST_API = { id: 'api', stage: 'local', accountId: '000000000000' };

test.each([
  ['"$context.requestId"', '"the-id"'],
  ['$context.stage-$context.apiId.', 'local-api.'],
  ['$context.authorizer.latency', '5'],
  ['$context.authorizer.reason', 'a"b'],
  ['$context.authorizer.other|$context.status', '-|-'],
])('the text %s becomes %s by plain substitution, without escaping', (text, substituted) => {
  expect(substitute(text, REQUEST_CONTEXT, REST_API, '-')).toBe(substituted);
});

test.each([
  '$context.wafResponseCode',
  '$context.identity.cognitoIdentityId',
  '$input.body',
  '#$stageVariables.x',
])('the text %s is rejected at the start, as it would never be filled in', (text) => {
  expect(() => requireKnownVariables(text, 'the access log')).toThrow(StartError);
});

test('requestTime is written as API Gateway writes it', () => {
  expect(requestTime(Date.UTC(2026, 3, 1, 2, 3, 4))).toBe('01/Apr/2026:02:03:04 +0000');
});
