import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { BUNDLING, ENVIRONMENT_CREDENTIALS } from '../../lib/function-bundles.ts';

// A function pays for every byte at each of its cold starts, so each bound is just above the present size.
test.each([
  ['functions/authorize.ts', 59_800, 25],
  ['functions/create-provider-call.ts', 276_000, 38],
  ['functions/get-provider-call.ts', 240_200, 23],
  ['functions/list-provider-calls.ts', 241_000, 23],
  ['functions/delete-provider-call.ts', 240_300, 23],
  ['functions/reconcile-provider-calls.ts', 258_000, 28],
  // With the client of RabbitMQ (docs/decisions, 0085).
  ['functions/create-provider-call-over-amqp.ts', 340_500, 46],
  ['functions/reconcile-provider-calls-over-amqp.ts', 324_500, 37],
  ['functions/enrich-provider-call-events.ts', 33_100, 12],
  ['packages/platform/src/platform-api.ts', 68_400, 32],
  ['packages/platform/src/lambda.ts', 305_000, 50],
])('%s is bundled into at most %d bytes, from at most %d files of this repository', (entry, bytes, files) => {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: [entry],
    outdir: 'unwritten',
    ...BUNDLING,
    alias: ENVIRONMENT_CREDENTIALS,
    write: false,
    metafile: true,
  });
  const own = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules'));
  expect(outputFiles[0]?.contents.length).toBeLessThanOrEqual(bytes);
  expect(own.length).toBeLessThanOrEqual(files);
});
