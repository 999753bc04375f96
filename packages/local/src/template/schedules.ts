import { StartError } from '../start-error.ts';
import type { StackTemplate } from './assembly.ts';
import { unqualifiedArn } from './functions.ts';
import { arnOf, type StackLocation } from './location.ts';
import type { References } from './references.ts';
import { resourcesOfType } from './resources-of-type.ts';

/** A function that EventBridge runs at a fixed rate. */
export type ScheduleDefinition = {
  /** ARN of the rule or schedule, which the event names. */
  arn: string;
  functionArn: string;
  everyMs: number;
  /** The event, if the template specifies it; undefined means EventBridge's own. */
  input: string | undefined;
};

/** Returns the template's enabled EventBridge rules and Scheduler schedules; rules that match events are not run. */
export function readSchedules(
  template: StackTemplate,
  references: References,
  location: StackLocation,
): ScheduleDefinition[] {
  const functionArn = (target: { Arn?: unknown }) => unqualifiedArn(references.resolveString(target.Arn));
  const rules = resourcesOfType(template, 'AWS::Events::Rule')
    .filter(([, { State }]) => State === 'ENABLED')
    .flatMap(([logicalId, { ScheduleExpression, Targets }]) =>
      ScheduleExpression === undefined
        ? []
        : Targets.map((target) => ({
            arn: arnOf(location, 'events', `rule/${logicalId}`),
            functionArn: functionArn(target),
            everyMs: intervalOf(ScheduleExpression, logicalId),
            input: target.Input,
          })),
    );
  const schedules = resourcesOfType(template, 'AWS::Scheduler::Schedule')
    .filter(([, { State }]) => State === 'ENABLED')
    .map(([logicalId, { ScheduleExpression, Target }]) => ({
      arn: arnOf(location, 'scheduler', `schedule/default/${logicalId}`),
      functionArn: functionArn(Target),
      everyMs: intervalOf(ScheduleExpression, logicalId),
      input: Target.Input,
    }));
  return [...rules, ...schedules];
}

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function intervalOf(expression: string, logicalId: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = unit === undefined ? undefined : UNIT_MS[unit];
  if (ms === undefined) throw new StartError(`not emulated on one machine: ${logicalId} ${expression}`);
  return Number(count) * ms;
}
