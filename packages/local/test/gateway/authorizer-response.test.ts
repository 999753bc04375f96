import { expect, test } from 'vitest';
import { readAuthorizerResponse } from '../../src/gateway/authorizer-response.ts';

const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:api/local/GET/v1/things';
const policyDocument = {
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: methodArn }],
};
function read(response: unknown) {
  return readAuthorizerResponse({ ok: true, payload: JSON.stringify(response) }, methodArn);
}

test('the context is passed on as strings, the principal among them', () => {
  expect(
    read({ principalId: 'p', policyDocument, context: { text: 'a', number: 1, flag: false, none: null } }),
  ).toEqual({
    decision: 'allow',
    context: { principalId: 'p', text: 'a', number: '1', flag: 'false' },
  });
});

test.each([
  ['no principal', { policyDocument }],
  ['an empty principal', { principalId: '', policyDocument }],
  ['no policy', { principalId: 'p' }],
  ['a policy without statements', { principalId: 'p', policyDocument: {} }],
  ['an object in the context', { principalId: 'p', policyDocument, context: { a: {} } }],
  ['a list in the context', { principalId: 'p', policyDocument, context: { a: [1] } }],
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
  expect(() => readAuthorizerResponse(result, methodArn)).toThrow(expect.objectContaining({ type }));
});
