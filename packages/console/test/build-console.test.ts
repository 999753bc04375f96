import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../src/build-console.ts';

const MAX_COMPRESSED_BYTES = 60 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'console-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('buildConsole', () => {
  const outdir = join(folder, 'first');
  const built = buildConsole(outdir);
  const html = readFileSync(join(outdir, built.index), 'utf8');

  test('writes index.html and three assets with a hash in their names, and nothing else', () => {
    expect(readdirSync(outdir, { recursive: true }).sort()).toEqual(
      ['assets', built.script, built.style, built.icon, 'index.html'].sort(),
    );
    expect(built).toEqual({
      index: 'index.html',
      script: expect.stringMatching(/^assets\/main-[0-9a-f]{12}\.js$/),
      style: expect.stringMatching(/^assets\/style-[0-9a-f]{12}\.css$/),
      icon: expect.stringMatching(/^assets\/icon-[0-9a-f]{12}\.svg$/),
    });
  });

  test('names the assets in index.html by absolute paths, so that a deep link finds them', () => {
    for (const asset of [built.script, built.style, built.icon]) expect(html).toContain(`"/${asset}"`);
  });

  test('has neither inline script nor inline style, nor an address of another host', () => {
    expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)|https?:/);
    expect(readFileSync(join(outdir, built.style), 'utf8')).not.toMatch(/@import|https?:/);
  });

  test('needs at most 60 KB of compressed JavaScript', () => {
    expect(gzipSync(readFileSync(join(outdir, built.script))).length).toBeLessThanOrEqual(
      MAX_COMPRESSED_BYTES,
    );
  });

  test('makes the same files again and removes what the folder held before', () => {
    const again = join(folder, 'second');
    mkdirSync(join(again, 'assets'), { recursive: true });
    writeFileSync(join(again, 'assets', 'old.js'), '');
    expect(buildConsole(again)).toEqual(built);
    expect(readdirSync(join(again, 'assets'))).toHaveLength(3);
  });
});
