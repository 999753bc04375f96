import { Duration, Stack } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { MetricName } from '../functions/log/metrics.ts';
import { BACKEND_OPERATIONS, emittedMetric, PERIOD, REQUEST_OPERATIONS, repeated, sumOf } from './metrics.ts';
import type { ProviderCallFunctions } from './provider-call-functions.ts';
import type { Settings } from './settings.ts';

export type OperatorAlarmsProps = {
  settings: Settings;
  functions: ProviderCallFunctions;
  restApi: apigateway.RestApi;
  deadLetters: sqs.Queue;
};

/** A create that takes longer is worth a look: it may take 28 s, but a successful one takes well under one. */
const SLOW_CREATE_MS = 5_000;

/**
 * The window for open records. Each run of reconcile counts them, but runs are five minutes apart and do not start
 * exactly on time: an alarm over five minutes would come and go whenever a run is late.
 */
const OPEN_WINDOW = Duration.minutes(15);

/** The alarms, which docs/operations.md explains one by one, all on one topic. */
export class OperatorAlarms extends Construct {
  readonly topic: sns.Topic;
  readonly all: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: OperatorAlarmsProps) {
    super(scope, id);
    this.topic = this.createTopic(props.settings);
    this.all = rulesOf(props).map((rule) => this.createAlarm(props.settings, rule));
  }

  private createTopic({ alarmEmail }: Settings): sns.Topic {
    const topic = new sns.Topic(this, 'Topic', { enforceSSL: true });
    // The policy that requires TLS replaces the default one, which lets the account's alarms publish.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AllowAlarmsToPublish',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (alarmEmail !== null) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }

  private createAlarm({ stage }: Settings, rule: AlarmRule): cloudwatch.Alarm {
    const { periods = 1, breachingPeriods = periods } = rule;
    const alarm = new cloudwatch.Alarm(this, rule.name, {
      alarmName: `provider-call-${stage}-${rule.name}`,
      alarmDescription: `${rule.meaning} (docs/operations.md)`,
      metric: rule.metric,
      threshold: rule.threshold,
      comparisonOperator: rule.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: breachingPeriods,
      treatMissingData: rule.missing ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }
}

type AlarmRule = {
  name: string;
  meaning: string;
  metric: cloudwatch.IMetric;
  threshold: number;
  comparison?: cloudwatch.ComparisonOperator;
  /** How many of the metric's periods are evaluated; one by default. */
  periods?: number;
  /** How many of them must breach; all by default. */
  breachingPeriods?: number;
  missing?: cloudwatch.TreatMissingData;
};

/**
 * Missing data points of every metric here are filled in. Otherwise CloudWatch looks further back than the evaluation
 * periods, so an alarm on a metric that is emitted only when something is wrong would stay on for two more periods, and
 * an alarm on missing data would come two periods late (CloudWatch User Guide, "Configuring how CloudWatch alarms treat
 * missing data").
 */
function rulesOf({ settings, functions, restApi, deadLetters }: OperatorAlarmsProps): AlarmRule[] {
  const rules: AlarmRule[] = [
    {
      name: 'server-errors',
      meaning: 'Functions responded with a 5xx',
      metric: sumOf(
        'ServerErrors',
        REQUEST_OPERATIONS.map((operation) => emittedMetric(settings, operation, 'ServerErrors')),
      ),
      threshold: 3,
    },
    {
      name: 'gateway-5xx',
      meaning: 'The API responded with a 5xx, including one that no function saw',
      metric: sumOf('5xx', [restApi.metricServerError({ statistic: 'Sum' })]),
      threshold: 3,
    },
    {
      name: 'throttles',
      meaning: 'Lambda rejected invocations of functions',
      metric: sumOf(
        'Throttles',
        functions.all.map((source) => source.function.metricThrottles()),
      ),
      threshold: 1,
    },
    {
      name: 'unconfirmed',
      meaning: 'Neither create nor reconcile knows whether some calls were placed',
      metric: sumOf(
        'Unconfirmed',
        [
          emittedMetric(settings, 'create', 'CallsUnconfirmed', { period: OPEN_WINDOW }),
          emittedMetric(settings, 'reconcile', 'OpenRecords', { statistic: 'Maximum', period: OPEN_WINDOW }),
        ],
        OPEN_WINDOW,
      ),
      threshold: 1,
    },
    {
      name: 'unsettled-after-day',
      meaning: 'A record has been unconfirmed for more than a day',
      metric: sumOf(
        'UnsettledAfterDay',
        [
          emittedMetric(settings, 'reconcile', 'UnsettledAfterDay', {
            statistic: 'Maximum',
            period: OPEN_WINDOW,
          }),
        ],
        OPEN_WINDOW,
      ),
      threshold: 1,
    },
    {
      name: 'reconcile-failing',
      meaning: 'Reconcile failed in three runs in a row',
      metric: sumOf('ReconcileFailures', [emittedMetric(settings, 'reconcile', 'ReconcileFailures')]),
      threshold: 1,
      periods: 3,
    },
    {
      name: 'reconcile-unfinished',
      meaning: 'Reconcile ran out of time in three runs in a row, leaving records that were due',
      metric: sumOf('ReconcileUnfinished', [emittedMetric(settings, 'reconcile', 'ReconcileUnfinished')]),
      threshold: 1,
      periods: 3,
    },
    {
      name: 'reconcile-idle',
      meaning: 'Reconcile has not run for a quarter of an hour',
      metric: sumOf('ReconcileRuns', [emittedMetric(settings, 'reconcile', 'ReconcileRuns')]),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
      missing: cloudwatch.TreatMissingData.BREACHING,
    },
    {
      name: 'create-latency',
      meaning: `One create in twenty took more than ${SLOW_CREATE_MS / 1000} s`,
      metric: sumOf('p95', [functions.create.function.metricDuration({ statistic: 'p95', period: PERIOD })]),
      threshold: SLOW_CREATE_MS,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      periods: 3,
      breachingPeriods: 2,
    },
    {
      name: 'authorizer-errors',
      meaning: 'The authorizer could not decide: it could not reach the secret, the table or the key set',
      metric: sumOf('AuthorizerErrors', [emittedMetric(settings, 'authorize', 'AuthorizerErrors')]),
      threshold: 1,
    },
    {
      name: 'events-undelivered',
      meaning: 'Changes that could not be published are in the dead-letter queue',
      // A gauge: between two data points, the queue is assumed to be as full as before.
      metric: repeated(
        'Messages',
        deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      ),
      threshold: 1,
    },
    ...(settings.backends?.transport === 'amqp' ? brokerRules(settings) : []),
  ];
  // In a stand-by, reconcile does not run, and create accepts no requests.
  const silent = settings.standby ? ['reconcile-idle', 'throttles'] : [];
  return rules.filter(({ name }) => !silent.includes(name));
}

/** Failures that can occur only where a message broker is between us and the backends. */
function brokerRules(settings: Settings): AlarmRule[] {
  const failures = (name: string, meaning: string, metricName: MetricName): AlarmRule => ({
    name,
    meaning,
    metric: sumOf(
      metricName,
      BACKEND_OPERATIONS.map((operation) => emittedMetric(settings, operation, metricName)),
    ),
    threshold: 1,
  });
  return [
    failures(
      'broker-connections',
      'The broker could not be reached, refused us or lost our connection',
      'BrokerConnectionFailures',
    ),
    failures('requests-expired', 'No manager replied in time', 'ExpiredRequests'),
    failures('requests-unroutable', "The broker does not have a manager's queue", 'UnroutableRequests'),
    {
      name: 'records-ambiguous',
      meaning: 'Several sets of calls may belong to an unconfirmed record: an operator has to decide',
      metric: sumOf(
        'AmbiguousRecords',
        [
          emittedMetric(settings, 'reconcile', 'AmbiguousRecords', {
            statistic: 'Maximum',
            period: OPEN_WINDOW,
          }),
        ],
        OPEN_WINDOW,
      ),
      threshold: 1,
    },
  ];
}
