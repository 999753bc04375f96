import '../stage.ts';
import { describe, expect, test } from 'vitest';
import { describeError, describeWarnings } from '../../../functions/log/describe-error.ts';
import { rounded, startRequestLine, writeLogLine } from '../../../functions/log/log-line.ts';
import { embeddedMetrics } from '../../../functions/log/metrics.ts';
import { PlatformError } from '../../../functions/platform-error.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { captureOutput, parseLine } from '../log-lines.ts';

describe('an error is described', () => {
  test('down its chain of causes, with the place where it began', () => {
    const first = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new PlatformError('SERVICE_UNAVAILABLE', 'Try again.', { cause: first });
    expect(describeError(error)).toMatch(
      /^PlatformError: Try again\. ← Error ECONNREFUSED: connect ECONNREFUSED at .*log-line\.test\.ts:\d+:\d+/,
    );
  });

  test('without end only so far', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error).match(/round/g)).toHaveLength(5);
  });

  test.each([['text'], [undefined], [{ message: 'secret' }]])(
    'as its type only when %j was thrown',
    (thrown) => {
      expect(describeError(thrown)).toBe(`thrown: ${typeof thrown}`);
    },
  );

  test.each([
    ['+14155551234', '34'],
    ['+1 415 555 12 34', '34'],
    ['+1 (415) 555-1234', '34'],
    ['0049-30.12345678', '78'],
    ['tel:+1-415-555-1234;phone-context=x', '34'],
    ['sip:14155551234@10.0.0.1', '34'],
    ['１４１５５５５１２３４', '３４'],
  ])('with no more than the last two digits of %s', (number, last) => {
    const described = describeError(new Error(`no route to ${number} there`));
    const digits = described.slice(0, described.indexOf(' there')).replaceAll(/10\.0\.0\.1/g, '');
    expect([...digits.matchAll(/\p{Nd}/gu)].length).toBeLessThanOrEqual(last.length);
    expect(described).toContain(`${last}`);
  });

  test.each([
    ['an access key', `vb_${'Aa0-_'.repeat(9)}`],
    ['a token', `eyJhbGciOiJIUzI1NiJ9.${'eyJ0eXBl'.repeat(6)}.${'c2lnbmF0dXJl'.repeat(4)}`],
    ['the start of a token', `eyJhbGciOiJIUzI1NiJ9.${'eyJ0eXBl'.repeat(6)}`],
  ])('without %s in it', (_what, credential) => {
    const described = describeError(new Error(`unknown field ${credential} here`));
    expect(described).not.toContain(credential.slice(0, 12));
    expect(described).toContain('unknown field');
  });

  test('without the text in which JSON.parse found its fault', () => {
    const parse = () => JSON.parse('{"token": eyJhbGciOiJIUzI1NiJ9, "to": "+1 415 555 1234"}');
    let thrown: unknown;
    try {
      parse();
    } catch (error) {
      thrown = error;
    }
    expect(describeError(thrown)).toMatch(/^SyntaxError\b/);
    expect(describeError(thrown)).not.toMatch(/token|eyJ|415/);
  });

  test('with what tells an operator more: hosts, ARNs, ids and statuses', () => {
    const message =
      'connect ECONNREFUSED 10.0.12.34:8080, getaddrinfo ENOTFOUND abcdefghijklmnopqrstuvwxyzabcdef.lambda-url.eu-central-1.on.aws, call answered 503, ProviderCall b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f';
    expect(describeError(new Error(message))).toContain(message);
  });

  test('as a warning, under what it was about', () => {
    const scope = createRequestScope('request-1');
    expect(describeWarnings(scope)).toEqual({});
    scope.warn('the flow is left', new Error('refused'));
    expect(describeWarnings(scope)).toEqual({
      warnings: [expect.stringMatching(/^the flow is left: Error: refused at /)],
    });
  });
});

test('a line is one line of JSON with its metrics', () => {
  const output = captureOutput();
  writeLogLine('get', { level: 'info', text: 'two\nlines\u2028' }, { Requests: 1, Latency: 2.5 });
  expect(output).toHaveLength(1);
  const [line = ''] = output;
  expect(line.endsWith('\n')).toBe(true);
  expect(line.slice(0, -1)).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
    level: 'info',
    text: 'two\nlines\u2028',
    Stage: 'test',
    Function: 'get',
    Requests: 1,
    Latency: 2.5,
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: 'ProviderCall',
          Dimensions: [['Stage', 'Function']],
          Metrics: [
            { Name: 'Requests', Unit: 'Count' },
            { Name: 'Latency', Unit: 'Milliseconds' },
          ],
        },
      ],
    },
  });
});

test('metrics are stamped with the time of the line', () => {
  expect(embeddedMetrics({}, 'test', 'get', new Date(1_000))._aws.Timestamp).toBe(1_000);
});

test('only the first request of a process is a cold start', () => {
  const output = captureOutput();
  startRequestLine('get').write({ status: 200 }, {});
  startRequestLine('get').write({ status: 200 }, { ServerErrors: 0 });
  const lines = output.map((line) => JSON.parse(line));
  expect(lines.map(({ cold_start, ColdStarts }) => [cold_start, ColdStarts])).toEqual([
    [true, 1],
    [false, 0],
  ]);
  expect(lines.map(({ latency_ms, Latency }) => latency_ms === Latency && latency_ms >= 0)).toEqual([
    true,
    true,
  ]);
  expect(output.map(parseLine)).toEqual([
    { status: 200, Stage: 'test', Function: 'get', Requests: 1 },
    { status: 200, Stage: 'test', Function: 'get', Requests: 1, ServerErrors: 0 },
  ]);
});

test.each([
  [1.26, 1.3],
  [0, 0],
  [12.34, 12.3],
])('%d ms is written %d', (milliseconds, written) => {
  expect(rounded(milliseconds)).toBe(written);
});
