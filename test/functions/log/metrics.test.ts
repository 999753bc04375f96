import { expect, test } from 'vitest';
import { embeddedMetrics } from '../../../functions/log/metrics.ts';

test('metrics are stamped with the time of the line', () => {
  expect(embeddedMetrics({}, 'test', 'get', new Date(1_000))._aws.Timestamp).toBe(1_000);
});
