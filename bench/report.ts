import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Summary } from './statistics.ts';

/** Returns a number with this many decimal places. */
export function digits(value: number, places: number): string {
  return value.toFixed(places);
}

/** Returns the median and the quartiles, as in `1.23 (1.20–1.31)`. */
export function spread({ median, low, high }: Summary, places = 2): string {
  return `${digits(median, places)} (${digits(low, places)}–${digits(high, places)})`;
}

/** The limit of a ratio. With an exception it is above the general limit, for reasons given in a decision. */
export type Limit = { max: number; exception?: { general: number; decision: string } };

/** The ratios in this process's tables that exceed their limit. */
const missed: string[] = [];

/**
 * Returns the cells of a ratio and of its limit. The median is within the limit, above the general one as a decision
 * allows, or it MISSED the limit.
 */
export function judged(name: string, ratio: Summary, { max, exception }: Limit): [string, string] {
  const isAbove = (limit: number) => ratio.median > limit;
  if (isAbove(max)) missed.push(`${name}: ${digits(ratio.median, 2)} > ${digits(max, 2)}`);
  const verdict = isAbove(max) ? 'MISSED' : 'holds';
  if (exception === undefined || !isAbove(exception.general)) {
    return [spread(ratio), `≤ ${digits(exception?.general ?? max, 2)} ${verdict}`];
  }
  const { general, decision } = exception;
  const link = `[${decision.slice(0, 4)}](decisions/${decision}.md)`;
  return [spread(ratio), `≤ ${digits(general, 2)} exceeded; ≤ ${digits(max, 2)} ${verdict} (${link})`];
}

/** With `--check`, makes the process exit with 1 if a ratio of its tables exceeds its limit. */
export function checkLimits(): void {
  if (!process.argv.includes('--check') || missed.length === 0) return;
  console.error(`above the limit: ${missed.join('; ')}`);
  process.exitCode = 1;
}

/** Returns a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const ROOT = join(import.meta.dirname, '..');

type Document = 'performance.md' | 'operations.md';

/** Returns a document's text, and the range between the marks `<!-- section -->` and `<!-- /section -->`. */
function find(document: Document, section: string) {
  const file = join(ROOT, 'docs', document);
  const text = readFileSync(file, 'utf8');
  const [start, end] = [`<!-- ${section} -->\n`, `\n<!-- /${section} -->`];
  const [mark, to] = [text.indexOf(start), text.indexOf(end)];
  if (mark < 0 || to < mark) throw new Error(`docs/${document} has no section ${section}`);
  return { file, text, from: mark + start.length, to };
}

/** Prints a section of a document and, with `--write`, replaces it there. */
export function writeSection(section: string, body: string, document: Document = 'performance.md'): void {
  console.log(body);
  if (!process.argv.includes('--write')) return;
  const { file, text, from, to } = find(document, section);
  writeFileSync(file, text.slice(0, from) + body + text.slice(to));
}

/** Returns the rows of the tables in a section of docs/performance.md, by their first cells. */
export function readRows(section: string): Map<string, string[]> {
  const { text, from, to } = find('performance.md', section);
  const rows = text.slice(from, to).matchAll(/^\| (.*) \|$/gm);
  return new Map(
    [...rows].map(([, row = '']) => {
      const [name = '', ...cells] = row.split(' | ');
      return [name, cells];
    }),
  );
}

/** Writes a benchmark's section: the command, the commit, the machine and its load, then the results. */
export function report(command: string, body: string, section = command.replace('bench:', '')): void {
  const cpu = cpus();
  const load = loadavg().map((average) => digits(average, 1));
  const conditions = [
    `\`npm run ${command} -- --write\` on ${new Date().toISOString().slice(0, 10)}`,
    `commit ${commit()}`,
    `Node ${process.versions.node}`,
    `${cpu.length} × ${cpu[0]?.model.trim() ?? 'unknown'}`,
    `load average ${load[0]} (1 min) and ${load[1]} (5 min) at the end`,
  ];
  writeSection(section, `${conditions.join(', ')}.\n\n${body}`);
}

/** Returns the commit that is measured, and whether the code differs from it. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changes = git('status', '--porcelain', '--', '.', ':!docs');
  return git('rev-parse', '--short', 'HEAD') + (changes === '' ? '' : ' with uncommitted changes');
}

/**
 * Returns a positive whole number from the command line, as in `--name 20`, or the fallback.
 *
 * @throws {Error} When the option has another value.
 */
export function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
}
