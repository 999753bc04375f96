import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ONE_MACHINE, PRODUCTION, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);

const resourcesSchema = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) });

/** Logical ids in the template of the types whose ids matter, with the type's last word. */
function idsOf(text: string, types: string[]): string[] {
  return Object.entries(resourcesSchema.parse(JSON.parse(text)).Resources)
    .filter(([, { Type }]) => types.includes(Type))
    .map(([id, { Type }]) => `${Type.split('::').at(-1)} ${id}`)
    .toSorted();
}

test('resources with data keep their logical ids, because a changed one would deploy an empty resource', () => {
  const types = [
    'AWS::DynamoDB::Table',
    'AWS::DynamoDB::GlobalTable',
    'AWS::SecretsManager::Secret',
    'AWS::Events::EventBus',
    'AWS::SQS::Queue',
  ];
  const ids = (table: string) => [
    'EventBus EventsBus45DE4339',
    `${table} AccessKeysTable78C0D7C6`,
    `${table} ProviderCallsTableDDAEF033`,
    'Queue EventsDeadLetters8A90034E',
    'Secret SigningKeySecretDAB0A568',
  ];
  expect(idsOf(prod.text, types)).toEqual(ids('Table').toSorted());
  const global = synthesizeProviderCall({ ...PRODUCTION, region: 'eu-central-1', replicas: 'eu-west-1' });
  expect(idsOf(global.text, types)).toEqual(ids('GlobalTable').toSorted());
  expect(idsOf(synthesize({})['provider-call-sandbox-platform']?.text ?? '', types)).toEqual([
    'Table DocumentsTable2245A403',
  ]);
});

test('functions have logical ids that people can type', () => {
  expect(idsOf(synthesizeProviderCall({ console: false }).text, ['AWS::Lambda::Function'])).toEqual(
    ['Authorize', 'Create', 'Get', 'List', 'Delete', 'Reconcile', 'Enrich', 'PlatformApi']
      .map((name) => `Function ${name}Function`)
      .toSorted(),
  );
});

test('the stack outputs what a user needs next', () => {
  expect(prod.outputs).toEqual({
    Url: 'https://ApiRestApi.execute-api.AWS::Region.AWS::URLSuffix/ApiRestApiDeploymentStageprod/',
    ProviderCallTable: 'ProviderCallsTable',
    AccessKeyTable: 'AccessKeysTable',
    SigningKeySecretArn: 'SigningKeySecret',
    EventBus: 'EventsBus',
    AlarmTopic: 'AlarmsTopic',
    FirstToken: expect.stringContaining('aws secretsmanager get-secret-value --secret-id SigningKeySecret '),
  });
});

test('reconcile runs every five minutes, and EventBridge does not deliver a failed run again', () => {
  expect(prod.ofType('AWS::Events::Rule')).toMatchObject({
    ReconcileSchedule: {
      properties: {
        ScheduleExpression: 'rate(5 minutes)',
        State: 'ENABLED',
        Targets: [{ Arn: 'FunctionsReconcileLive', RetryPolicy: { MaximumRetryAttempts: 0 } }],
      },
    },
  });
  expect(synthesizeProviderCall(ONE_MACHINE).ofType('AWS::Events::Rule')).toMatchObject({
    ReconcileSchedule: { properties: { Targets: [{ Arn: 'ReconcileFunction.Arn' }] } },
  });
});

test('Lambda does not retry a failed or late reconcile', () => {
  expect(prod.ofType('AWS::Lambda::EventInvokeConfig')).toMatchObject({
    FunctionsReconcileLiveEventInvokeConfig: {
      properties: {
        FunctionName: 'ReconcileFunction',
        // The alias: the last part of its ARN.
        Qualifier: { 'Fn::Select': [7, { 'Fn::Split': [':', 'FunctionsReconcileLive'] }] },
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 300,
      },
    },
  });
});

test('new code gets all requests at once without a canary', () => {
  const stack = synthesizeProviderCall({ ...PRODUCTION, canary: 'false' });
  expect(stack.ofType('AWS::CodeDeploy::DeploymentGroup')).toEqual({});
  expect(stack.text).not.toContain('CodeDeployLambdaAliasUpdate');
  expect(prod.text).toContain('CodeDeployLambdaAliasUpdate');
});

describe('a stack on existing tables', () => {
  const tables = {
    providerCallTableName: 'provider-call-prod-ProviderCallsTable',
    providerCallTableStreamArn:
      'arn:aws:dynamodb:eu-west-1:111122223333:table/provider-call-prod-ProviderCallsTable/stream/2026-11-24T00:00:00.000',
    accessKeyTableName: 'provider-call-prod-AccessKeysTable',
  };
  const stack = synthesizeProviderCall({ ...PRODUCTION, ...tables });
  const standby = synthesizeProviderCall({ ...PRODUCTION, ...tables, standby: 'true' });

  test('a stack on existing tables creates none, and its functions, roles, pipe and outputs refer to those', () => {
    expect(stack.ofType('AWS::DynamoDB::Table')).toEqual({});
    expect(stack.ofType('AWS::Lambda::Function')['CreateFunction']?.properties).toMatchObject({
      Environment: { Variables: { PROVIDER_CALL_TABLE: tables.providerCallTableName } },
    });
    expect(stack.ofType('AWS::Lambda::Function')['AuthorizeFunction']?.properties).toMatchObject({
      Environment: { Variables: { ACCESS_KEY_TABLE: tables.accessKeyTableName } },
    });
    const arn = (name: string) => `arn:AWS::Partition:dynamodb:AWS::Region:AWS::AccountId:table/${name}`;
    const list = JSON.stringify(
      stack.ofType('AWS::IAM::Policy')['FunctionsListRoleDefaultPolicy']?.properties,
    );
    expect(list).toContain(`${arn(tables.providerCallTableName)}/index/by-customer`);
    expect(stack.ofType('AWS::Pipes::Pipe')['EventsPipe']?.properties).toMatchObject({
      Source: tables.providerCallTableStreamArn,
      DesiredState: 'RUNNING',
    });
    expect(stack.outputs).toMatchObject({
      ProviderCallTable: tables.providerCallTableName,
      AccessKeyTable: tables.accessKeyTableName,
    });
  });

  test('a stand-by writes nothing: no create, no reconcile, no events, and no alarm about that', () => {
    expect(standby.ofType('AWS::Lambda::Function')['CreateFunction']?.properties).toMatchObject({
      ReservedConcurrentExecutions: 0,
    });
    expect(standby.ofType('AWS::Events::Rule')['ReconcileSchedule']?.properties).toMatchObject({
      State: 'DISABLED',
    });
    expect(standby.ofType('AWS::Pipes::Pipe')['EventsPipe']?.properties).toMatchObject({
      DesiredState: 'STOPPED',
    });
    const alarms = Object.keys(standby.ofType('AWS::CloudWatch::Alarm'));
    expect(alarms).not.toContain('Alarmsreconcileidle');
    expect(alarms).not.toContain('Alarmsthrottles');
  });
});
