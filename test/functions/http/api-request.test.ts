import { describe, expect, test } from 'vitest';
import { requestIdOf } from '../../../functions/http/api-request.ts';

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
    expect(requestIdOf(sent, 'gateway-1')).toBe(id);
  });
});
