import { expect, test } from 'vitest';
import { parseResources, type StackTemplate } from '../../src/template/assembly.ts';
import { createReferences } from '../../src/template/references.ts';
import { readSchedules } from '../../src/template/schedules.ts';

const LOCATION = { region: 'us-east-1', accountId: '000000000000', stackName: 'S' };
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';

function schedulesOf(Resources: object) {
  const template: StackTemplate = {
    stackName: 'S',
    resources: parseResources({ Resources }),
    assetDirectories: new Map(),
  };
  return readSchedules(template, createReferences(template, LOCATION), LOCATION);
}

function rule(properties: object) {
  return {
    Type: 'AWS::Events::Rule',
    Properties: { Targets: [{ Arn: `${FUNCTION_ARN}:live`, Id: 't' }], ...properties },
  };
}

test.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(2 hours)', 7_200_000],
  ['rate(1 day)', 86_400_000],
])('the schedule %s is read', (ScheduleExpression, everyMs) => {
  expect(schedulesOf({ R: rule({ ScheduleExpression }) })).toEqual([
    {
      arn: 'arn:aws:events:us-east-1:000000000000:rule/R',
      functionArn: FUNCTION_ARN,
      everyMs,
      input: undefined,
    },
  ]);
});

test('a schedule of EventBridge Scheduler is read with its input', () => {
  const Target = { Arn: FUNCTION_ARN, RoleArn: 'r', Input: '{"a":1}' };
  expect(
    schedulesOf({
      S: { Type: 'AWS::Scheduler::Schedule', Properties: { ScheduleExpression: 'rate(1 hour)', Target } },
    }),
  ).toEqual([
    {
      arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/S',
      functionArn: FUNCTION_ARN,
      everyMs: 3_600_000,
      input: '{"a":1}',
    },
  ]);
});

test('rules that are disabled or wait for events are left out', () => {
  expect(
    schedulesOf({
      Off: rule({ ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' }),
      Event: rule({ EventPattern: { source: ['x'] } }),
    }),
  ).toEqual([]);
});

test.each(['cron(0 * * * ? *)', 'rate(5 fortnights)', 'at(2026-01-01T00:00:00)'])(
  'the schedule %s is rejected',
  (ScheduleExpression) => {
    expect(() => schedulesOf({ R: rule({ ScheduleExpression }) })).toThrow(
      `not emulated on one machine: R ${ScheduleExpression}`,
    );
  },
);
