import { expect, test } from 'vitest';
import { SYSTEM_CLOCK, timestampOf } from '../src/clock.ts';

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
  const stop = SYSTEM_CLOCK.after(2 ** 40, () => {
    ran = true;
  });
  await new Promise<void>((resolve) => SYSTEM_CLOCK.after(5, resolve));
  stop();
  expect(ran).toBe(false);
});
