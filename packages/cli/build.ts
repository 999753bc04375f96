import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * `npm pack` runs this before and after packing. Our own packages become part of the bundle; published ones stay
 * dependencies. Each command is a separate chunk that is loaded when it runs.
 */
rmSync(new URL('dist/', import.meta.url), { recursive: true, force: true });
if (process.argv[2] !== 'clean') {
  await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/main.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['commander', '@bomb.sh/tab', 'ajv'],
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
