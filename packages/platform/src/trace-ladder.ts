import type { TraceEntry } from './records/trace-entry.ts';

const laneWidth = 44;

/** A trace as text: a ladder with one line a message, then every message in full. */
export function formatTraceLadder(entries: readonly TraceEntry[]): string {
  const peers = [...new Set(entries.flatMap(({ direction, peer }) => (direction === 'note' ? [] : [peer])))];
  const ladder = entries.map((entry) => ladderLine(entry, peers.length > 1));
  const messages = entries.flatMap(({ at, direction, peer, text }) =>
    direction === 'note'
      ? []
      : [`--- ${at} ${direction} ${direction === 'sent' ? 'to' : 'from'} ${peer}\n${plain(text)}`],
  );
  const head = peers.length === 0 ? [] : [`${' '.repeat(18)}us${' '.repeat(laneWidth)}${peers.join(', ')}`];
  return `${[...head, ...ladder, '', ...messages].join('\n').trimEnd()}\n`;
}

function ladderLine({ at, direction, peer, text }: TraceEntry, named: boolean): string {
  const time = at.slice(11);
  if (direction === 'note') return `${time}    |  ${oneLine(text)}`;
  const label = ` ${labelOf(text)} `.slice(0, laneWidth - 4);
  const line = '-'.repeat(laneWidth - 2 - label.length);
  const before = line.slice(0, Math.floor(line.length / 2));
  const after = line.slice(before.length);
  const arrow = direction === 'sent' ? `${before}${label}${after}->` : `<-${before}${label}${after}`;
  return `${time}    |${arrow}|${named ? ` ${peer}` : ''}`;
}

/** `INVITE (1)` or `180 Ringing (1 INVITE)`. */
function labelOf(message: string): string {
  const first = oneLine(message.split('\r\n', 1)[0] ?? '');
  const cseq = /^CSeq:\s*(\d+)\s+(\S+)/im.exec(message);
  const response = /^SIP\/2\.0 (.*)$/i.exec(first);
  if (response === null) return `${first.split(' ')[0] ?? ''} (${cseq?.[1] ?? '?'})`;
  return `${response[1]?.trim()} (${cseq?.[1] ?? '?'} ${cseq?.[2] ?? '?'})`;
}

/** A peer's control characters could repaint the terminal of whoever reads the trace. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replaceAll('\r\n', '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');
}

function oneLine(text: string): string {
  return plain(text).replaceAll('\n', ' ');
}
