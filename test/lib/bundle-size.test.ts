import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleOf } from '../../lib/function-bundles.ts';

// A function pays for every byte at each of its cold starts: the bounds lie just above what was measured.
test.each([
  ['authorize', 60_000],
  ['create-provider-call', 300_000],
  ['get-provider-call', 300_000],
  ['list-provider-calls', 300_000],
  ['delete-provider-call', 300_000],
  ['reconcile-provider-calls', 300_000],
  ['present-provider-call-changes', 60_000],
  ['platform-api', 60_000],
  ['platform', 340_000],
] as const)('the bundle of %s has at most %d bytes', (name, most) => {
  expect(statSync(join(bundleOf(name), 'index.js')).size).toBeLessThanOrEqual(most);
});
