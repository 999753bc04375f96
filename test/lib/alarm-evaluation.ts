/*
 * How CloudWatch evaluates an alarm on metrics of a minute or more, as documented: once a minute, over periods
 * that end at that minute ("Evaluating an alarm"), with more data points than the evaluation periods where some
 * are missing ("Configuring how CloudWatch alarms treat missing data"). The documentation says only that more
 * data points are read than evaluation periods, and shows five for three periods; here there are two more than
 * evaluation periods.
 */

const MORE_POINTS = 2;

export type AlarmDefinition = {
  name: string;
  /** `FILL(m0, 0) + FILL(m1, 0)`, `FILL(m0, REPEAT)`, or `m0` for an alarm on a metric as it is. */
  expression: string;
  metrics: Record<string, { metric: string; statistic: string }>;
  periodMinutes: number;
  comparison: string;
  threshold: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: string;
};

/** The values that a metric has in the minute that ends at `minute`. */
export type Emissions = (metric: string, minute: number) => number[];

type Point = number | undefined;

/** Returns whether the alarm is on, at one minute. */
export function isAlarming(alarm: AlarmDefinition, emissions: Emissions, minute: number): boolean {
  const points = evaluateExpression(alarm, emissions, minute).filter((point) => point !== undefined);
  // Where data points are missing, the newest existing ones count, however old they are within the range.
  const newest = points.slice(0, alarm.evaluationPeriods);
  const missing = alarm.evaluationPeriods - newest.length;
  const breaching = newest.filter((point) => isBreaching(alarm, point)).length;
  const breachingByFill = alarm.treatMissingData === 'breaching' ? missing : 0;
  return breaching + breachingByFill >= alarm.datapointsToAlarm;
}

/** The data points of the alarm's range, the newest first. */
function evaluateExpression(alarm: AlarmDefinition, emissions: Emissions, minute: number): Point[] {
  const terms = alarm.expression.split(' + ').map((term) => {
    const [, filled, filler, bare] = /^(?:FILL\((\w+), (0|REPEAT)\)|(\w+))$/.exec(term) ?? [];
    const id = filled ?? bare;
    if (id === undefined) throw new Error(`${alarm.name}: cannot evaluate ${term}`);
    const points = pointsOf(alarm, id, emissions, minute);
    return filler === undefined ? points : fill(points, filler);
  });
  return (terms[0] ?? []).map((_, at) => {
    const values = terms.map((points) => points[at]);
    return values.every((value) => value !== undefined)
      ? values.reduce((sum, value) => sum + value, 0)
      : undefined;
  });
}

function pointsOf(alarm: AlarmDefinition, id: string, emissions: Emissions, minute: number): Point[] {
  const source = alarm.metrics[id];
  if (source === undefined) throw new Error(`${alarm.name} has no metric ${id}`);
  return Array.from({ length: alarm.evaluationPeriods + MORE_POINTS }, (_, back) => {
    const end = minute - back * alarm.periodMinutes;
    const values = Array.from({ length: alarm.periodMinutes }, (_unused, at) =>
      emissions(source.metric, end - at),
    ).flat();
    return values.length === 0 ? undefined : statisticOf(source.statistic, values);
  });
}

function fill(newestFirst: Point[], filler: string): Point[] {
  if (filler === '0') return newestFirst.map((point) => point ?? 0);
  return newestFirst.map((point, at) => point ?? newestFirst.slice(at).find((older) => older !== undefined));
}

function statisticOf(statistic: string, values: number[]): number {
  if (statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  if (statistic === 'Maximum') return Math.max(...values);
  const [, percent] = /^p(\d+)$/.exec(statistic) ?? [];
  if (percent === undefined) throw new Error(`cannot compute ${statistic}`);
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * Number(percent)) / 100) - 1] ?? Number.NaN;
}

function isBreaching({ comparison, threshold, name }: AlarmDefinition, point: number): boolean {
  if (comparison === 'GreaterThanOrEqualToThreshold') return point >= threshold;
  if (comparison === 'GreaterThanThreshold') return point > threshold;
  if (comparison === 'LessThanThreshold') return point < threshold;
  throw new Error(`${name}: cannot compare by ${comparison}`);
}
