import { expect, test, vi } from 'vitest';
import { createRequestScope } from '../../functions/request-scope.ts';

test('a scope adds up what each part took, failures included', async () => {
  const clock = vi.spyOn(process.hrtime, 'bigint');
  const scope = createRequestScope('request-1');
  clock.mockReturnValueOnce(100_000_000n).mockReturnValueOnce(130_000_000n);
  expect(await scope.measure('flow', async () => 'response')).toBe('response');
  clock.mockReturnValueOnce(200_000_000n).mockReturnValueOnce(205_000_000n);
  await expect(scope.measure('flow', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  clock.mockReturnValueOnce(300_000_000n).mockReturnValueOnce(301_000_000n);
  await scope.measure('call', async () => {});
  clock.mockRestore();
  expect(scope.timings).toEqual({ flow: 35, call: 1 });
});

test('a scope keeps warnings and adds up each metric', () => {
  const scope = createRequestScope('request-1');
  const error = new Error('later');
  scope.warn('left to reconcile', error);
  scope.count('CallsPlaced', 1);
  scope.count('CallsPlaced', 3);
  expect(scope.warnings).toEqual([{ what: 'left to reconcile', error }]);
  expect(scope.metrics).toEqual({ CallsPlaced: 4 });
});
