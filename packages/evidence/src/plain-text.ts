// Controls, zero-width and bidirectional formatting, line separators, lone surrogates: each could repaint or reorder a line.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Returns text from a peer as one harmless line: characters that a terminal would act on become dots. */
export function plainLine(text: string): string {
  return text.replace(UNPRINTABLE, '·');
}

const COMBINING = /\p{M}/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Returns how many terminal columns a line takes: East Asian characters take two, combining marks none. */
export function columnsOf(line: string): number {
  let columns = 0;
  for (const character of line) columns += widthOf(character);
  return columns;
}

/** Returns the line cut to this many columns, with an ellipsis if anything is missing. */
export function cutTo(line: string, columns: number): string {
  if (columnsOf(line) <= columns) return line;
  let kept = '';
  let width = 1;
  for (const character of line) {
    width += widthOf(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Returns the line padded with blanks to this many columns. */
export function padTo(line: string, columns: number): string {
  return line + ' '.repeat(Math.max(columns - columnsOf(line), 0));
}

function widthOf(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
