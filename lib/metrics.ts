import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace, type metricUnits } from '../functions/log/metrics.ts';
import type { Operation } from '../functions/log/operation.ts';
import type { Settings } from './settings.ts';

type MetricName = keyof typeof metricUnits;

export const PERIOD = Duration.minutes(5);

/** What one function emits in its log lines. */
export const emitted = (
  { stage }: Settings,
  operation: Operation,
  metricName: MetricName,
  statistic = 'Sum',
  period = PERIOD,
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { Stage: stage, Function: operation },
    statistic,
    label: `${operation} ${statistic}`,
    period,
  });

/** The sum of metrics, in which one without data counts as 0. */
export const sumOf = (
  label: string,
  metrics: cloudwatch.IMetric[],
  period = PERIOD,
): cloudwatch.MathExpression => {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new cloudwatch.MathExpression({
    expression: Object.keys(named)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics: named,
    label,
    period,
  });
};
