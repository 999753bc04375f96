import { expect, test } from 'vitest';
import { embeddedMetrics } from '../../../functions/log/metrics.ts';

test('metrics are stamped with the time of the line', () => {
  expect(embeddedMetrics({ ColdStarts: 1 }, 'test', 'get', '7', new Date(1_000))._aws?.Timestamp).toBe(1_000);
});

test('a line without metrics, or with zeros alone, says whose it is and declares none', () => {
  expect(embeddedMetrics({}, 'test', 'get', '7', new Date())).toEqual({ Function: 'get' });
  expect(embeddedMetrics({ ServerErrors: 0, ColdStarts: 0 }, 'test', 'get', '7', new Date())).toEqual({
    Function: 'get',
  });
});

test.each([
  ['ServerErrors', 'get'],
  ['AuthorizerErrors', 'authorize'],
] as const)('%s are counted for the version too, by which a deployment is rolled back', (name, operation) => {
  const { _aws, ...members } = embeddedMetrics({ [name]: 1 }, 'test', operation, '7', new Date());
  expect(_aws?.CloudWatchMetrics).toEqual([
    {
      Namespace: 'ProviderCall',
      Dimensions: [
        ['Stage', 'Function'],
        ['Stage', 'Function', 'Version'],
      ],
      Metrics: [{ Name: name }],
    },
  ]);
  expect(members).toEqual({ Stage: 'test', Function: operation, Version: '7', [name]: 1 });
});
