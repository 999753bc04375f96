import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { buildApp } from '../../lib/app.ts';
import { SettingsError } from '../../lib/setting-values.ts';
import { parseSettings } from '../../lib/settings.ts';
import { ONE_MACHINE, PRODUCTION, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);

describe('stacks', () => {
  test('the app with real backends has the ProviderCall stack alone', () => {
    expect(Object.keys(synthesize(PRODUCTION))).toEqual(['provider-call-prod']);
  });

  test('the app without backends has the platform stand-in too', () => {
    expect(Object.keys(synthesize({}))).toEqual(['provider-call-sandbox-platform', 'provider-call-sandbox']);
  });

  test('the app on one machine has the ProviderCall stack alone', () => {
    expect(Object.keys(synthesize(ONE_MACHINE))).toEqual(['provider-call-local']);
  });

  test('stage local without backends is rejected, because its backends are processes', () => {
    const build = () => buildApp({ settings: parseSettings({ stage: 'local' }) });
    expect(build).toThrow(SettingsError);
    expect(build).toThrow(/^context stage: local is what npm start serves; set routeBackendUrl/);
  });
});

test('every resource is tagged with project and stage, for the bill', () => {
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

test('the functions and the API are traced if and only if tracing is on', () => {
  const traced = synthesizeProviderCall({ ...PRODUCTION, tracing: true });
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

test('every feature flag that the CDK recommends for a new app is set, except those with a reason', () => {
  const recommended: unknown = JSON.parse(
    readFileSync(
      createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json'),
      'utf8',
    ),
  );
  const { 'cli-telemetry': _, ...flags } = cdkJson.context;
  expect(flags).toEqual({
    ...z.record(z.string(), z.unknown()).parse(recommended),
    // CloudFormation must refuse to delete a stand-in that a ProviderCall stack uses.
    '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  });
});

test('the flags apply to everyone who builds the app, not only to the CDK command', () => {
  const app = buildApp({ settings: parseSettings(PRODUCTION), validate: false });
  expect(app.node.tryGetContext('@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId')).toBe(true);
});
