import { App, DefaultStackSynthesizer, Tags } from 'aws-cdk-lib';
import { ProviderCallStack } from './provider-call-stack.ts';
import { SandboxStack } from './sandbox-stack.ts';
import { type Settings, SettingsError } from './settings.ts';

/**
 * The application with the stacks that the settings ask for, not yet synthesized: ProviderCall, and the platform stand-in
 * where no backends are configured.
 *
 * @param outdir where the cloud assembly goes; the CDK's own choice when undefined
 * @param context further CDK context, such as `aws:cdk:bundling-stacks`
 * @param validate whether the templates are checked against CloudFormation's schemas, which take seconds to load. Nothing of
 *   stage local goes to CloudFormation, and npm start need not wait.
 * @throws SettingsError when stage local has no backends: there they are processes, which no stack can make
 */
export const buildApp = (
  settings: Settings,
  outdir?: string,
  context: Record<string, unknown> = {},
  validate = settings.stage !== 'local',
): App => {
  const { stage } = settings;
  if (stage === 'local' && settings.backends === null) {
    throw new SettingsError(
      'context stage: local is what npm start serves; set routeBackendUrl, flowBackendUrl and callBackendUrl, or another stage',
    );
  }
  const app = new App({
    ...(outdir !== undefined && { outdir }),
    // ProviderCall cannot outlive the stand-in whose function it calls: CloudFormation is to refuse that.
    postCliContext: { '@aws-cdk/core:defaultCrossStackReferences': 'strong', ...context },
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: validate,
    // The CLI checks the bootstrap version by itself; without the rule the template looks up no parameter.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const env = settings.region === null ? {} : { env: { region: settings.region } };
  const backends =
    settings.backends ??
    new SandboxStack(app, `provider-call-${stage}-platform`, { settings, ...env }).backends;
  new ProviderCallStack(app, `provider-call-${stage}`, {
    settings,
    backends,
    platformApi: stage === 'local' || settings.backends === null,
    ...env,
  });
  for (const [key, value] of Object.entries({ project: 'provider-call', stage })) {
    // The CloudFormation schema of a dashboard has come by its tags only lately, and not everywhere.
    Tags.of(app).add(key, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
  }
  return app;
};
