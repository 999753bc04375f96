import { expect, test } from 'vitest';
import { readAuthorizerResponse } from '../../src/gateway/authorizer-response.ts';

const METHOD_ARN = 'arn:aws:execute-api:us-east-1:000000000000:api/local/GET/v1/things';
const POLICY_DOCUMENT = {
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: METHOD_ARN }],
};
function read(response: unknown) {
  return readAuthorizerResponse({ ok: true, payload: JSON.stringify(response) }, METHOD_ARN);
}

test('the context is passed on as strings, the principal among them', () => {
  expect(
    read({
      principalId: 'p',
      policyDocument: POLICY_DOCUMENT,
      context: { text: 'a', number: 1, flag: false, none: null },
    }),
  ).toEqual({
    decision: 'allow',
    context: { principalId: 'p', text: 'a', number: '1', flag: 'false' },
  });
});

test.each([
  ['no principal', { policyDocument: POLICY_DOCUMENT }],
  ['an empty principal', { principalId: '', policyDocument: POLICY_DOCUMENT }],
  ['no policy', { principalId: 'p' }],
  ['a policy without statements', { principalId: 'p', policyDocument: {} }],
  ['an object in the context', { principalId: 'p', policyDocument: POLICY_DOCUMENT, context: { a: {} } }],
  ['a list in the context', { principalId: 'p', policyDocument: POLICY_DOCUMENT, context: { a: [1] } }],
  ['null instead of an object', null],
])('a response with %s is a configuration error', (_, response) => {
  expect(() => read(response)).toThrow(
    expect.objectContaining({ type: 'AUTHORIZER_CONFIGURATION_ERROR', status: 500 }),
  );
});

test.each([
  ['Unauthorized', 'UNAUTHORIZED'],
  ['unauthorized', 'AUTHORIZER_FAILURE'],
  ['Unauthorized!', 'AUTHORIZER_FAILURE'],
])('a function that fails with "%s" is %s', (errorMessage, type) => {
  const result = { ok: false as const, error: { errorType: 'Error', errorMessage, trace: [] } };
  expect(() => readAuthorizerResponse(result, METHOD_ARN)).toThrow(expect.objectContaining({ type }));
});
