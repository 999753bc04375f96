import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { PROVIDER_CALL_ROUTES } from '../contract/routes.ts';
import { METRIC_NAMESPACE, type MetricName } from '../functions/log/metrics.ts';
import type { Operation } from '../functions/log/operation.ts';
import type { Settings } from './settings.ts';

/** The functions that respond to requests for records. */
export const REQUEST_OPERATIONS = PROVIDER_CALL_ROUTES.map(({ operation }) => operation);

/** The functions that call backends. */
export const BACKEND_OPERATIONS = ['create', 'reconcile'] as const;

/** The period of a metric in alarms and dashboard, unless another one is named. */
export const PERIOD = Duration.minutes(5);

/** How a metric is aggregated. */
export type EmittedMetricOptions = {
  statistic?: string;
  period?: Duration;
  /** One version of the function; without it, all versions together. */
  version?: string;
};

/** Returns a metric that one function emits in its log lines. */
export function emittedMetric(
  { stage }: Settings,
  operation: Operation,
  metricName: MetricName,
  { statistic = 'Sum', period = PERIOD, version }: EmittedMetricOptions = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: {
      Stage: stage,
      Function: operation,
      ...(version !== undefined && { Version: version }),
    },
    statistic,
    label: `${operation} ${statistic}`,
    period,
  });
}

/** Returns the sum of metrics, where a metric without data counts as 0. */
export function sumOf(
  label: string,
  metrics: cloudwatch.IMetric[],
  period = PERIOD,
): cloudwatch.MathExpression {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const expression = Object.keys(named)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new cloudwatch.MathExpression({ expression, usingMetrics: named, label, period });
}

/** Returns a metric in which missing data points repeat the last one before them. */
export function repeated(label: string, metric: cloudwatch.IMetric): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: 'FILL(m0, REPEAT)',
    usingMetrics: { m0: metric },
    label,
    period: PERIOD,
  });
}
