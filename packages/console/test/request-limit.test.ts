import { describe, expect, test } from 'vitest';
import { limitRequests } from '../src/page/request-limit.ts';

describe('limitRequests', () => {
  test('runs every task, in order, and no more than the limit at a time', async () => {
    const run = limitRequests(4);
    const started: number[] = [];
    const gates = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
    const results = gates.map((gate, index) =>
      run(async () => {
        started.push(index);
        await gate.promise;
        return index;
      }),
    );
    expect(started).toEqual([0, 1, 2, 3]);
    gates[2]?.resolve();
    await results[2];
    expect(started).toEqual([0, 1, 2, 3, 4]);
    for (const gate of gates) gate.resolve();
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('a failed task makes room for the next', async () => {
    const run = limitRequests(1);
    const failing = run(() => Promise.reject(new Error('lost')));
    const next = run(async () => 'done');
    await expect(failing).rejects.toThrow('lost');
    expect(await next).toBe('done');
  });

  test('a task whose signal ends before its turn is not started', async () => {
    const run = limitRequests(1);
    const gate = Promise.withResolvers<void>();
    const controller = new AbortController();
    const first = run(() => gate.promise);
    let isStarted = false;
    const second = run(async () => {
      isStarted = true;
    }, controller.signal);
    controller.abort();
    gate.resolve();
    await first;
    await expect(second).rejects.toThrow();
    expect(isStarted).toBe(false);
    expect(await run(async () => 'free again')).toBe('free again');
  });
});
