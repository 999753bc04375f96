import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Summary } from './statistics.ts';

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

type Document = 'performance.md' | 'operations.md';

/** A document as it is, and where in it the section between the marks `<!-- section -->` and `<!-- /section -->` stands. */
const find = (document: Document, section: string) => {
  const file = join(import.meta.dirname, '../docs', document);
  const text = readFileSync(file, 'utf8');
  const [start, end] = [`<!-- ${section} -->\n`, `\n<!-- /${section} -->`];
  const [mark, to] = [text.indexOf(start), text.indexOf(end)];
  if (mark < 0 || to < mark) throw new Error(`docs/${document} has no place for ${section}`);
  return { file, text, from: mark + start.length, to };
};

/** Prints a section of a document, and with `--write` also puts it there, in the place of the one that was. */
export const writeSection = (section: string, body: string, document: Document = 'performance.md'): void => {
  console.log(body);
  if (!process.argv.includes('--write')) return;
  const { file, text, from, to } = find(document, section);
  writeFileSync(file, text.slice(0, from) + body + text.slice(to));
};

/** The rows of the tables in a section of docs/performance.md, each by its first cell. */
export const readRows = (section: string): Map<string, string[]> => {
  const { text, from, to } = find('performance.md', section);
  const rows = text.slice(from, to).matchAll(/^\| (.*) \|$/gm);
  return new Map(
    [...rows].map(([, row = '']) => {
      const [name = '', ...cells] = row.split(' | ');
      return [name, cells];
    }),
  );
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
