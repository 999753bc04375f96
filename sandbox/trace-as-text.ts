import type { TraceEntry } from './records/trace-entry.ts';

/** A call's trace to read in a terminal, one line for each message or note. */
export function traceAsText(entries: readonly TraceEntry[]): string {
  const arrows = { sent: '->', received: '<-', note: '  ' } as const;
  return entries
    .map(
      ({ at, direction, peer, text }) => `${at} ${arrows[direction]} ${peer} ${text.split('\r\n', 1)[0]}\n`,
    )
    .join('');
}
