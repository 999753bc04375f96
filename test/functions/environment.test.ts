import { afterEach, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../../functions/environment.ts';

afterEach(() => vi.unstubAllEnvs());

const schema = z.object({ FIRST: requiredVariable, SECOND: requiredVariable });

test('the requested variables are returned', () => {
  vi.stubEnv('FIRST', 'one');
  vi.stubEnv('SECOND', 'two');
  expect(readEnvironment(schema)).toEqual({ FIRST: 'one', SECOND: 'two' });
});

test('the error names every variable at fault, and never a value', () => {
  vi.stubEnv('FIRST', '');
  expect(() => readEnvironment(schema)).toThrow('environment: FIRST: is empty; SECOND: is missing');
  vi.stubEnv('URL_WITH_SECRET', 'user:password');
  expect(() =>
    readEnvironment(z.object({ URL_WITH_SECRET: z.url('must be a URL').check(z.startsWith('https:')) })),
  ).toThrow(expect.not.objectContaining({ message: expect.stringContaining('password') }));
});
