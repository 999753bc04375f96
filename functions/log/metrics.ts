import type { Operation } from './operation.ts';

/** CloudWatch namespace of every metric; each has the dimensions Stage and Function. */
export const metricNamespace = 'ProviderCall';

/** The metrics that the functions emit, with their CloudWatch units. Alarms and dashboard are made of these. */
export const metricUnits = {
  Requests: 'Count',
  Latency: 'Milliseconds',
  ServerErrors: 'Count',
  ColdStarts: 'Count',
  CallsPlaced: 'Count',
  CallsUnconfirmed: 'Count',
  AuthorizerErrors: 'Count',
  ReconcileRuns: 'Count',
  ReconcileFailures: 'Count',
  OpenRecords: 'Count',
  UnsettledAfterDay: 'Count',
} as const;

export type Metrics = Partial<Record<keyof typeof metricUnits, number>>;

const unitOf: Readonly<Record<string, string>> = metricUnits;

/**
 * The metrics in CloudWatch's embedded metric format: a log line that carries these members is read as metrics, at no
 * cost to the request.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const embeddedMetrics = (metrics: Metrics, stage: string, operation: Operation, now: Date) => ({
  _aws: {
    Timestamp: now.getTime(),
    CloudWatchMetrics: [
      {
        Namespace: metricNamespace,
        Dimensions: [['Stage', 'Function']],
        Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: unitOf[Name] })),
      },
    ],
  },
  Stage: stage,
  Function: operation,
  ...metrics,
});
