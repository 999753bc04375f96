import { describe, expect, test } from 'vitest';
import { type AuthorizerEvent, credentialOf } from '../../../functions/auth/credential.ts';

type Sent = Pick<AuthorizerEvent, 'multiValueHeaders' | 'multiValueQueryStringParameters'>;

function event(sent: Partial<Sent>): AuthorizerEvent {
  return {
    methodArn: 'arn:aws:execute-api:us-east-1:000000000000:api/test/GET/v1.0/providercalls',
    resource: '/v1.0/providercalls',
    httpMethod: 'GET',
    multiValueHeaders: {},
    multiValueQueryStringParameters: {},
    requestContext: { requestId: 'request-1' },
    ...sent,
  };
}
function headers(multiValueHeaders: Record<string, string[]>) {
  return event({ multiValueHeaders });
}
function query(multiValueQueryStringParameters: Record<string, string[]>) {
  return event({ multiValueQueryStringParameters });
}

describe('the credential is taken from', () => {
  test.each([
    ['Authorization: Bearer', headers({ Authorization: ['Bearer abc'] }), { kind: 'token', token: 'abc' }],
    ['the header in any case', headers({ aUTHORIZATION: ['bearer abc'] }), { kind: 'token', token: 'abc' }],
    [
      'the header with more spaces',
      headers({ Authorization: ['Bearer   abc'] }),
      { kind: 'token', token: 'abc' },
    ],
    ['?token=', query({ token: ['abc'] }), { kind: 'token', token: 'abc' }],
    ['?accesskey=', query({ accesskey: ['vb_abc'] }), { kind: 'accesskey', key: 'vb_abc' }],
    [
      'an event whose other parts are null',
      event({ multiValueHeaders: null, multiValueQueryStringParameters: { token: ['abc'] } }),
      { kind: 'token', token: 'abc' },
    ],
  ])('%s', (_what, sent, credential) => {
    expect(credentialOf(sent)).toEqual(credential);
  });
});

describe('a request is rejected:', () => {
  test.each([
    ['none', event({})],
    ['none, parts null', event({ multiValueHeaders: null, multiValueQueryStringParameters: null })],
    ['two headers', headers({ Authorization: ['Bearer abc', 'Bearer abc'] })],
    [
      'two headers of different spelling',
      headers({ Authorization: ['Bearer abc'], authorization: ['Bearer abc'] }),
    ],
    ['two tokens', query({ token: ['abc', 'abc'] })],
    ['two access keys', query({ accesskey: ['vb_a', 'vb_a'] })],
    ['token and access key', query({ token: ['abc'], accesskey: ['vb_a'] })],
    [
      'header and token',
      event({
        multiValueHeaders: { Authorization: ['Bearer abc'] },
        multiValueQueryStringParameters: { token: ['abc'] },
      }),
    ],
    [
      'header of another scheme and token',
      event({
        multiValueHeaders: { Authorization: ['Basic abc'] },
        multiValueQueryStringParameters: { token: ['abc'] },
      }),
    ],
    ['Basic', headers({ Authorization: ['Basic abc'] })],
    ['the token alone', headers({ Authorization: ['abc'] })],
    ['Bearer without a token', headers({ Authorization: ['Bearer '] })],
    ['Bearer with two', headers({ Authorization: ['Bearer abc, Bearer def'] })],
    ['an access key as Bearer of another word', headers({ Authorization: ['AccessKey vb_abc'] })],
    ['?TOKEN=', query({ TOKEN: ['abc'] })],
    ['a cookie', headers({ Cookie: ['token=abc'] })],
  ])('%s', (_what, sent) => {
    expect(() => credentialOf(sent)).toThrow(expect.objectContaining({ reason: 'AUTHENTICATION_REQUIRED' }));
  });
});
