import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

/** Every function's entry file, by the function's name. */
const ENTRIES = {
  authorize: 'functions/authorize.ts',
  'create-provider-call': 'functions/create-provider-call.ts',
  'create-provider-call-over-amqp': 'functions/create-provider-call-over-amqp.ts',
  'get-provider-call': 'functions/get-provider-call.ts',
  'list-provider-calls': 'functions/list-provider-calls.ts',
  'delete-provider-call': 'functions/delete-provider-call.ts',
  'reconcile-provider-calls': 'functions/reconcile-provider-calls.ts',
  'reconcile-provider-calls-over-amqp': 'functions/reconcile-provider-calls-over-amqp.ts',
  'enrich-provider-call-events': 'functions/enrich-provider-call-events.ts',
  'platform-api': 'packages/platform/src/platform-api.ts',
  platform: 'packages/platform/src/lambda.ts',
} as const;

/** The name of a function's entry file and bundle. */
export type FunctionName = keyof typeof ENTRIES;

const ROOT = join(import.meta.dirname, '..');

/** How a function is bundled: with the options that make it start fastest (docs/performance.md). */
export const BUNDLING = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  mainFields: ['module', 'main'],
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  // The SDK requires it only for operations that stream events, of which DynamoDB has none.
  external: ['@smithy/core/event-streams'],
} satisfies BuildOptions;

/** Replaces the SDK's search for credentials: Lambda passes them in the environment. */
export const ENVIRONMENT_CREDENTIALS = {
  '@aws-sdk/credential-provider-node': join(ROOT, 'functions/environment-credentials.ts'),
};

/** The directory of the bundles, once they are built. */
let bundles: string | undefined;

/**
 * Returns the directory with one function's bundle: `index.js`, which exports `handler`. All bundles are built at the
 * first call and removed when the process ends.
 */
export function bundleOf(name: FunctionName): string {
  bundles ??= buildBundles();
  return join(bundles, name);
}

/**
 * Builds all bundles in one run of esbuild, in a tenth of the time that the CDK's NodejsFunction takes with one process
 * per function. Each has a package.json that says CommonJS, so that it also loads from within this repository.
 */
function buildBundles(): string {
  const directory = mkdtempSync(join(tmpdir(), 'provider-call-bundles-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [`${name}/index`, file])),
    outdir: directory,
    ...BUNDLING,
    alias: ENVIRONMENT_CREDENTIALS,
    logLevel: 'warning',
  });
  for (const name of Object.keys(ENTRIES)) {
    writeFileSync(join(directory, name, 'package.json'), '{"type":"commonjs"}\n');
  }
  return directory;
}
