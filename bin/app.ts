import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildApp } from '../lib/app.ts';
import { SettingsError } from '../lib/setting-values.ts';
import { parseSettings } from '../lib/settings.ts';

/** The context as the CLI passes it (`-c key=value`, cdk.json); an app that is never synthesized reads it. */
const context: Record<string, unknown> = new App({ autoSynth: false }).node.getAllContext();

/** Replicas and the console's logs need to know the main region. It is the CLI's own unless it is set. */
const region = context['region'] ?? process.env['CDK_DEFAULT_REGION'];

try {
  const app = buildApp({
    settings: parseSettings(region === undefined ? context : { ...context, region }),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
