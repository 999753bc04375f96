import { Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MetricName } from '../functions/log/metrics.ts';
import type { DurableTable } from './durable-table.ts';
import { BACKEND_OPERATIONS, emittedMetric, PERIOD, REQUEST_OPERATIONS } from './metrics.ts';
import type { ProviderCallFunctions } from './provider-call-functions.ts';
import type { Settings } from './settings.ts';

export type OperatorDashboardProps = {
  settings: Settings;
  functions: ProviderCallFunctions;
  restApi: apigateway.RestApi;
  providerCalls: DurableTable;
  alarms: cloudwatch.Alarm[];
};

/** One page: the system's health, its traffic, its open records and its latencies. */
export class OperatorDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OperatorDashboardProps) {
    super(scope, id);
    const { settings, functions, restApi, providerCalls, alarms } = props;

    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `provider-call-${settings.stage}`,
      defaultInterval: Duration.days(1),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 3 })],
        [
          graph(
            'Requests',
            REQUEST_OPERATIONS.map((operation) =>
              functions[operation].function.metricInvocations({ label: operation }),
            ),
          ),
          graph(
            '5xx by function; 4xx and 5xx of the API at the right',
            REQUEST_OPERATIONS.map((operation) => emittedMetric(settings, operation, 'ServerErrors')),
            [
              restApi.metricClientError({ statistic: 'Sum' }),
              restApi.metricServerError({ statistic: 'Sum' }),
            ],
          ),
        ],
        [
          graph(
            'Create, milliseconds',
            ['p50', 'p95', 'p99'].map((statistic) =>
              functions.create.function.metricDuration({ statistic, label: statistic }),
            ),
          ),
          graph(
            'The others, 95th percentile, milliseconds',
            (['get', 'list', 'delete', 'authorize'] as const).map((operation) =>
              functions[operation].function.metricDuration({ statistic: 'p95', label: operation }),
            ),
          ),
        ],
        [
          graph('Calls placed, calls unconfirmed', [
            emittedMetric(settings, 'create', 'CallsPlaced'),
            emittedMetric(settings, 'create', 'CallsUnconfirmed'),
          ]),
          graph(
            'Reconcile: runs, failures, unfinished runs; open records at the right',
            [
              emittedMetric(settings, 'reconcile', 'ReconcileRuns'),
              emittedMetric(settings, 'reconcile', 'ReconcileFailures'),
              emittedMetric(settings, 'reconcile', 'ReconcileUnfinished'),
            ],
            [
              emittedMetric(settings, 'reconcile', 'OpenRecords', { statistic: 'Maximum' }),
              emittedMetric(settings, 'reconcile', 'UnsettledAfterDay', { statistic: 'Maximum' }),
            ],
          ),
        ],
        [
          graph(
            'Cold starts; throttled at the right',
            REQUEST_OPERATIONS.map((operation) => emittedMetric(settings, operation, 'ColdStarts')),
            functions.all.map((source) => source.function.metricThrottles()),
          ),
          graph(
            'Table: read and write units',
            [providerCalls.table.metricConsumedReadCapacityUnits()],
            [providerCalls.table.metricConsumedWriteCapacityUnits()],
          ),
        ],
        ...(settings.backends?.transport === 'amqp' ? [brokerGraphs(settings)] : []),
      ],
    });
  }
}

function brokerGraphs(settings: Settings): cloudwatch.IWidget[] {
  const both = (metricName: MetricName) =>
    BACKEND_OPERATIONS.map((operation) => emittedMetric(settings, operation, metricName));
  return [
    graph(
      'Broker: failed connections; requests without a queue at the right',
      both('BrokerConnectionFailures'),
      both('UnroutableRequests'),
    ),
    graph('Requests without a reply; ambiguous records at the right', both('ExpiredRequests'), [
      emittedMetric(settings, 'reconcile', 'AmbiguousRecords', { statistic: 'Maximum' }),
    ]),
  ];
}

function graph(
  title: string,
  left: cloudwatch.IMetric[],
  right: cloudwatch.IMetric[] = [],
): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, right, width: 12, height: 6, period: PERIOD });
}
