import { App } from 'aws-cdk-lib';
import { buildApp } from '../lib/app.ts';
import { parseSettings, SettingsError } from '../lib/settings.ts';

/** Context as the CLI gives it (cdk.json, `-c key=value`): an application that is never synthesized reads it. */
const context: Record<string, unknown> = new App({ autoSynth: false }).node.getAllContext();

try {
  const region = context['region'] ?? process.env['CDK_DEFAULT_REGION'];
  buildApp(parseSettings(context['replicas'] === undefined ? context : { ...context, region })).synth();
} catch (error) {
  if (!(error instanceof SettingsError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
