import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

/** Every entry file there is, by the name of its function. */
const entries = {
  authorize: 'functions/authorize.ts',
  'create-provider-call': 'functions/create-provider-call.ts',
  'get-provider-call': 'functions/get-provider-call.ts',
  'list-provider-calls': 'functions/list-provider-calls.ts',
  'delete-provider-call': 'functions/delete-provider-call.ts',
  'reconcile-provider-calls': 'functions/reconcile-provider-calls.ts',
  'present-provider-call-changes': 'functions/present-provider-call-changes.ts',
  'platform-api': 'packages/platform/src/platform-api.ts',
  platform: 'packages/platform/src/lambda.ts',
} as const;

export type FunctionName = keyof typeof entries;

const root = join(import.meta.dirname, '..');

/** How a function is bundled: what starts fastest, by measurement (docs/performance.md). */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  mainFields: ['module', 'main'],
  supported: { 'dynamic-import': false },
  legalComments: 'none',
} satisfies BuildOptions;

/** In the place of the SDK's search for credentials, of which Lambda needs the environment only. */
export const environmentCredentials = {
  '@aws-sdk/credential-provider-node': join(root, 'functions/environment-credentials.ts'),
};

/** Where the bundles are, once they have been made. */
let bundles: string | undefined;

/**
 * Makes all bundles in one run of esbuild, a tenth of the time that CDK's NodejsFunction takes with one process each. They
 * are CommonJS without dynamic imports, minified, with ES module builds preferred and the SDK inside, less the parts that
 * Lambda has no use for: what starts fastest, by measurement (docs/performance.md). Each has a package.json that says
 * CommonJS, so that it also loads from within this repository.
 */
const makeBundles = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'provider-call-bundles-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  buildSync({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [`${name}/index`, file])),
    outdir: directory,
    ...bundling,
    alias: environmentCredentials,
    logLevel: 'warning',
  });
  for (const name of Object.keys(entries)) {
    writeFileSync(join(directory, name, 'package.json'), '{"type":"commonjs"}\n');
  }
  return directory;
};

/** The directory with one function's bundle: `index.js`, whose `handler` Lambda calls. It is gone when the process ends. */
export const bundleOf = (name: FunctionName): string => {
  bundles ??= makeBundles();
  return join(bundles, name);
};
