import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { METRIC_NAMESPACE } from '../../functions/log/metrics.ts';
import { formatTimestamp } from '../../functions/timestamp.ts';
import { EXAMPLE_BODY, lambdaContext, platform, startApi } from '../functions/api-under-test.ts';
import { startAuthorizer } from '../functions/authorizer-under-test.ts';
import { reset } from '../functions/backend-server.ts';
import { captureOutput } from '../functions/log-lines.ts';
import { IDS, sampleIntent } from '../functions/provider-calls/sample-record.ts';
import {
  ONE_MACHINE,
  OVER_AMQP,
  PRODUCTION,
  type SynthesizedStack,
  synthesizeProviderCall,
} from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);
const brokered = synthesizeProviderCall(OVER_AMQP);

const metricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z._default(z.array(z.object({ Name: z.string(), Value: z.string() })), []),
});
const alarmSchema = z.object({
  Namespace: z.optional(z.string()),
  MetricName: z.optional(z.string()),
  Dimensions: z.optional(metricSchema.shape.Dimensions),
  Statistic: z.optional(z.string()),
  Period: z.optional(z.number()),
  Metrics: z._default(
    z.array(
      z.object({
        Expression: z.optional(z.string()),
        MetricStat: z.optional(z.object({ Metric: metricSchema, Stat: z.string(), Period: z.number() })),
      }),
    ),
    [],
  ),
  ComparisonOperator: z.string(),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  TreatMissingData: z.string(),
  AlarmName: z.optional(z.string()),
  AlarmDescription: z.string(),
  AlarmActions: z._default(z.array(z.string()), []),
  OKActions: z._default(z.array(z.string()), []),
});

/** A metric as "Namespace Name {Dimension=value}", without the stage. */
function metricText({ Namespace, MetricName, Dimensions }: z.infer<typeof metricSchema>): string {
  const dimensions = Dimensions.filter(({ Name }) => Name !== 'Stage').map(
    ({ Name, Value }) => `${Name}=${Value}`,
  );
  return `${Namespace} ${MetricName} {${dimensions.join(', ')}}`;
}

function alarmsOf(stack: SynthesizedStack) {
  return Object.values(stack.ofType('AWS::CloudWatch::Alarm')).map(({ properties }) =>
    alarmSchema.parse(properties),
  );
}

const alarms = alarmsOf(brokered);

/** What an alarm watches: statistic, minutes, metric. */
function watchedBy(alarm: z.infer<typeof alarmSchema>): string[] {
  const { Namespace, MetricName, Dimensions = [], Statistic, Period = 0, Metrics } = alarm;
  return Namespace !== undefined && MetricName !== undefined
    ? [`${Statistic} ${Period / 60} ${metricText({ Namespace, MetricName, Dimensions })}`]
    : Metrics.flatMap(({ MetricStat }) =>
        MetricStat === undefined
          ? []
          : [`${MetricStat.Stat} ${MetricStat.Period / 60} ${metricText(MetricStat.Metric)}`],
      );
}

function own(metric: string, operation: string) {
  return `${METRIC_NAMESPACE} ${metric} {Function=${operation}}`;
}
const REQUEST_OPERATIONS = ['create', 'get', 'list', 'delete'];

const operatorAlarms: [name: string, watched: string[], when: string, missing: string][] = [
  [
    'server-errors',
    REQUEST_OPERATIONS.map((operation) => `Sum 5 ${own('ServerErrors', operation)}`),
    'GreaterThanOrEqualToThreshold 3, 1 time',
    'notBreaching',
  ],
  [
    'gateway-5xx',
    ['Sum 5 AWS/ApiGateway 5XXError {ApiName=provider-call-prod}'],
    'GreaterThanOrEqualToThreshold 3, 1 time',
    'notBreaching',
  ],
  [
    'throttles',
    ['Authorize', 'Create', 'Get', 'List', 'Delete', 'Reconcile'].map(
      (name) => `Sum 5 AWS/Lambda Throttles {FunctionName=${name}Function}`,
    ),
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ],
  [
    'unconfirmed',
    [`Sum 15 ${own('CallsUnconfirmed', 'create')}`, `Maximum 15 ${own('OpenRecords', 'reconcile')}`],
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ],
  [
    'unsettled-after-day',
    [`Maximum 15 ${own('UnsettledAfterDay', 'reconcile')}`],
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ],
  [
    'reconcile-failing',
    [`Sum 5 ${own('ReconcileFailures', 'reconcile')}`],
    'GreaterThanOrEqualToThreshold 1, 3 times',
    'notBreaching',
  ],
  [
    'reconcile-unfinished',
    [`Sum 5 ${own('ReconcileUnfinished', 'reconcile')}`],
    'GreaterThanOrEqualToThreshold 1, 3 times',
    'notBreaching',
  ],
  [
    'reconcile-idle',
    [`Sum 5 ${own('ReconcileRuns', 'reconcile')}`],
    'LessThanThreshold 1, 3 times',
    // A function that never runs emits nothing at all.
    'breaching',
  ],
  [
    'create-latency',
    ['p95 5 AWS/Lambda Duration {FunctionName=CreateFunction}'],
    'GreaterThanThreshold 5000, 3 times',
    'notBreaching',
  ],
  [
    'authorizer-errors',
    [`Sum 5 ${own('AuthorizerErrors', 'authorize')}`],
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ],
  [
    'events-undelivered',
    ['Maximum 5 AWS/SQS ApproximateNumberOfMessagesVisible {QueueName=EventsDeadLetters.QueueName}'],
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ],
];

const brokerAlarms: typeof operatorAlarms = [
  ...Object.entries({
    'broker-connections': 'BrokerConnectionFailures',
    'requests-expired': 'ExpiredRequests',
    'requests-unroutable': 'UnroutableRequests',
  }).map(([name, metric]): (typeof operatorAlarms)[number] => [
    name,
    [`Sum 5 ${own(metric, 'create')}`, `Sum 5 ${own(metric, 'reconcile')}`],
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ]),
  [
    'records-ambiguous',
    [`Maximum 15 ${own('AmbiguousRecords', 'reconcile')}`],
    'GreaterThanOrEqualToThreshold 1, 1 time',
    'notBreaching',
  ],
];
const allAlarms = [...operatorAlarms, ...brokerAlarms];

test.each(allAlarms)('%s watches the metric that it is named for', (name, watched, when, missing) => {
  const [alarm, ...more] = alarms.filter(({ AlarmName }) => AlarmName === `provider-call-prod-${name}`);
  if (alarm === undefined || more.length > 0) throw new Error('there is not one such alarm');
  const { ComparisonOperator, Threshold, EvaluationPeriods, TreatMissingData } = alarm;
  expect(watchedBy(alarm)).toEqual(watched);
  expect(
    `${ComparisonOperator} ${Threshold}, ${EvaluationPeriods} time${EvaluationPeriods > 1 ? 's' : ''}`,
  ).toBe(when);
  expect(TreatMissingData).toBe(missing);
  expect(alarm.AlarmActions).toEqual(['AlarmsTopic']);
  expect(alarm.OKActions).toEqual(['AlarmsTopic']);
});

test('these are all alarms for operators, and each notifies the topic that they subscribe to', () => {
  const namesOf = (stack: SynthesizedStack) =>
    alarmsOf(stack)
      .flatMap(({ AlarmName }) => AlarmName ?? [])
      .toSorted();
  const expected = (list: typeof operatorAlarms) =>
    list.map(([name]) => `provider-call-prod-${name}`).toSorted();
  expect(namesOf(brokered)).toEqual(expected(allAlarms));
  expect(namesOf(prod)).toEqual(expected(operatorAlarms));
});

test('docs/operations.md explains every alarm, and has the headings to which reconcile’s log line, the console and the command refer', () => {
  const operations = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const explained = [...operations.matchAll(/^\| `([a-z0-9-]+)` \| \w[^|]+ \| \S[^|]+ \|$/gm)].map(
    ([, name]) => name,
  );
  expect(explained.toSorted()).toEqual(allAlarms.map(([name]) => name).toSorted());
  expect(operations).toContain('\n### Records that stay unconfirmed\n');
  expect(operations).toContain('\n### Records with several candidates\n');
});

test('alarms can publish to their topic over TLS only, and notify the configured address', () => {
  const statements = [
    expect.objectContaining({
      Effect: 'Deny',
      Principal: '*',
      Action: 'sns:Publish',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
    {
      Sid: 'AllowAlarmsToPublish',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: 'AlarmsTopic',
      Condition: { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } },
    },
  ];
  expect(prod.ofType('AWS::SNS::TopicPolicy')).toMatchObject({
    AlarmsTopicPolicy: {
      properties: {
        Topics: ['AlarmsTopic'],
        PolicyDocument: { Statement: expect.arrayContaining(statements) },
      },
    },
  });
  expect(prod.ofType('AWS::SNS::Subscription')).toEqual({});
  const withAddress = synthesizeProviderCall({ ...PRODUCTION, alarmEmail: 'ops@example.com' });
  expect(Object.values(withAddress.ofType('AWS::SNS::Subscription'))).toMatchObject([
    { properties: { Protocol: 'email', Endpoint: 'ops@example.com', TopicArn: 'AlarmsTopic' } },
  ]);
});

const dashboardSchema = z.object({
  widgets: z.array(
    z.object({
      properties: z.object({
        title: z.string(),
        alarms: z.optional(z.array(z.string())),
        metrics: z.optional(z.array(z.array(z.unknown()))),
      }),
    }),
  ),
});

/** Graphs write a metric as [namespace, name, dimension, value, …, options]. */
function graphedMetric(row: unknown[]): string {
  const [Namespace = '', MetricName = '', ...rest] = row.filter((cell) => typeof cell === 'string');
  const Dimensions = rest.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: rest[at + 1] ?? '' }] : []));
  return metricText({ Namespace, MetricName, Dimensions });
}

function dashboardOf(stack: SynthesizedStack) {
  const [dashboard] = Object.values(stack.ofType('AWS::CloudWatch::Dashboard'));
  return dashboardSchema
    .parse(JSON.parse(z.string().parse(dashboard?.properties['DashboardBody'])))
    .widgets.map(({ properties }) => properties);
}

test('the dashboard shows every alarm for operators', () => {
  const shownIn = (stack: SynthesizedStack) => dashboardOf(stack)[0]?.alarms;
  expect(shownIn(prod)).toHaveLength(operatorAlarms.length);
  expect(shownIn(brokered)).toHaveLength(allAlarms.length);
});

test("the dashboard of a broker's deployment shows what its alarms watch", () => {
  const graphed = dashboardOf(brokered).flatMap(({ metrics = [] }) => metrics.map(graphedMetric));
  const watched = brokerAlarms.flatMap(([, metrics]) =>
    metrics.map((metric) => metric.replace(/^\w+ \d+ /, '')),
  );
  expect(graphed).toEqual(expect.arrayContaining(watched));
});

test('every metric that a function emits is in an alarm or graph under the same name', async () => {
  const authorizer = await startAuthorizer(JSON.stringify({ current: 'k'.repeat(32) }));
  const api = await startApi();
  const { handler: reconcile } = await import('../../functions/reconcile-provider-calls.ts');
  const output = captureOutput();

  await expect(authorizer.handle({})).rejects.toThrow('Unauthorized');
  await api.create(EXAMPLE_BODY);
  api.backend.respond = (response, request) =>
    (request.path === '/v1/calls' ? reset : platform)(response, request);
  await api.create(EXAMPLE_BODY);
  await api.list();
  await api.get(IDS.record);
  await api.delete(IDS.record);
  const longAgo = formatTimestamp(new Date(0));
  await api.store.insertIntent({
    intent: sampleIntent({ createdAt: longAgo, updatedAt: longAgo }),
    due: longAgo,
  });
  await reconcile({}, lambdaContext(120_000));
  await reconcile({}, lambdaContext(0));

  const lineSchema = z.object({
    _aws: z.optional(
      z.object({
        CloudWatchMetrics: z.array(
          z.object({ Namespace: z.string(), Metrics: z.array(z.object({ Name: z.string() })) }),
        ),
      }),
    ),
    Function: z.string(),
  });
  const emitted = new Set(
    output.flatMap((text) => {
      const line = lineSchema.parse(JSON.parse(text));
      return (line._aws?.CloudWatchMetrics ?? []).flatMap(({ Metrics }) =>
        Metrics.map(({ Name }) => own(Name, line.Function)),
      );
    }),
  );

  const named = new Set(
    [
      ...alarms
        .filter(({ AlarmName }) => AlarmName !== undefined)
        .flatMap(watchedBy)
        .map((watched) => watched.replace(/^\S+ \d+ /, '')),
      ...dashboardOf(prod).flatMap(({ metrics = [] }) => metrics.map(graphedMetric)),
    ].filter((metric) => metric.startsWith(`${METRIC_NAMESPACE} `)),
  );
  expect([...emitted].toSorted()).toEqual(
    expect.arrayContaining([
      own('CallsPlaced', 'create'),
      own('CallsUnconfirmed', 'create'),
      own('ReconcileRuns', 'reconcile'),
      own('ReconcileUnfinished', 'reconcile'),
      own('ServerErrors', 'create'),
    ]),
  );
  // The authorizer logs its cold starts only with rejections, so they are not shown.
  named.add(own('ColdStarts', 'authorize'));
  expect([...emitted].filter((metric) => !named.has(metric))).toEqual([]);
});

test('alarms and graphs use the metrics of their own stage', () => {
  expect(prod.text.match(/"Name":"Stage","Value":"prod"/g)?.length).toBeGreaterThan(0);
  expect(prod.text).not.toMatch(/"Name":"Stage","Value":"(?!prod")/);
});

test('the stack on one machine has no alarms', () => {
  const local = synthesizeProviderCall(ONE_MACHINE);
  for (const type of [
    'AWS::CloudWatch::Alarm',
    'AWS::CloudWatch::Dashboard',
    'AWS::CodeDeploy::DeploymentGroup',
  ]) {
    expect(local.ofType(type)).toEqual({});
  }
});
