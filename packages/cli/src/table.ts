import { plainLine } from './plain-text.ts';
import type { Terminal } from './terminal.ts';

export type Column<Row> = { title: string; value: (row: Row) => string; align?: 'right' };

/**
 * Returns rows as lines: on a terminal aligned below titles; in a pipe separated by tabs and without titles, so that
 * cut and awk can read them.
 */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal: Pick<Terminal, 'isFormatted' | 'style'>,
): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => plainLine(value(row))));
  if (!terminal.isFormatted) return cells.map((line) => line.join('\t'));
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) =>
    [titles, ...cells].reduce((width, line) => Math.max(width, [...(line[index] ?? '')].length), 0),
  );
  const aligned = (line: string[]) =>
    line
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - [...cell].length);
        return columns[index]?.align === 'right' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  return [terminal.style('dim', aligned(titles)), ...cells.map(aligned)];
}

/** Returns rows as CSV (RFC 4180) with a header line. */
export function csvText<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => value(row))),
  ];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
