import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace, type metricUnits } from '../functions/log/metrics.ts';
import type { Settings } from './settings.ts';
import type { SinglePurposeFunction } from './single-purpose-function.ts';

type MetricName = keyof typeof metricUnits;

export const PERIOD = Duration.minutes(5);

/** What one function emits in its log lines, over five minutes. */
export const emitted = (
  { stage }: Settings,
  source: SinglePurposeFunction,
  metricName: MetricName,
  statistic = 'Sum',
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { Stage: stage, Function: source.function.functionName },
    statistic,
    label: `${source.node.id} ${statistic}`,
    period: PERIOD,
  });

/** The sum of metrics, in which a function that emitted nothing counts as 0. */
export const sumOf = (label: string, metrics: cloudwatch.IMetric[]): cloudwatch.MathExpression => {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new cloudwatch.MathExpression({
    expression: Object.keys(named)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics: named,
    label,
    period: PERIOD,
  });
};
