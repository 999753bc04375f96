import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type AlarmDefinition, type Emissions, isAlarming } from './alarm-evaluation.ts';
import { OVER_AMQP, synthesizeProviderCall } from './synthesized.ts';

/** An hour of quiet, an incident of an hour, and two hours of quiet, in minutes. */
const BEGIN = 60;
const END = 120;
const LAST = 240;

function during(minute: number): boolean {
  return minute > BEGIN && minute <= END;
}

/**
 * The values of the metrics during an alarm's incident and outside it, and how docs/operations.md describes the
 * incident.
 */
type Scenario = {
  incident: string;
  /** Values of one metric in one minute; `phase` is the minute of five in which reconcile runs. */
  emissions: (phase: number) => Emissions;
};

function eachMinute(metric: string, bad: number[], quiet: number[] = []): Scenario['emissions'] {
  return () => (name, minute) => (name.includes(metric) ? (during(minute) ? bad : quiet) : []);
}

function eachRun(metric: string, bad: number[], quiet: number[]): Scenario['emissions'] {
  return (phase) => (name, minute) =>
    name.includes(metric) && minute % 5 === phase ? (during(minute) ? bad : quiet) : [];
}

const scenarios: Record<string, Scenario> = {
  'server-errors': {
    incident: 'three 5xx a minute',
    emissions: eachMinute('ServerErrors Function=get', [1, 1, 1]),
  },
  'gateway-5xx': { incident: 'three 5xx a minute', emissions: eachMinute('5XXError', [1, 1, 1], [0]) },
  throttles: {
    incident: 'one rejection a minute',
    emissions: eachMinute('Throttles FunctionName=CreateFunction', [1]),
  },
  unconfirmed: {
    incident: 'a record that each run of reconcile finds open',
    emissions: eachRun('OpenRecords', [1], [0]),
  },
  'unsettled-after-day': {
    incident: 'a record that each run finds a day old',
    emissions: eachRun('UnsettledAfterDay', [1], [0]),
  },
  'reconcile-failing': {
    incident: 'one failure in each run',
    emissions: eachRun('ReconcileFailures', [1], [0]),
  },
  'reconcile-unfinished': {
    incident: 'each run ends with due records left',
    emissions: eachRun('ReconcileUnfinished', [1], []),
  },
  'reconcile-idle': { incident: 'no runs', emissions: eachRun('ReconcileRuns', [], [1]) },
  'create-latency': {
    incident: 'one create of 10 s a minute, instead of 0.3 s',
    emissions: eachMinute('Duration FunctionName=CreateFunction', [10_000], [300]),
  },
  'authorizer-errors': { incident: 'one failure a minute', emissions: eachMinute('AuthorizerErrors', [1]) },
  'events-undelivered': {
    incident: 'one message in the queue',
    emissions: eachMinute('ApproximateNumberOfMessagesVisible', [1], [0]),
  },
  'broker-connections': {
    incident: 'one failed connection a minute',
    emissions: eachMinute('BrokerConnectionFailures Function=create', [1]),
  },
  'requests-expired': {
    incident: 'one request of each run of reconcile without a reply',
    emissions: eachRun('ExpiredRequests Function=reconcile', [1], [0]),
  },
  'requests-unroutable': {
    incident: 'one returned request a minute',
    emissions: eachMinute('UnroutableRequests Function=create', [1]),
  },
  'records-ambiguous': {
    incident: 'a record that each run finds ambiguous',
    emissions: eachRun('AmbiguousRecords', [1], [0]),
  },
};

const metricSchema = z.object({
  MetricName: z.string(),
  Dimensions: z._default(z.array(z.object({ Name: z.string(), Value: z.string() })), []),
});
const alarmSchema = z.object({
  AlarmName: z.optional(z.string()),
  Metrics: z.array(
    z.object({
      Id: z.string(),
      Expression: z.optional(z.string()),
      MetricStat: z.optional(z.object({ Metric: metricSchema, Stat: z.string(), Period: z.number() })),
    }),
  ),
  ComparisonOperator: z.string(),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number(),
  TreatMissingData: z.string(),
});

const definitions = Object.values(synthesizeProviderCall(OVER_AMQP).ofType('AWS::CloudWatch::Alarm'))
  .filter(({ properties }) => properties['AlarmName'] !== undefined)
  .map(({ properties }): AlarmDefinition => {
    const alarm = alarmSchema.parse(properties);
    const sources = alarm.Metrics.flatMap(({ Id, MetricStat }) =>
      MetricStat ? [{ Id, ...MetricStat }] : [],
    );
    const [expression = ''] = alarm.Metrics.flatMap(({ Expression }) => Expression ?? []);
    return {
      name: String(alarm.AlarmName).replace('provider-call-prod-', ''),
      expression,
      metrics: Object.fromEntries(
        sources.map(({ Id, Metric, Stat }) => {
          const dimensions = Metric.Dimensions.filter(({ Name }) => Name !== 'Stage');
          const metric = [Metric.MetricName, ...dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(
            ' ',
          );
          return [Id, { metric, statistic: Stat }];
        }),
      ),
      periodMinutes: (sources[0]?.Period ?? 0) / 60,
      comparison: alarm.ComparisonOperator,
      threshold: alarm.Threshold,
      evaluationPeriods: alarm.EvaluationPeriods,
      datapointsToAlarm: alarm.DatapointsToAlarm,
      treatMissingData: alarm.TreatMissingData,
    };
  });

/** Minutes from the incident's beginning to the alarm's, and from its end to the alarm's end. */
function timingOf(alarm: AlarmDefinition, emissions: Emissions): { begins: number; ends: number } {
  const minutes = Array.from({ length: LAST - BEGIN }, (_, at) => BEGIN + at);
  const on = minutes.filter((minute) => isAlarming(alarm, emissions, minute));
  const [first] = on;
  const last = on.at(-1);
  if (first === undefined || last === undefined) throw new Error(`${alarm.name} never begins`);
  // The alarm is on without interruption, and only once.
  expect(on).toEqual(minutes.filter((minute) => minute >= first && minute <= last));
  return { begins: first - BEGIN, ends: last + 1 - END };
}

/** Returns the range over the phases in which reconcile may run. */
function rangeOf(values: number[]): string {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return min === max ? `${min}` : `${min} to ${max}`;
}

function rowOf(alarm: AlarmDefinition): string {
  const scenario = scenarios[alarm.name];
  if (scenario === undefined) throw new Error(`${alarm.name} has no scenario`);
  const timings = [0, 1, 2, 3, 4].map((phase) => timingOf(alarm, scenario.emissions(phase)));
  const begins = rangeOf(timings.map((timing) => timing.begins));
  const ends = rangeOf(timings.map((timing) => timing.ends));
  return `| \`${alarm.name}\` | ${scenario.incident} | ${begins} | ${ends} |`;
}

test('docs/operations.md says for each alarm when it begins and ends', () => {
  const operations = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const rows = operations
    .split('\n')
    .filter((line) => /^\| `[a-z0-9-]+` \| [^|]+ \| [\d to]+ \| [\d to]+ \|$/.test(line));
  expect(rows).toEqual(definitions.map(rowOf));
});

test('a quiet hour raises no alarm', () => {
  for (const alarm of definitions) {
    const emissions = scenarios[alarm.name]?.emissions(0) ?? (() => []);
    for (let minute = 30; minute <= BEGIN; minute += 1) {
      expect(`${alarm.name} ${isAlarming(alarm, emissions, minute)}`).toBe(`${alarm.name} false`);
    }
  }
});

describe('without FILL', () => {
  const unfilled = (name: string): AlarmDefinition => {
    const found = definitions.find((alarm) => alarm.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return { ...found, expression: 'm0' };
  };

  test('reconcile-idle would begin only without the last of five data points, after 25 minutes', () => {
    const emissions = eachRun('ReconcileRuns', [], [1])(0);
    expect(timingOf(unfilled('reconcile-idle'), emissions).begins).toBe(25);
  });

  test('an alarm on a metric that is emitted only when something is wrong would end two periods late', () => {
    const emissions = eachMinute('AuthorizerErrors', [1])(0);
    expect(timingOf(unfilled('authorizer-errors'), emissions).ends).toBe(15);
  });
});

/** The table of the User Guide for three evaluation periods, of which all must breach: `0` is fine, `X` breaches, `-` is missing. */
const DOCUMENTED: [points: string, breaching: boolean, notBreaching: boolean][] = [
  ['0-X-X', false, false],
  ['0----', false, false],
  ['-----', true, false],
  ['0XX-X', true, true],
];

test.each(DOCUMENTED)('%s is evaluated as documented', (points, breaching, notBreaching) => {
  const alarm: AlarmDefinition = {
    name: 'documented',
    expression: 'm0',
    metrics: { m0: { metric: 'm', statistic: 'Sum' } },
    periodMinutes: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    treatMissingData: 'breaching',
  };
  // The oldest comes first.
  const emissions: Emissions = (_metric, minute) => {
    const point = points[minute - 1];
    return point === undefined || point === '-' ? [] : [point === 'X' ? 1 : 0];
  };
  expect(isAlarming(alarm, emissions, points.length)).toBe(breaching);
  expect(isAlarming({ ...alarm, treatMissingData: 'notBreaching' }, emissions, points.length)).toBe(
    notBreaching,
  );
});
