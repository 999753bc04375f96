import { expect, test, vi } from 'vitest';
import { createRequestScope } from '../../functions/request-scope.ts';

test('adds up what each part took, failures included', async () => {
  const clock = vi.spyOn(performance, 'now');
  const scope = createRequestScope('request-1');
  clock.mockReturnValueOnce(100).mockReturnValueOnce(130);
  expect(await scope.measure('flow', async () => 'answer')).toBe('answer');
  clock.mockReturnValueOnce(200).mockReturnValueOnce(205);
  await expect(scope.measure('flow', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  clock.mockReturnValueOnce(300).mockReturnValueOnce(301);
  await scope.measure('call', async () => {});
  clock.mockRestore();
  expect(scope.timings).toEqual({ flow: 35, call: 1 });
});

test('keeps warnings and the last count of a metric', () => {
  const scope = createRequestScope('request-1');
  const error = new Error('later');
  scope.warn('left to reconcile', error);
  scope.count('CallsPlaced', 1);
  scope.count('CallsPlaced', 3);
  expect(scope.warnings).toEqual([{ what: 'left to reconcile', error }]);
  expect(scope.metrics).toEqual({ CallsPlaced: 3 });
});
