import { expect, test } from 'vitest';
import { KeyedQueue } from '../src/keyed-queue.ts';

/** A queue, and tasks that end when the test says so; `log` has when each began and ended. */
function underTest() {
  const queue = new KeyedQueue();
  const log: string[] = [];
  const add = (key: string, name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const result = queue.run(key, async () => {
      log.push(`${name} begins`);
      return await promise.finally(() => log.push(`${name} ends`));
    });
    return { result, resolve: () => resolve(name), reject: () => reject(new Error(name)) };
  };
  /** Lets everything run that waits for nothing. */
  const idle = () => new Promise((resolve) => setImmediate(resolve));
  return { queue, log, add, idle };
}

test('tasks with one key run one after another, in order, each with its own result', async () => {
  const { log, add, idle } = underTest();
  const first = add('a', 'first');
  const second = add('a', 'second');
  second.resolve();
  await idle();
  expect(log).toEqual(['first begins']);
  first.resolve();
  expect(await Promise.all([first.result, second.result])).toEqual(['first', 'second']);
  expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('tasks with different keys run concurrently', async () => {
  const { log, add, idle } = underTest();
  const [a, b] = [add('a', 'a'), add('b', 'b')];
  await idle();
  expect(log).toEqual(['a begins', 'b begins']);
  a.resolve();
  b.resolve();
  await Promise.all([a.result, b.result]);
});

test('a task that fails rejects only its own result', async () => {
  const { add } = underTest();
  const [failing, next] = [add('a', 'failing'), add('a', 'next')];
  failing.reject();
  next.resolve();
  await expect(failing.result).rejects.toThrow('failing');
  expect(await next.result).toBe('next');
});

test('a key is settled when its tasks have ended, however they ended', async () => {
  const { queue, log, add, idle } = underTest();
  const [first, second] = [add('a', 'first'), add('b', 'second')];
  first.result.catch(() => {});
  void queue.settled('a').then(() => log.push('a is settled'));
  void queue.allSettled().then(() => log.push('all are settled'));
  await queue.settled('unknown');
  first.reject();
  await idle();
  expect(log).toContain('a is settled');
  expect(log).not.toContain('all are settled');
  second.resolve();
  await idle();
  expect(log.at(-1)).toBe('all are settled');
});
