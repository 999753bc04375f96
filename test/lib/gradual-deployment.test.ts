import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { PRODUCTION, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);
const REQUESTS = ['Create', 'Get', 'List', 'Delete'];

test('new code of each function gets a tenth of the requests first, and is rolled back by the alarm of its version', () => {
  const group = (name: string) => [
    `Deployment${name}`,
    expect.objectContaining({
      properties: expect.objectContaining({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AlarmConfiguration: { Enabled: true, Alarms: [{ Name: `Deployment${name}Errors` }] },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
        },
      }),
    }),
  ];
  expect(prod.ofType('AWS::CodeDeploy::DeploymentGroup')).toEqual(
    Object.fromEntries(['Authorize', ...REQUESTS, 'Reconcile'].map(group)),
  );
});

const alarmSchema = z.object({
  Metrics: z.array(
    z.object({
      MetricStat: z.optional(
        z.object({
          Metric: z.object({
            Namespace: z.string(),
            MetricName: z.string(),
            Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
          }),
          Period: z.number(),
        }),
      ),
    }),
  ),
  Threshold: z.number(),
  TreatMissingData: z.string(),
});

/** What a function's alarm counts in a minute: "Namespace Metric {Dimension=value}". */
function countedFor(name: string): string[] {
  const { Metrics, Threshold, TreatMissingData } = alarmSchema.parse(
    prod.ofType('AWS::CloudWatch::Alarm')[`Deployment${name}Errors`]?.properties,
  );
  expect({ Threshold, TreatMissingData }).toEqual({ Threshold: 1, TreatMissingData: 'notBreaching' });
  return Metrics.flatMap(({ MetricStat }) => {
    if (MetricStat === undefined) return [];
    const { Metric, Period } = MetricStat;
    expect(Period).toBe(60);
    const dimensions = Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).toSorted();
    return [`${Metric.Namespace} ${Metric.MetricName} {${dimensions.join(', ')}}`];
  });
}

function version(name: string) {
  return `Functions${name}FunctionCurrentVersion.Version`;
}
function crashes(name: string) {
  return `AWS/Lambda Errors {ExecutedVersion=${version(name)}, FunctionName=${name}Function, Resource=${name}Function:live}`;
}

test.each(REQUESTS)(
  '%s is rolled back by a 5xx or a crash of the deployed version, not of the one before',
  (name) => {
    const reported = `ProviderCall ServerErrors {Function=${name.toLowerCase()}, Stage=prod, Version=${version(name)}}`;
    expect(countedFor(name)).toEqual([reported, crashes(name)]);
  },
);

test('the authorizer is rolled back only by errors that it reports, because it rejects tokens by failing', () => {
  expect(countedFor('Authorize')).toEqual([
    `ProviderCall AuthorizerErrors {Function=authorize, Stage=prod, Version=${version('Authorize')}}`,
  ]);
});

test('reconcile is rolled back only by crashes', () => {
  expect(countedFor('Reconcile')).toEqual([crashes('Reconcile')]);
});

test('the platform’s part of the API is updated in the same way', () => {
  const groups = synthesize({})['provider-call-sandbox']?.ofType('AWS::CodeDeploy::DeploymentGroup') ?? {};
  expect(Object.keys(groups)).toContain('DeploymentPlatformApi');
});
