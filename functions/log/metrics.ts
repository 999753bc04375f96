import type { Operation } from './operation.ts';

/** CloudWatch namespace of every metric; each has the dimensions Stage and Function. */
export const METRIC_NAMESPACE = 'ProviderCall';

/** The metrics that the functions emit. Alarms and dashboard are made of these. */
export type MetricName =
  | 'Requests'
  | 'Latency'
  | 'ServerErrors'
  | 'ColdStarts'
  | 'CallsPlaced'
  | 'CallsUnconfirmed'
  | 'AuthorizerErrors'
  | 'ReconcileRuns'
  | 'ReconcileFailures'
  | 'OpenRecords'
  | 'UnsettledAfterDay'
  | 'ReconcileUnfinished';

/** Counts, except Latency, which is in milliseconds. */
export type Metrics = Partial<Record<MetricName, number>>;

/**
 * Returns the metrics in CloudWatch's embedded metric format: a log line with these members is read as metrics, at no
 * cost to the request.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(metrics: Metrics, stage: string, operation: Operation, now: Date) {
  return {
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['Stage', 'Function']],
          Metrics: Object.keys(metrics).map((Name) => ({
            Name,
            Unit: Name === 'Latency' ? 'Milliseconds' : 'Count',
          })),
        },
      ],
    },
    Stage: stage,
    Function: operation,
    ...metrics,
  };
}
