import { existsSync } from 'node:fs';
import { App, DefaultStackSynthesizer, Tags } from 'aws-cdk-lib';
import { ProviderCallStack } from './provider-call-stack.ts';
import { type Settings, SettingsError } from './settings.ts';

/**
 * The application with the stacks that the settings ask for, not yet synthesized.
 *
 * @param outdir where the cloud assembly goes; the CDK's own choice when undefined
 * @param context further CDK context, such as `aws:cdk:bundling-stacks`
 */
export const buildApp = (settings: Settings, outdir?: string, context: Record<string, unknown> = {}): App => {
  const app = new App({
    ...(outdir !== undefined && { outdir }),
    postCliContext: context,
    analyticsReporting: false,
    treeMetadata: false,
    // The CLI checks the bootstrap version by itself; without the rule the template needs no lookup of a parameter.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const { backends } = settings;
  if (backends === null) {
    throw new SettingsError('not yet');
  }
  new ProviderCallStack(app, `provider-call-${settings.stage}`, {
    settings,
    backends,
    platformApi: settings.stage === 'local' && existsSync('sandbox/platform-api.ts'),
  });
  Tags.of(app).add('project', 'provider-call');
  Tags.of(app).add('stage', settings.stage);
  return app;
};
