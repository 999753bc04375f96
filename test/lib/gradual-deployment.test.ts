import { expect, test } from 'vitest';
import { production, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(production);
const answering = ['Create', 'Get', 'List', 'Delete', 'Reconcile'];

test('new code of each function gets a tenth of the calls first, and is put back on an alarm of its own or of the API', () => {
  const group = (name: string) => [
    `Deployment${name}`,
    expect.objectContaining({
      properties: expect.objectContaining({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AlarmConfiguration: {
          Enabled: true,
          Alarms: [{ Name: `Deployment${name}Errors` }, { Name: 'DeploymentServerErrors' }],
        },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
        },
      }),
    }),
  ];
  expect(prod.ofType('AWS::CodeDeploy::DeploymentGroup')).toEqual(
    Object.fromEntries(['Authorize', ...answering].map(group)),
  );
});

test('a failure is one of the alias that is being moved; of the authorizer, one that is no refusal', () => {
  const alarms = prod.ofType('AWS::CloudWatch::Alarm');
  for (const name of answering) {
    expect(alarms[`Deployment${name}Errors`]?.properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [
        { Name: 'FunctionName', Value: `${name}Function` },
        { Name: 'Resource', Value: `${name}Function:live` },
      ],
      Threshold: 1,
      Period: 60,
    });
  }
  expect(alarms['DeploymentAuthorizeErrors']?.properties['Metrics']).toMatchObject([
    { MetricStat: { Period: 60, Metric: { Namespace: 'ProviderCall', MetricName: 'AuthorizerErrors' } } },
  ]);
});

test('the stand-in’s part of the API is renewed in the same way', () => {
  const groups = synthesize({})['provider-call-sandbox']?.ofType('AWS::CodeDeploy::DeploymentGroup') ?? {};
  expect(Object.keys(groups)).toContain('DeploymentPlatformApi');
});
