/** One row's cells, in the order of the columns. */
export type Row = readonly (string | number | null | undefined)[];

/**
 * Returns rows as CSV (RFC 4180): CRLF, quotes where they are needed, and a byte order mark, without which spreadsheets
 * do not recognize UTF-8.
 */
export function csvOf(header: readonly string[], rows: readonly Row[]): string {
  return `\uFEFF${[header, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')}`;
}

function cellOf(value: string | number | null | undefined): string {
  const text = disarm(String(value ?? ''));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Returns a cell that a spreadsheet does not evaluate. It would if the cell began with one of these characters (OWASP,
 * CSV injection); an apostrophe makes it text. A plain E.164 number is harmless and is not changed.
 */
function disarm(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}
