import { Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { PROVIDER_CALL_ROUTES } from '../contract/routes.ts';
import type { DurableTable } from './durable-table.ts';
import { emitted, PERIOD } from './metrics.ts';
import type { ProviderCallFunctions } from './provider-call-functions.ts';
import type { Settings } from './settings.ts';

export type OperatorDashboardProps = {
  settings: Settings;
  functions: ProviderCallFunctions;
  restApi: apigateway.RestApi;
  providerCalls: DurableTable;
  alarms: cloudwatch.Alarm[];
};

/** One page: is it well, what is it doing, what is left open, what does it take. */
export class OperatorDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OperatorDashboardProps) {
    super(scope, id);
    const { settings, functions, restApi, providerCalls, alarms } = props;
    const answering = PROVIDER_CALL_ROUTES.map(({ operation }) => operation);
    const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
      new cloudwatch.GraphWidget({ title, left, right, width: 12, height: 6, period: PERIOD });

    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `provider-call-${settings.stage}`,
      defaultInterval: Duration.days(1),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 3 })],
        [
          graph(
            'Requests',
            answering.map((operation) => emitted(settings, operation, 'Requests')),
          ),
          graph(
            '5xx by function; 4xx and 5xx of the API at the right',
            answering.map((operation) => emitted(settings, operation, 'ServerErrors')),
            [
              restApi.metricClientError({ statistic: 'Sum' }),
              restApi.metricServerError({ statistic: 'Sum' }),
            ],
          ),
        ],
        [
          graph('Create, milliseconds', [
            emitted(settings, 'create', 'Latency', 'p50'),
            emitted(settings, 'create', 'Latency', 'p95'),
            emitted(settings, 'create', 'Latency', 'p99'),
          ]),
          graph(
            'The others, 95th percentile, milliseconds',
            (['get', 'list', 'delete', 'authorize'] as const).map((operation) =>
              emitted(settings, operation, 'Latency', 'p95'),
            ),
          ),
        ],
        [
          graph('Calls placed, calls unconfirmed', [
            emitted(settings, 'create', 'CallsPlaced'),
            emitted(settings, 'create', 'CallsUnconfirmed'),
          ]),
          graph(
            'Reconcile: runs and failures; open records at the right',
            [
              emitted(settings, 'reconcile', 'ReconcileRuns'),
              emitted(settings, 'reconcile', 'ReconcileFailures'),
            ],
            [
              emitted(settings, 'reconcile', 'OpenRecords', 'Maximum'),
              emitted(settings, 'reconcile', 'UnsettledAfterDay', 'Maximum'),
            ],
          ),
        ],
        [
          graph(
            'Cold starts; throttled at the right',
            ([...answering, 'authorize'] as const).map((operation) =>
              emitted(settings, operation, 'ColdStarts'),
            ),
            functions.all.map((source) => source.function.metricThrottles()),
          ),
          graph(
            'Table: read and write units',
            [providerCalls.table.metricConsumedReadCapacityUnits()],
            [providerCalls.table.metricConsumedWriteCapacityUnits()],
          ),
        ],
      ],
    });
  }
}
