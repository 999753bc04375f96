import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { buildApp } from '../../lib/app.ts';
import { parseSettings, SettingsError } from '../../lib/settings.ts';
import { oneMachine, production, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(production);

describe('stacks', () => {
  test('with real backends there is ProviderCall alone', () => {
    expect(Object.keys(synthesize(production))).toEqual(['provider-call-prod']);
  });

  test('without, the stand-in comes with it', () => {
    expect(Object.keys(synthesize({}))).toEqual(['provider-call-sandbox-platform', 'provider-call-sandbox']);
  });

  test('on one machine there is ProviderCall alone', () => {
    expect(Object.keys(synthesize(oneMachine))).toEqual(['provider-call-local']);
  });

  test('one machine without backends is refused: there they are processes', () => {
    const build = () => buildApp({ settings: parseSettings({ stage: 'local' }) });
    expect(build).toThrow(SettingsError);
    expect(build).toThrow(/^context stage: local is what npm start serves; set routeBackendUrl/);
  });
});

test('the outputs are what a user needs next', () => {
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

test('the stand-in is reached by a signed request only', () => {
  const platform = synthesize({})['provider-call-sandbox-platform'];
  expect(Object.values(platform?.ofType('AWS::Lambda::Url') ?? {})).toMatchObject([
    { properties: { AuthType: 'AWS_IAM' } },
  ]);
  expect(platform?.ofType('AWS::Lambda::Permission')).toEqual({});
});

describe('secrets', () => {
  test('the signing key is made in Secrets Manager, long enough for HS256, with room for a previous one', () => {
    expect(prod.ofType('AWS::SecretsManager::Secret')).toMatchObject({
      SigningKeySecret: {
        properties: {
          GenerateSecretString: {
            SecretStringTemplate: '{"previous":[]}',
            GenerateStringKey: 'current',
            PasswordLength: 64,
            ExcludePunctuation: true,
          },
        },
      },
    });
  });

  test('no template has the value of a secret: neither one given nor a way to look one up', () => {
    const texts = [production, {}, oneMachine].flatMap((context) =>
      Object.values(synthesize(context)).map(({ text }) => text),
    );
    for (const text of texts) {
      expect(text).not.toMatch(/"SecretString":|\{\{resolve:/);
    }
  });
});

test('everything is told apart in the bill by project and stage', () => {
  const tagsSchema = z.array(z.object({ Key: z.string(), Value: z.string() }));
  const tagged = [
    'AWS::DynamoDB::Table',
    'AWS::Lambda::Function',
    'AWS::SecretsManager::Secret',
    'AWS::SQS::Queue',
  ];
  for (const type of tagged) {
    const resources = Object.values(prod.ofType(type));
    expect(resources.length).toBeGreaterThan(0);
    for (const { properties } of resources) {
      expect(tagsSchema.parse(properties['Tags'])).toEqual(
        expect.arrayContaining([
          { Key: 'project', Value: 'provider-call' },
          { Key: 'stage', Value: 'prod' },
        ]),
      );
    }
  }
});

test('with tracing the functions and the API are traced, and without nothing is', () => {
  const traced = synthesizeProviderCall({ ...production, tracing: true });
  const modes = (stack: typeof prod) =>
    Object.values(stack.ofType('AWS::Lambda::Function')).map(({ properties }) => properties['TracingConfig']);
  const every = modes(prod).length;
  expect(modes(traced)).toEqual(Array(every).fill({ Mode: 'Active' }));
  expect(modes(prod)).toEqual(Array(every).fill(undefined));
  const stages = (stack: typeof prod) =>
    Object.values(stack.ofType('AWS::ApiGateway::Stage')).map(
      ({ properties }) => properties['TracingEnabled'],
    );
  expect(stages(traced)).toEqual([true]);
  expect(stages(prod)).toEqual([false]);
});
