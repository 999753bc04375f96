import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLING, ENVIRONMENT_CREDENTIALS } from '../lib/function-bundles.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const PROJECT_MODULES = join(import.meta.dirname, '../node_modules');

/**
 * Where the benchmark installs, once, the packages that only the peers use; they are not dependencies of the project.
 */
const PEER_DIRECTORY = join(tmpdir(), 'provider-call-bench-peers');
const PEER_PACKAGES = [
  'amqplib@2.3.1',
  '@aws-lambda-powertools/logger@2.36.0',
  '@aws-lambda-powertools/metrics@2.36.0',
  '@aws-lambda-powertools/tracer@2.36.0',
  '@aws-sdk/client-secrets-manager@3.1164.0',
  '@codegenie/serverless-express@4.17.1',
  'express@5.3.0',
];
const PEER_MODULES = join(PEER_DIRECTORY, 'node_modules');

/** What Lambda's runtime adds to the environment of a peer: the path of its SDK, and the settings of Powertools and X-Ray. */
export const RUNTIME_VARIABLES = {
  NODE_PATH: [PROJECT_MODULES, PEER_MODULES].join(':'),
  POWERTOOLS_SERVICE_NAME: 'provider-call',
  POWERTOOLS_METRICS_NAMESPACE: 'ProviderCall',
  _X_AMZN_TRACE_ID: 'Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1',
};

/**
 * Bundles the handler that has only the document client in the same way as our functions, and returns the file.
 *
 * @param credentials The SDK's credential providers in the bundle.
 */
export async function documentClientBundle(
  directory: string,
  credentials: 'environment' | 'all',
): Promise<string> {
  const outfile = join(directory, `document-client-${credentials}/index.cjs`);
  await build({
    entryPoints: [join(FIXTURES, 'document-client-only.mjs')],
    outfile,
    ...BUNDLING,
    ...(credentials === 'environment' && { alias: ENVIRONMENT_CREDENTIALS }),
  });
  return outfile;
}

/**
 * Bundles the handler that performs a function's I/O and nothing else in the same way as our functions, and returns the
 * file.
 *
 * @param name The function, such as `get`.
 */
export async function floorBundle(directory: string, name: string): Promise<string> {
  const outfile = join(directory, `floor/${name}/index.cjs`);
  await build({
    entryPoints: [join(FIXTURES, `floor/${name}.mjs`)],
    outfile,
    ...BUNDLING,
    alias: ENVIRONMENT_CREDENTIALS,
  });
  return outfile;
}

/**
 * Bundles the handler that sends one request over AMQP as our functions are bundled, and returns the file.
 *
 * @param client The package that it uses.
 */
export async function amqpClientBundle(
  directory: string,
  client: 'rabbitmq-client' | 'amqplib',
): Promise<string> {
  installPeers();
  const outfile = join(directory, `amqp/${client}/index.cjs`);
  await build({
    entryPoints: [join(FIXTURES, `amqp/${client}.mjs`)],
    outfile,
    ...BUNDLING,
    nodePaths: [PROJECT_MODULES, PEER_MODULES],
  });
  return outfile;
}

/**
 * Bundles a fixture with the defaults of the CDK's NodejsFunction, which excludes the SDK, and returns the file.
 *
 * @param name The fixture's path without the extension, such as `sample/get`.
 */
export async function defaultBundle(directory: string, name: string): Promise<string> {
  installPeers();
  const outfile = join(directory, name, 'index.cjs');
  await build({
    entryPoints: [join(FIXTURES, `${name}.mjs`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*', '@smithy/*'],
    nodePaths: [PROJECT_MODULES, PEER_MODULES],
    logLevel: 'error',
  });
  return outfile;
}

function installPeers(): void {
  const names = PEER_PACKAGES.map((wanted) => wanted.slice(0, wanted.lastIndexOf('@')));
  if (names.every((name) => existsSync(join(PEER_MODULES, name)))) return;
  const options = ['--no-save', '--no-audit', '--no-fund', '--prefix', PEER_DIRECTORY];
  execFileSync('npm', ['install', ...options, ...PEER_PACKAGES], { stdio: ['ignore', 'ignore', 'inherit'] });
}
