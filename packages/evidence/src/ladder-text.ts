import { readConversation } from './conversation.ts';
import { columnsOf, cutTo, padTo, plainLine } from './plain-text.ts';
import type { SipMessage } from './platform-records.ts';
import type { Endpoint } from './read-message.ts';
import { type Step, stepsOf } from './steps.ts';

export type LadderOptions = {
  /** Names by `address:port` or by address, such as the provider's. */
  names?: Readonly<Record<string, string>>;
  /** How many columns the ladder should take; 120 by default. Hosts that do not fit side by side share a lane. */
  width?: number;
};

const TIME_COLUMNS = 17;
const MIN_GAP = 36;
const MAX_GAP = 56;
/** Columns taken around a label by dashes, blanks, the arrowhead and the lane itself. */
const ARROW_COLUMNS = 10;

type Lanes = {
  /** Columns from one lane to the next. */
  gap: number;
  headers: { name: string; address: string }[];
  laneOf(endpoint: Endpoint | undefined, isOurs: boolean): number;
  /** Returns the text after a line whose lanes do not identify its hosts. */
  suffixOf(step: Step): string;
};

/**
 * Returns the ladder as text: a lane for us, with our port, and one for each host that we exchanged messages with; one
 * line for each message, with identical ones counted on the first. A CSeq is never cut; a reason phrase may be. Empty
 * if there are no steps.
 */
export function ladderText(
  source: { readonly steps: readonly Step[] } | readonly SipMessage[],
  options: LadderOptions = {},
): string {
  const steps = 'steps' in source ? source.steps : stepsOf(readConversation(source));
  if (steps.length === 0) return '';
  const lanes = arrangeLanes(steps, options);
  const lines = [...headerLines(lanes), ...steps.flatMap((step) => stepLines(step, lanes))];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function arrangeLanes(steps: readonly Step[], { names = {}, width = 120 }: LadderOptions): Lanes {
  const ours = endpointsOf(steps, true);
  const peers = endpointsOf(steps, false);
  const arrows = steps.filter(({ direction }) => direction !== 'note');
  const widest = maxOf(
    0,
    arrows.map((step) => columnsOf(plainLine(step.label) + tailOf(step))),
  );
  // However narrow the terminal is, a lane has room for a status and the whole CSeq.
  const least = maxOf(
    MIN_GAP,
    arrows.map((step) => columnsOf(tailOf(step)) + ARROW_COLUMNS + 6),
  );
  const room = Math.floor((width - TIME_COLUMNS - 1) / Math.max(peers.length, 1));
  const shared = peers.length > 1 && room < least;
  const gap = Math.max(
    least,
    Math.min(widest + ARROW_COLUMNS, MAX_GAP, shared ? width - TIME_COLUMNS - 1 : room),
  );
  // An endpoint is what the messages say, such as "valueOf".
  const named = new Map(Object.entries(names));
  const nameOf = (endpoint: Endpoint) => plainLine(named.get(endpoint) ?? named.get(hostOf(endpoint)) ?? '');
  const headerOf = (endpoint: Endpoint) => ({ name: nameOf(endpoint), address: plainLine(endpoint) });
  const [own, ...otherOwn] = ours;
  const us = { name: 'us', address: plainLine(own ?? '') + (otherOwn.length > 0 ? ', …' : '') };
  const right = shared ? [{ name: `${peers.length} hosts`, address: '' }] : peers.map(headerOf);
  return {
    gap: maxOf(
      gap,
      [us, ...right].map(({ name, address }) => columnsOf(name + address) + 3),
    ),
    headers: [us, ...right],
    laneOf: (endpoint, isOurs) => {
      if (isOurs || endpoint === undefined) return 0;
      return shared ? 1 : peers.indexOf(endpoint) + 1;
    },
    suffixOf: ({ from, to, fromUs, toUs, transport }) => {
      const parts: string[] = [];
      const peer = fromUs ? to : from;
      if (shared && peer !== undefined && !(fromUs && toUs)) {
        parts.push([nameOf(peer), plainLine(peer)].filter((part) => part !== '').join(' '));
      }
      if (transport !== undefined && transport !== 'UDP') parts.push(transport);
      const ownEnd = fromUs ? from : to;
      if (otherOwn.length > 0 && ownEnd !== undefined && ownEnd !== own)
        parts.push(`our ${plainLine(ownEnd)}`);
      return parts.length === 0 ? '' : ` ${parts.join(', ')}`;
    },
  };
}

/** Returns the greatest value, but at least `least`. Math.max takes only as many values as fit on the stack. */
function maxOf(least: number, values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), least);
}

function endpointsOf(steps: readonly Step[], ours: boolean): Endpoint[] {
  const found = steps.flatMap(({ from, to, fromUs, toUs }) => [
    ...(from !== undefined && fromUs === ours ? [from] : []),
    ...(to !== undefined && toUs === ours ? [to] : []),
  ]);
  return [...new Set(found)];
}

function hostOf(endpoint: Endpoint): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function headerLines({ headers, gap }: Lanes): string[] {
  const cells = headers.map(({ name, address }) => padTo(name === '' ? address : `${name} ${address}`, gap));
  return [' '.repeat(TIME_COLUMNS) + cells.join('')];
}

function stepLines(step: Step, lanes: Lanes): string[] {
  const time = padTo(timeOfDay(step.time), TIME_COLUMNS);
  const remarks = step.notes.map((note) => `${' '.repeat(TIME_COLUMNS)}|    ${plainLine(note)}`);
  if (step.direction === 'note') return [`${time}|  ${plainLine(step.label)}`, ...remarks];
  const from = lanes.laneOf(step.from, step.fromUs);
  const to = lanes.laneOf(step.to, step.toUs);
  // A message from us to ourselves: the edge's response to something that was never sent.
  if (from === to) return [`${time}|  ${plainLine(step.label)}${tailOf(step)}`, ...remarks];
  return [time + arrowLine(step, from, to, lanes) + lanes.suffixOf(step), ...remarks];
}

function arrowLine(step: Step, from: number, to: number, { gap, headers }: Lanes): string {
  const left = Math.min(from, to);
  const right = Math.max(from, to);
  const span = gap * (right - left) - 1;
  const tail = tailOf(step);
  const label = ` ${cutTo(plainLine(step.label), span - ARROW_COLUMNS + 1 - columnsOf(tail))}${tail} `;
  const dashes = Math.max(span - 1 - columnsOf(label), 2);
  const before = '-'.repeat(Math.floor(dashes / 2));
  const after = '-'.repeat(dashes - before.length);
  const arrow = from < to ? `${before}${label}${after}>` : `<${before}${label}${after}`;
  const empty = `|${' '.repeat(gap - 1)}`;
  return `${empty.repeat(left)}|${arrow}${empty.repeat(headers.length - 1 - right)}|`;
}

function tailOf({ cseq, retransmissions }: Step): string {
  return ` (${plainLine(cseq ?? '?')})${retransmissions === 0 ? '' : ` ×${retransmissions + 1}`}`;
}

/** UTC, `HH:MM:SS.ffffff`. */
function timeOfDay(time: number | undefined): string {
  if (time === undefined) return '?';
  const milliseconds = Math.floor(time / 1_000);
  const micros = String(time - milliseconds * 1_000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(11, 23)}${micros}`;
}
