import type { Operation } from './operation.ts';

/** CloudWatch namespace of every metric; each has the dimensions Stage and Function. */
export const METRIC_NAMESPACE = 'ProviderCall';

/**
 * The metrics that the functions emit. Alarms and dashboard use these, and Lambda's own count and duration of
 * invocations. All are counts.
 */
export type MetricName =
  | 'ServerErrors'
  | 'ColdStarts'
  | 'CallsPlaced'
  | 'CallsUnconfirmed'
  | 'AuthorizerErrors'
  | 'ReconcileRuns'
  | 'ReconcileFailures'
  | 'OpenRecords'
  | 'UnsettledAfterDay'
  | 'ReconcileUnfinished'
  | 'AmbiguousRecords'
  | 'BrokerConnectionFailures'
  | 'ExpiredRequests'
  | 'UnroutableRequests';

export type Metrics = Partial<Record<MetricName, number>>;

/** Members of a log line. Without a metric there is only the function's name. */
export type EmbeddedMetrics = {
  Function: Operation;
  Stage?: string;
  Version?: string;
  _aws?: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string }[];
    }[];
  };
} & Metrics;

/**
 * Returns the metrics that are not zero in CloudWatch's embedded metric format: CloudWatch reads a log line with these
 * members as metrics, which costs the request only the bytes of the line. Values that are not emitted count as 0
 * (`FILL`). Failures also have the version as a dimension, so that a deployment can distinguish its own from those of
 * the old version.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(
  metrics: Metrics,
  stage: string,
  operation: Operation,
  version: string,
  now: Date,
): EmbeddedMetrics {
  const emitted = Object.entries(metrics).filter(([, value]) => value);
  const dimensions = ['Stage', 'Function'];
  return {
    Function: operation,
    ...(emitted[0] && {
      _aws: {
        Timestamp: now.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: METRIC_NAMESPACE,
            // Errors by version too: a deployment is rolled back on these.
            Dimensions: emitted.some(([name]) => /Errors$/.test(name))
              ? [dimensions, [...dimensions, 'Version']]
              : [dimensions],
            Metrics: emitted.map(([Name]) => ({ Name })),
          },
        ],
      },
      Stage: stage,
      Version: version,
      ...Object.fromEntries(emitted),
    }),
  };
}
