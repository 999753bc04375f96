import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const fixtures = join(import.meta.dirname, 'fixtures');
const projectModules = join(import.meta.dirname, '../node_modules');

/** What only the peers use is kept out of the project: it is installed here, once, by the benchmark itself. */
const peerDirectory = join(tmpdir(), 'provider-call-bench-peers');
const peerPackages = [
  '@aws-lambda-powertools/logger@2.36.0',
  '@aws-lambda-powertools/metrics@2.36.0',
  '@aws-lambda-powertools/tracer@2.36.0',
  '@aws-sdk/client-secrets-manager@3.1164.0',
];
const peerModules = join(peerDirectory, 'node_modules');

const installPeers = (): void => {
  if (existsSync(join(peerModules, '@aws-lambda-powertools/tracer'))) return;
  const options = ['--no-save', '--no-audit', '--no-fund', '--prefix', peerDirectory];
  execFileSync('npm', ['install', ...options, ...peerPackages], { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Where a function whose SDK is not in its bundle finds it, as it does in Lambda's own image. */
export const runtimeModules = { NODE_PATH: [projectModules, peerModules].join(':') };

/** A handler with the document client only, bundled as ours are; `credentials` says which of the SDK's providers it carries. */
export const documentClientBundle = async (
  directory: string,
  credentials: 'environment' | 'all',
): Promise<string> => {
  const outfile = join(directory, `document-client-${credentials}/index.cjs`);
  await build({
    entryPoints: [join(fixtures, 'document-client-only.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    mainFields: ['module', 'main'],
    ...(credentials === 'environment' && {
      alias: {
        '@aws-sdk/credential-provider-node': join(
          import.meta.dirname,
          '../functions/environment-credentials.ts',
        ),
      },
    }),
    supported: { 'dynamic-import': false },
    legalComments: 'none',
  });
  return outfile;
};

/** A function in the sample's way, bundled as CDK's NodejsFunction does when it is told nothing: the SDK stays outside. */
export const sampleBundle = async (directory: string, name: string): Promise<string> => {
  installPeers();
  const outfile = join(directory, `sample-${name}/index.cjs`);
  await build({
    entryPoints: [join(fixtures, `sample/${name}.mjs`)],
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
