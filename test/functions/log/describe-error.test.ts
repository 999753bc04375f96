import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { describeError, describeWarnings } from '../../../functions/log/describe-error.ts';
import { PlatformError, ReportableError } from '../../../functions/platform-error.ts';
import { BackendFailure } from '../../../functions/provider-calls/ports.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';

const SECRET = 'Anneliese Müller <sip:anneliese@example.com> +1 (415) 555-1234';

describe('the description of an error', () => {
  test('has the name, code and reason of each cause, and where the last one came from', () => {
    const first = Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' });
    const error = new PlatformError('SERVICE_UNAVAILABLE', SECRET, { cause: first });
    expect(describeError(error)).toMatch(
      /^PlatformError SERVICE_UNAVAILABLE ← Error ECONNREFUSED at [^\n]*describe-error\.test\.ts:\d+:\d+\)?$/,
    );
  });

  test('has the fields at fault that are the API’s own, but not the details', () => {
    const error = new PlatformError('INVALID_ARGUMENT', SECRET, {
      details: [{ field: SECRET, message: SECRET }],
      fields: ['destinations[0].target'],
    });
    expect(describeError(error)).toMatch(/^PlatformError INVALID_ARGUMENT destinations\[0\]\.target at /);
  });

  test('repeats the message of a ReportableError, with all its figures', () => {
    const failure = new BackendFailure('call', 'POST: no response within 2500 ms', { outcome: 'unknown' });
    expect(describeError(failure)).toMatch(
      /^BackendFailure: call backend: POST: no response within 2500 ms at /,
    );
    expect(describeError(new ReportableError('the response is larger than 4194304 bytes'))).toContain(
      '4194304',
    );
  });

  test('names what a value’s faults are and its outermost field, not a key within it', () => {
    const schema = z.object({ options: z.record(z.string(), z.strictObject({ a: z.number() })) });
    const { error } = z.safeParse(schema, { options: { [SECRET]: { a: SECRET, [SECRET]: 1 } } });
    expect(describeError(error)).toMatch(
      /^\$ZodError invalid_type at options unrecognized_keys at options\b/,
    );
  });

  test('is at most five causes deep', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error).match(/Error/g)).toHaveLength(5);
  });

  test.each([['text'], [undefined], [{ message: 'secret' }]])('is the type only of a thrown %j', (thrown) => {
    expect(describeError(thrown)).toBe(`thrown: ${typeof thrown}`);
  });

  test.each([
    ['its message', new Error(SECRET)],
    ['its name', Object.assign(new Error(''), { name: SECRET })],
    ['its code', Object.assign(new Error(''), { code: SECRET })],
    ['a message that imitates a stack', new Error(`x\n    at ${SECRET}`)],
    ['a message that is in its own name', new Error(`r: r\n    at ${SECRET}`)],
    ['a message set later', Object.assign(new Error(SECRET), { message: 'other' })],
    ['a made-up stack', Object.assign(new Error(SECRET), { stack: SECRET })],
  ])('has nothing of %s', (_what, error) => {
    expect(describeError(error)).not.toMatch(/Anneliese|sip:|415/);
  });

  test('as a warning follows what it is about', () => {
    const scope = createRequestScope('request-1');
    expect(describeWarnings(scope)).toEqual({});
    scope.warn('the flow is left', new ReportableError('refused'));
    expect(describeWarnings(scope)).toEqual({
      warnings: [expect.stringMatching(/^the flow is left: Error: refused at /)],
    });
  });
});
