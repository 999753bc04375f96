import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const SOURCE = new URL('../src/', import.meta.url);

/** Returns what a source file imports, as written. */
function importsOf(file: string): string[] {
  const text = readFileSync(new URL(file, SOURCE), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*? from '([^']+)';/gm)].flatMap(([, name]) => name ?? []);
}

function closureOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const name of importsOf(file)) {
    if (name.startsWith('./')) closureOf(name.slice(2), found);
    else found.add(name);
  }
  return found;
}

test.each(['parse-message', 'message', 'name-address', 'uri', 'scanner', 'invite-plan', 'clock', 'call-end'])(
  '%s runs in a browser: neither it nor what it imports needs Node',
  (entry) => {
    const closure = [...closureOf(`${entry}.ts`)];
    expect(closure.length).toBeGreaterThan(0);
    expect(closure.filter((name) => !name.endsWith('.ts'))).toEqual([]);
  },
);

test('no source file imports another package of this project', () => {
  const imports = readdirSync(SOURCE).flatMap(importsOf);
  expect(imports.filter((name) => name.startsWith('../') || name.startsWith('@provider-call/'))).toEqual([]);
});

test('every export names a source file', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const path of Object.values<string>(exports)) {
    expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toContain('export ');
  }
});
