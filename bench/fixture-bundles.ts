import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundling, environmentCredentials } from '../lib/function-bundles.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const projectModules = join(import.meta.dirname, '../node_modules');

/** What only the peers use is kept out of the project: it is installed here, once, by the benchmark itself. */
const peerDirectory = join(tmpdir(), 'provider-call-bench-peers');
const peerPackages = [
  '@aws-lambda-powertools/logger@2.36.0',
  '@aws-lambda-powertools/metrics@2.36.0',
  '@aws-lambda-powertools/tracer@2.36.0',
  '@aws-sdk/client-secrets-manager@3.1164.0',
  '@codegenie/serverless-express@4.17.1',
  'express@5.3.0',
];
const peerModules = join(peerDirectory, 'node_modules');

const installPeers = (): void => {
  if (existsSync(join(peerModules, 'express'))) return;
  const options = ['--no-save', '--no-audit', '--no-fund', '--prefix', peerDirectory];
  execFileSync('npm', ['install', ...options, ...peerPackages], { stdio: ['ignore', 'ignore', 'inherit'] });
};

/**
 * Where a function whose SDK is not in its bundle finds it, as it does in Lambda's own image, and what Powertools and
 * X-Ray find there.
 */
export const runtimeVariables = {
  NODE_PATH: [projectModules, peerModules].join(':'),
  POWERTOOLS_SERVICE_NAME: 'provider-call',
  POWERTOOLS_METRICS_NAMESPACE: 'ProviderCall',
  _X_AMZN_TRACE_ID: 'Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1',
};

/** A handler with the document client only, bundled as ours are; `credentials` says which of the SDK's providers it carries. */
export const documentClientBundle = async (
  directory: string,
  credentials: 'environment' | 'all',
): Promise<string> => {
  const outfile = join(directory, `document-client-${credentials}/index.cjs`);
  await build({
    entryPoints: [join(fixtures, 'document-client-only.mjs')],
    outfile,
    ...bundling,
    ...(credentials === 'environment' && { alias: environmentCredentials }),
  });
  return outfile;
};

/**
 * A fixture bundled as CDK's NodejsFunction does when it is told nothing: the SDK stays outside. `name` is its path
 * without the extension: `sample/get`, `express-app`.
 */
export const defaultBundle = async (directory: string, name: string): Promise<string> => {
  installPeers();
  const outfile = join(directory, name, 'index.cjs');
  await build({
    entryPoints: [join(fixtures, `${name}.mjs`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*', '@smithy/*'],
    nodePaths: [projectModules, peerModules],
    logLevel: 'error',
  });
  return outfile;
};
