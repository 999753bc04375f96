import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { minify_sync } from 'terser';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));

/** Files of a build, relative to its folder. */
export type ConsoleBuild = { index: string; script: string; style: string; icon: string };

/**
 * Writes the page into `outdir`, after emptying it: `index.html` and, below `assets/`, a script, a style sheet and an
 * icon whose names contain a hash of their content. It uses neither the network nor the clock, so the same source
 * always has the same result.
 */
export function buildConsole(outdir: string): ConsoleBuild {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(join(outdir, 'assets'), { recursive: true });
  const written = {
    script: writeAsset(outdir, 'main.js', compact(bundle('main.tsx'))),
    style: writeAsset(outdir, 'style.css', bundle('style.css')),
    icon: writeAsset(outdir, 'icon.svg', readPageFile('icon.svg')),
  };
  const html = readPageFile('index.html')
    .replace('SCRIPT', `/${written.script}`)
    .replace('STYLE', `/${written.style}`)
    .replace('ICON', `/${written.icon}`);
  writeFileSync(join(outdir, 'index.html'), html);
  return { index: 'index.html', ...written };
}

const BUNDLING: BuildOptions = {
  absWorkingDir: PAGE,
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2024',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'transform',
  jsxFactory: 'h',
  jsxFragment: 'Fragment',
  // Otherwise the type checker's settings would apply.
  tsconfigRaw: {},
  logLevel: 'silent',
};

function bundle(entry: string): string {
  const inject = entry.endsWith('.tsx') ? ['jsx.ts'] : [];
  const [file] = buildSync({ ...BUNDLING, write: false, entryPoints: [entry], inject }).outputFiles;
  if (file === undefined) throw new Error(`${entry} has no bundle`);
  return file.text;
}

/** Minifies further than esbuild, by 3% after compression: the page's budget is 60 KB. */
function compact(script: string): string {
  // Constants stay on the right of comparisons: with both orders, less repeats.
  const compress = { passes: 2, lhs_constants: false };
  const { code } = minify_sync(script, { module: true, ecma: 2020, compress });
  if (code === undefined) throw new Error('the script has no minified form');
  return code;
}

function writeAsset(outdir: string, name: string, content: string): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const path = `assets/${name.replace('.', `-${hash}.`)}`;
  writeFileSync(join(outdir, path), content);
  return path;
}

function readPageFile(name: string): string {
  return readFileSync(join(PAGE, name), 'utf8');
}
