import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { describeContext, featureCombinations } from '../lib/setting-combinations.ts';

/*
 * Every pair of settings in the app as the CDK's command runs it, with CloudFormation's own schemas and
 * cdk-nag; then cfn-lint for all resulting templates. The set of functions depends on few settings, so they are
 * bundled once for each of their values.
 */

const ROOT = join(import.meta.dirname, '../..');
const assemblies = mkdtempSync(join(tmpdir(), 'provider-call-templates-'));
afterAll(() => rmSync(assemblies, { recursive: true, force: true }));

type Run = { status: number | null; output: string };

const bundled = new Set<string>();

function isBundled({
  routeBackendUrl = '',
  platformStandIn,
  console,
  stage,
}: Record<string, string>): boolean {
  const functions = [routeBackendUrl.split(':', 1), platformStandIn, console, stage === 'local'].join();
  const isFirst = !bundled.has(functions);
  bundled.add(functions);
  return isFirst;
}

function synthesize(context: Record<string, string>, outdir: string): Run {
  const bundling = isBundled(context) ? {} : { 'aws:cdk:bundling-stacks': [] };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/app.ts')], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      // Most of the time that loading the CDK takes is for compiling it.
      NODE_COMPILE_CACHE: join(assemblies, 'compiled'),
      CDK_OUTDIR: join(assemblies, outdir),
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context, ...bundling }),
    },
  });
  return { status, output: `${stdout}${stderr}` };
}

describe('every pair of settings passes CloudFormation’s schemas and cdk-nag, or fails with one line', () => {
  test.each(
    featureCombinations().map(
      ({ context, isRefused }, at) => [describeContext(context), context, isRefused, at] as const,
    ),
  )('%s', (_name, context, isRefused, at) => {
    const run = synthesize(context, String(at));
    expect(run).toEqual(
      isRefused
        ? { status: 1, output: expect.stringMatching(/^context [^\n]+\n$/) }
        : { status: 0, output: '' },
    );
  });
});

test('cfn-lint finds no fault in their templates', () => {
  const templates = globSync(join(assemblies, '*/*.template.json'));
  expect(templates.length).toBeGreaterThan(featureCombinations().length / 2);
  const { error, status, stdout, stderr } = spawnSync(
    'cfn-lint',
    ['--config-file', join(ROOT, '.cfnlintrc'), '--regions', 'eu-central-1', '--', ...templates],
    { encoding: 'utf8' },
  );
  if (error !== undefined) throw new Error('cfn-lint is missing: pip install cfn-lint', { cause: error });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
}, 600_000);
