import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));

/** Files of a build, relative to its folder. */
export type ConsoleBuild = { index: string; script: string; style: string; icon: string };

/**
 * Writes the page into `outdir`, which it empties first: `index.html` and, below `assets/`, a script, a style sheet and
 * an icon whose names carry a hash of their content. Takes nothing from the network and nothing from the clock, so one
 * source has one result.
 */
export function buildConsole(outdir: string): ConsoleBuild {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = buildSync({
    absWorkingDir: PAGE,
    entryPoints: ['main.tsx', 'style.css', 'icon.svg'],
    outdir,
    entryNames: 'assets/[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: 'es2024',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    jsx: 'transform',
    jsxFactory: 'h',
    jsxFragment: 'Fragment',
    inject: ['jsx.ts'],
    // The type checker's settings would decide otherwise.
    tsconfigRaw: {},
    loader: { '.svg': 'copy' },
    metafile: true,
    logLevel: 'silent',
  });
  const names = Object.keys(metafile.outputs).map((path) => `assets/${basename(path)}`);
  const script = only(names, '.js');
  const style = only(names, '.css');
  const icon = only(names, '.svg');
  const template = readFileSync(join(PAGE, 'index.html'), 'utf8');
  const html = template
    .replace('SCRIPT', `/${script}`)
    .replace('STYLE', `/${style}`)
    .replace('ICON', `/${icon}`);
  writeFileSync(join(outdir, 'index.html'), html);
  return { index: 'index.html', script, style, icon };
}

function only(names: readonly string[], extension: string): string {
  const [name, ...more] = names.filter((candidate) => candidate.endsWith(extension));
  if (name === undefined || more.length > 0) throw new Error(`the build has not one ${extension} file`);
  return name;
}
