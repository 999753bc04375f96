import { App, DefaultStackSynthesizer, Tags } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { CLOUDFRONT_REGION, ConsoleLogsStack } from './console-logs.ts';
import { DISTRIBUTION_ARN_OUTPUT, ProviderCallStack } from './provider-call-stack.ts';
import { SandboxStack } from './sandbox-stack.ts';
import { SettingsError } from './setting-values.ts';
import type { Settings } from './settings.ts';

export type AppProps = {
  settings: Settings;
  /** Where the cloud assembly is written; by default the CDK chooses. */
  outdir?: string;
  /** More CDK context, such as `aws:cdk:bundling-stacks`. */
  context?: Record<string, unknown>;
  /**
   * Whether the templates are checked against CloudFormation's schemas, which take seconds to load. Stage local is
   * never sent to CloudFormation, so by default it is not checked, and `npm start` need not wait.
   */
  validate?: boolean;
};

/**
 * Builds the application with the stacks that the settings call for, not yet synthesized: ProviderCall, and the platform
 * stand-in where no backends are configured. The CDK's feature flags are those of cdk.json, whoever synthesizes.
 *
 * @throws {SettingsError} when stage local has no backends, which are processes there and cannot be created by a stack
 */
export function buildApp({
  settings,
  outdir,
  context,
  validate = settings.stage !== 'local',
}: AppProps): App {
  const { stage } = settings;
  if (stage === 'local' && settings.backends === null) {
    throw new SettingsError(
      'context stage: local is what npm start serves; set routeBackendUrl, flowBackendUrl and callBackendUrl, or another stage',
    );
  }
  const app = new App({
    ...(outdir !== undefined && { outdir }),
    postCliContext: {
      ...cdkJson.context,
      // ProviderCall calls the stand-in's function, so CloudFormation must refuse to delete the stand-in first.
      '@aws-cdk/core:defaultCrossStackReferences': 'strong',
      ...context,
    },
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: validate,
    // The CLI checks the bootstrap version by itself; without the rule the template looks up no parameter.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const tags = { project: 'provider-call', stage };
  const stackProps = { tags, ...(settings.region !== null && { env: { region: settings.region } }) };
  const backends =
    settings.backends ??
    new SandboxStack(app, `provider-call-${stage}-platform`, { settings, ...stackProps }).backends;
  const providerCall = new ProviderCallStack(app, `provider-call-${stage}`, {
    settings,
    backends,
    ...stackProps,
  });
  if (settings.console !== null && settings.region !== null && settings.region !== CLOUDFRONT_REGION) {
    const consoleLogs = new ConsoleLogsStack(app, `provider-call-${stage}-console-logs`, {
      stage,
      tags,
      producer: {
        stackName: providerCall.stackName,
        region: settings.region,
        output: DISTRIBUTION_ARN_OUTPUT,
      },
    });
    consoleLogs.addStackDependency(providerCall);
  }
  for (const [key, value] of Object.entries(tags)) {
    // CloudFormation's schema of a dashboard has had tags only recently, and not in every region.
    Tags.of(app).add(key, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
  }
  return app;
}
