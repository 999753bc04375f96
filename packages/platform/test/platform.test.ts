import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { logError } from '../src/platform.ts';
import { SEED_IDS } from '../src/seed.ts';
import { startPlatformInMemory } from './platform-in-memory.ts';

test('every manager has its seed after the start', async () => {
  const { http } = await startPlatformInMemory();
  const idsAt = async (path: string) => {
    const { body } = await http.get(path);
    return z
      .parse(z.object({ result: z.array(z.object({ id: z.string() })) }), body)
      .result.map(({ id }) => id);
  };
  const { deleted, ...live } = SEED_IDS.providers;
  expect((await idsAt('/v1/providers')).toSorted()).toEqual(Object.values(live).toSorted());
  expect(await idsAt('/v1/flows')).toEqual([SEED_IDS.flow]);
  expect((await http.get(`/v1/providers/${deleted}`)).status).toBe(200);
});

test('an error is logged as one line of JSON', () => {
  const log = vi.spyOn(console, 'error').mockReturnValue();
  const error = new Error('first line\nsecond line');
  logError(error, 'request-1');
  logError('no error object');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'error', service: 'platform', request_id: 'request-1', message: error.stack },
    { level: 'error', service: 'platform', message: 'no error object' },
  ]);
});
