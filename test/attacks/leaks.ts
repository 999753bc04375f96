import type { Sent } from '../functions/authorizer-under-test.ts';

/** Minimum length of a part of a credential that a log line must not contain. */
const PIECE = 12;

/** Returns which parts of a request's headers and query are in the lines that were logged about it. */
export function leaksIn(lines: readonly string[], { headers = {}, query = {} }: Sent): string[] {
  const credentials = [...Object.values(headers), ...Object.values(query)]
    .flat()
    .flatMap((value) => value.split(/[\s,=]+/))
    .flatMap((word) => word.split('.'));
  const text = lines.join('\n');
  return credentials.flatMap(piecesOf).filter((piece) => text.includes(piece));
}

function piecesOf(credential: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at + PIECE <= credential.length && pieces.length < 200; at += PIECE) {
    pieces.push(credential.slice(at, at + PIECE));
  }
  return pieces;
}
