import { describe, expect, test } from 'vitest';
import { describeError, describeWarnings } from '../../../functions/log/describe-error.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';

describe('an error is described', () => {
  test('with its chain of causes and where it began', () => {
    const first = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new PlatformError('SERVICE_UNAVAILABLE', 'Try again.', { cause: first });
    expect(describeError(error)).toMatch(
      /^PlatformError: Try again\. ← Error ECONNREFUSED: connect ECONNREFUSED at .*describe-error\.test\.ts:\d+:\d+/,
    );
  });

  test('at most five causes deep', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error).match(/round/g)).toHaveLength(5);
  });

  test.each([['text'], [undefined], [{ message: 'secret' }]])(
    'as its type only when %j was thrown',
    (thrown) => {
      expect(describeError(thrown)).toBe(`thrown: ${typeof thrown}`);
    },
  );

  test.each([
    ['+14155551234', '34'],
    ['+1 415 555 12 34', '34'],
    ['+1 (415) 555-1234', '34'],
    ['0049-30.12345678', '78'],
    ['tel:+1-415-555-1234;phone-context=x', '34'],
    ['sip:14155551234@10.0.0.1', '34'],
    ['１４１５５５５１２３４', '３４'],
  ])('with no more than the last two digits of %s', (number, last) => {
    const described = describeError(new Error(`no route to ${number} there`));
    const digits = described.slice(0, described.indexOf(' there')).replaceAll(/10\.0\.0\.1/g, '');
    expect([...digits.matchAll(/\p{Nd}/gu)].length).toBeLessThanOrEqual(last.length);
    expect(described).toContain(`${last}`);
  });

  test.each([
    ['an access key', `vb_${'Aa0-_'.repeat(9)}`],
    ['a token', `eyJhbGciOiJIUzI1NiJ9.${'eyJ0eXBl'.repeat(6)}.${'c2lnbmF0dXJl'.repeat(4)}`],
    ['the start of a token', `eyJhbGciOiJIUzI1NiJ9.${'eyJ0eXBl'.repeat(6)}`],
  ])('without %s in it', (_what, credential) => {
    const described = describeError(new Error(`unknown field ${credential} here`));
    expect(described).not.toContain(credential.slice(0, 12));
    expect(described).toContain('unknown field');
  });

  test('without the text that JSON.parse could not read', () => {
    const parse = () => JSON.parse('{"token": eyJhbGciOiJIUzI1NiJ9, "to": "+1 415 555 1234"}');
    let thrown: unknown;
    try {
      parse();
    } catch (error) {
      thrown = error;
    }
    expect(describeError(thrown)).toMatch(/^SyntaxError\b/);
    expect(describeError(thrown)).not.toMatch(/token|eyJ|415/);
  });

  test('with its hosts, ARNs, ids and statuses, which help an operator', () => {
    const message =
      'connect ECONNREFUSED 10.0.12.34:8080, getaddrinfo ENOTFOUND abcdefghijklmnopqrstuvwxyzabcdef.lambda-url.eu-central-1.on.aws, call answered 503, ProviderCall b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f';
    expect(describeError(new Error(message))).toContain(message);
  });

  test('as a warning, after what it concerns', () => {
    const scope = createRequestScope('request-1');
    expect(describeWarnings(scope)).toEqual({});
    scope.warn('the flow is left', new Error('refused'));
    expect(describeWarnings(scope)).toEqual({
      warnings: [expect.stringMatching(/^the flow is left: Error: refused at /)],
    });
  });
});
