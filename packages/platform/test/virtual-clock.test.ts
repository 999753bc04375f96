import { expect, test } from 'vitest';
import { createVirtualClock } from '../src/virtual-clock.ts';

test('a virtual clock runs due tasks in order of time, including those that they schedule', () => {
  const clock = createVirtualClock(0);
  const ran: [string, number][] = [];
  const note = (name: string) => () => ran.push([name, clock.now()]);
  clock.after(20, note('second'));
  clock.after(10, () => {
    ran.push(['first', clock.now()]);
    clock.after(15, note('third'));
  });
  clock.after(10, note('also first'));
  const stop = clock.after(5, note('never'));
  clock.after(1000, note('later'));
  stop();
  clock.advanceTo(30);
  expect(ran).toEqual([
    ['first', 10],
    ['also first', 10],
    ['second', 20],
    ['third', 25],
  ]);
  expect(clock.now()).toBe(30);
});
