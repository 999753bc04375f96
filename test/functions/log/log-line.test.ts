import '../stage.ts';
import { expect, test } from 'vitest';
import { rounded, startLine, startRequestLine } from '../../../functions/log/log-line.ts';
import { captureOutput, parseLine } from '../log-lines.ts';

test('a line is one line of JSON with its metrics', () => {
  const output = captureOutput();
  startLine('create').write(
    { level: 'info', text: 'two\nlines\u2028' },
    { CallsPlaced: 2, CallsUnconfirmed: 0 },
  );
  expect(output).toHaveLength(1);
  const [line = ''] = output;
  expect(line.endsWith('\n')).toBe(true);
  expect(line.slice(0, -1)).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
    level: 'info',
    text: 'two\nlines\u2028',
    Stage: 'test',
    Function: 'create',
    Version: 'local',
    CallsPlaced: 2,
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: 'ProviderCall',
          Dimensions: [['Stage', 'Function']],
          Metrics: [{ Name: 'CallsPlaced' }],
        },
      ],
    },
  });
});

test('only the first request of a process is a cold start', () => {
  const output = captureOutput();
  startRequestLine('get').write({ status: 200 }, {});
  startRequestLine('get').write({ status: 200 }, { ServerErrors: 0 });
  const lines = output.map((line) => JSON.parse(line));
  expect(lines.map(({ cold_start, ColdStarts }) => [cold_start, ColdStarts])).toEqual([
    [true, 1],
    [false, undefined],
  ]);
  expect(lines.map(({ latency_ms }) => latency_ms >= 0)).toEqual([true, true]);
  expect(output.map(parseLine)).toEqual([
    { status: 200, Function: 'get' },
    { status: 200, Function: 'get' },
  ]);
});

test.each([
  [1.26, 1.3],
  [0, 0],
  [12.34, 12.3],
])('%d ms is written %d', (milliseconds, written) => {
  expect(rounded(milliseconds)).toBe(written);
});

test('the line of an invocation that is not a request has no latency and counts no request', () => {
  const output = captureOutput();
  startLine('reconcile').write({ open: 0 }, { ReconcileRuns: 1 });
  const [line = ''] = output;
  const { time: _time, _aws, ...fields } = JSON.parse(line);
  expect(fields).toEqual({
    open: 0,
    Stage: 'test',
    Version: 'local',
    Function: 'reconcile',
    ReconcileRuns: 1,
  });
});
