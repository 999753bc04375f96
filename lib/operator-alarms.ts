import { Duration, Stack } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PROVIDER_CALL_ROUTES } from '../contract/routes.ts';
import { emitted, sumOf } from './metrics.ts';
import type { ProviderCallFunctions } from './provider-call-functions.ts';
import type { Settings } from './settings.ts';

export type OperatorAlarmsProps = {
  settings: Settings;
  functions: ProviderCallFunctions;
  restApi: apigateway.RestApi;
  deadLetters: sqs.Queue;
};

type AlarmRule = {
  name: string;
  meaning: string;
  metric: cloudwatch.IMetric;
  threshold: number;
  comparison?: cloudwatch.ComparisonOperator;
  /** Periods of the metric in a row. */
  periods?: number;
  missing?: cloudwatch.TreatMissingData;
};

/** A create that takes longer is worth a look: it has at most 28 s, and a call that is placed takes well under one. */
const SLOW_CREATE_MS = 5_000;

/**
 * The window of what reconcile finds open. It puts back by five minutes what it cannot settle, and so meets it in every
 * second of its runs: an alarm over five minutes would come and go with every run.
 */
const OPEN_WINDOW = Duration.minutes(15);

/** The alarms that docs/operations.md explains one by one, on one topic. */
export class OperatorAlarms extends Construct {
  readonly topic: sns.Topic;
  readonly all: cloudwatch.Alarm[];

  constructor(
    scope: Construct,
    id: string,
    { settings, functions, restApi, deadLetters }: OperatorAlarmsProps,
  ) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', { enforceSSL: true });
    // The policy that asks for TLS takes the place of the one by which the account's alarms could publish.
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AllowAlarmsToPublish',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (settings.alarmEmail !== null) {
      this.topic.addSubscription(new EmailSubscription(settings.alarmEmail));
    }
    const answering = PROVIDER_CALL_ROUTES.map(({ operation }) => operation);
    const rules: AlarmRule[] = [
      {
        name: 'server-errors',
        meaning: 'Functions answered with a 5xx',
        metric: sumOf(
          'ServerErrors',
          answering.map((operation) => emitted(settings, operation, 'ServerErrors')),
        ),
        threshold: 3,
      },
      {
        name: 'gateway-5xx',
        meaning: 'The API answered with a 5xx, one that no function saw included',
        metric: restApi.metricServerError({ statistic: 'Sum' }),
        threshold: 3,
      },
      {
        name: 'throttles',
        meaning: 'Lambda turned calls of functions away',
        metric: sumOf(
          'Throttles',
          functions.all.map((source) => source.function.metricThrottles()),
        ),
        threshold: 1,
      },
      {
        name: 'unconfirmed',
        meaning: 'It is not known of some calls whether they were placed, neither to create nor to reconcile',
        metric: sumOf(
          'Unconfirmed',
          [
            emitted(settings, 'create', 'CallsUnconfirmed', 'Sum', OPEN_WINDOW),
            emitted(settings, 'reconcile', 'OpenRecords', 'Maximum', OPEN_WINDOW),
          ],
          OPEN_WINDOW,
        ),
        threshold: 1,
      },
      {
        name: 'unsettled-after-day',
        meaning: 'A record has been unconfirmed for more than a day',
        metric: emitted(settings, 'reconcile', 'UnsettledAfterDay', 'Maximum', OPEN_WINDOW),
        threshold: 1,
      },
      {
        name: 'reconcile-failing',
        meaning: 'Reconcile failed in three runs one after another',
        metric: emitted(settings, 'reconcile', 'ReconcileFailures'),
        threshold: 1,
        periods: 3,
      },
      {
        name: 'reconcile-idle',
        meaning: 'Reconcile has not run for a quarter of an hour',
        metric: emitted(settings, 'reconcile', 'ReconcileRuns'),
        threshold: 1,
        comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        missing: cloudwatch.TreatMissingData.BREACHING,
      },
      {
        name: 'create-latency',
        meaning: `One create in twenty took more than ${SLOW_CREATE_MS / 1000} s`,
        metric: emitted(settings, 'create', 'Latency', 'p95'),
        threshold: SLOW_CREATE_MS,
        comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        periods: 3,
      },
      {
        name: 'authorizer-errors',
        meaning: 'The authorizer could not decide: secret, table or key set out of reach',
        metric: emitted(settings, 'authorize', 'AuthorizerErrors'),
        threshold: 1,
      },
      {
        name: 'events-undelivered',
        meaning: 'Changes that could not be published lie in the dead-letter queue',
        metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
        threshold: 1,
      },
    ];
    this.all = rules.map((rule) => this.alarm(settings, rule));
  }

  private alarm({ stage }: Settings, rule: AlarmRule): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, rule.name, {
      alarmName: `provider-call-${stage}-${rule.name}`,
      alarmDescription: `${rule.meaning} (docs/operations.md)`,
      metric: rule.metric,
      threshold: rule.threshold,
      comparisonOperator: rule.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: rule.periods ?? 1,
      treatMissingData: rule.missing ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }
}
