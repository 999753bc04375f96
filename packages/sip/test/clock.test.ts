import { expect, test } from 'vitest';
import { createVirtualClock } from '../../platform/src/virtual-clock.ts';
import { systemClock, timestampOf } from '../src/clock.ts';

test.each([
  [Date.UTC(2026, 3, 21, 23, 15), '2026-04-21 23:15:00.000000'],
  [Date.UTC(2026, 3, 21, 23, 15) + 0.25, '2026-04-21 23:15:00.000250'],
  [Date.UTC(2026, 3, 21, 23, 15) + 999.5, '2026-04-21 23:15:00.999500'],
  [Date.UTC(1999, 11, 31, 23, 59, 59) + 999, '1999-12-31 23:59:59.999000'],
])('%d is %s', (ms, timestamp) => {
  expect(timestampOf(ms)).toBe(timestamp);
});

test('the system clock does not run a distant task at once', async () => {
  let ran = false;
  const stop = systemClock.after(2 ** 40, () => {
    ran = true;
  });
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  stop();
  expect(ran).toBe(false);
});

test('a virtual clock runs what is due in the order of its time, and what that asks for', () => {
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
