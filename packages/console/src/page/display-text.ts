/** A run of plain text, or one character that must be shown instead of taking effect. */
export type TextPart = { text: string } | { codePoint: string };

// Control and format characters: line breaks, bidirectional overrides, invisible separators, unpaired surrogates. The
// joiners U+200C and U+200D are kept, because Persian, Indic scripts and emoji need them and they only affect their
// neighbours.
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Splits untrusted text so that no character in it can change how the rest is read: characters that are invisible, or
 * reorder others, are replaced by their code points.
 */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ codePoint: codePointOf(match[0]) });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** Returns the same as one string, for attributes and titles, where it cannot be isolated. */
export function plainText(text: string): string {
  return partsOf(text)
    .map((part) => ('text' in part ? part.text : `[${part.codePoint}]`))
    .join('');
}

function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
