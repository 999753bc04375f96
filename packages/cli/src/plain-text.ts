// C0 and C1 controls, zero-width and bidirectional characters, which would move the cursor or reorder the line.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Returns untrusted text in a form that a terminal only displays; line breaks and tabs are kept. */
export function plainText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Returns the same on one line: line breaks become `\\n`, tabs blanks. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}
