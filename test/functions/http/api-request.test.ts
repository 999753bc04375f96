import { describe, expect, test } from 'vitest';
import { receive } from '../../../functions/http/api-request.ts';
import { apiEvent } from './sample-request.ts';

describe('the request id', () => {
  test.each([
    ['the client’s own', ['abc-DEF_123'], 'abc-DEF_123'],
    ['one of 64 characters', ['a'.repeat(64)], 'a'.repeat(64)],
    ['the gateway’s where none was sent', [], 'gateway-1'],
    ['the gateway’s for an empty one', [''], 'gateway-1'],
    ['the gateway’s for one of 65 characters', ['a'.repeat(65)], 'gateway-1'],
    ['the gateway’s for one with a space', ['a b'], 'gateway-1'],
    ['the gateway’s for one with a line feed', ['a\n'], 'gateway-1'],
    ['the gateway’s for two', ['a', 'b'], 'gateway-1'],
    ['the gateway’s for another letter', ['é'], 'gateway-1'],
  ])('is %s', (_what, sent, id) => {
    const event = apiEvent({ headers: { 'X-Request-Id': sent } });
    expect(receive(event, { awsRequestId: 'lambda-1' }).scope.requestId).toBe(id);
  });
});
