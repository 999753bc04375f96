import { describe, expect, test } from 'vitest';
import { holdSecret } from '../../../functions/outbound/secret.ts';

/** A secret whose readings are decided by the test, on a clock that it moves. */
function held(readings: (string | Error)[]) {
  const state = { reads: 0, time: 0 };
  const secret = holdSecret(
    async () => {
      const reading = readings[state.reads] ?? new Error('read too often');
      state.reads += 1;
      if (reading instanceof Error) throw reading;
      return reading;
    },
    () => state.time,
  );
  return { secret, state };
}

test('a secret is read once, by itself, however often it is requested', async () => {
  const { secret, state } = held(['first']);
  await Promise.resolve();
  expect(state.reads).toBe(1);
  expect(await Promise.all([secret.current(), secret.current()])).toEqual(['first', 'first']);
  expect(state.reads).toBe(1);
});

describe('a refresh', () => {
  test('reads it again, and holds what it finds', async () => {
    const { secret, state } = held(['first', 'second']);
    await secret.current();
    state.time = 60_000;
    expect(await secret.refresh()).toBe('second');
    expect(await secret.current()).toBe('second');
  });

  test('within a minute of the last reading returns what is held', async () => {
    const { secret, state } = held(['first', 'second', 'third']);
    await secret.current();
    state.time = 59_999;
    expect(await secret.refresh()).toBe('first');
    expect(state.reads).toBe(1);
    state.time = 60_000;
    expect(await Promise.all(Array.from({ length: 50 }, () => secret.refresh()))).toEqual(
      Array.from({ length: 50 }, () => 'second'),
    );
    expect(state.reads).toBe(2);
  });

  test('that fails keeps what was held, and is not tried again within a minute', async () => {
    const { secret, state } = held(['first', new Error('throttled'), 'third']);
    await secret.current();
    state.time = 60_000;
    expect(await secret.refresh()).toBe('first');
    state.time = 100_000;
    expect(await secret.refresh()).toBe('first');
    expect(state.reads).toBe(2);
    state.time = 120_000;
    expect(await secret.refresh()).toBe('third');
  });
});

test('the failure of a first reading reaches its caller, and the next caller tries again', async () => {
  const { secret, state } = held([new Error('denied'), 'second']);
  await expect(secret.current()).rejects.toThrow('denied');
  expect(await secret.current()).toBe('second');
  expect(state.reads).toBe(2);
});

test('a secret is read again after five minutes, so that a removed key expires in every process', async () => {
  const { secret, state } = held(['first', 'second']);
  await secret.current();
  state.time = 299_999;
  expect(await secret.current()).toBe('first');
  state.time = 300_000;
  expect(await Promise.all([secret.current(), secret.current()])).toEqual(['second', 'second']);
  expect(state.reads).toBe(2);
});

test('a secret that cannot be read again is kept, and not requested by every caller', async () => {
  const { secret, state } = held(['first', new Error('throttled'), 'third']);
  await secret.current();
  state.time = 300_000;
  expect(await secret.current()).toBe('first');
  expect(await secret.current()).toBe('first');
  expect(state.reads).toBe(2);
  state.time = 600_000;
  expect(await secret.current()).toBe('third');
});
