import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Summary } from './statistics.ts';

const document = join(import.meta.dirname, '../docs/performance.md');

export const digits = (value: number, places: number): string => value.toFixed(places);

/** `1.23 (1.20–1.31)`: the median and the quartiles. */
export const spread = ({ median, low, high }: Summary, places = 2): string =>
  `${digits(median, places)} (${digits(low, places)}–${digits(high, places)})`;

/** A ratio with what it must not exceed, and whether it does not. */
export const judged = (ratio: Summary, bound: number): [string, string] => [
  spread(ratio),
  `≤ ${digits(bound, 2)} ${ratio.median <= bound ? 'holds' : 'MISSED'}`,
];

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/**
 * Prints a section of docs/performance.md, and with `--write` also puts it there, in the place of the last one between the
 * marks `<!-- section -->` and `<!-- /section -->`.
 */
export const writeSection = (section: string, text: string): void => {
  console.log(text);
  if (!process.argv.includes('--write')) return;
  const [start, end] = [`<!-- ${section} -->\n`, `\n<!-- /${section} -->`];
  const old = readFileSync(document, 'utf8');
  const [from, to] = [old.indexOf(start), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${section}`);
  writeFileSync(document, old.slice(0, from + start.length) + text + old.slice(to));
};

/** The section of a benchmark's result: says by which command, on which machine and under which load it was taken. */
export const report = (command: string, body: string, section = command.replace('bench:', '')): void => {
  const cpu = cpus();
  const load = loadavg().map((average) => digits(average, 1));
  const taken = [
    `\`npm run ${command} -- --write\` on ${new Date().toISOString().slice(0, 10)}`,
    `Node ${process.versions.node}`,
    `${cpu.length} × ${cpu[0]?.model.trim() ?? 'unknown'}`,
    `load average ${load[0]} (1 min) and ${load[1]} (5 min) at the end`,
  ];
  writeSection(section, `${taken.join(', ')}.\n\n${body}`);
};

/** A whole number from the command line, `--name 20`; the fallback where it is not given. */
export const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
};
