import type { Call } from '@provider-call/client';
import { analyzeCall } from '@provider-call/evidence';
import { destinationOf, seconds } from './evidence-of.ts';
import { plainLine } from './plain-text.ts';
import type { Terminal } from './terminal.ts';
import { hasEnded, type WatchedCall } from './watch-calls.ts';

export type LiveLines = {
  show(calls: readonly WatchedCall[]): void;
  /** Leaves the lines as they are and continues below them. */
  stop(): void;
};

/** Shows one line for each call on a terminal, rewritten as it changes; otherwise a line for each change of state. */
export function createLiveLines(terminal: Terminal): LiveLines {
  return terminal.isFormatted ? rewrittenLines(terminal) : appendedLines(terminal);
}

function rewrittenLines(terminal: Terminal): LiveLines {
  let lines = 0;
  return {
    show(calls) {
      const width = Math.max(
        ...calls.map(({ call, id }) => (call === undefined ? plainLine(id) : destinationOf(call)).length),
        0,
      );
      const text = calls.map((watched) => {
        const line = lineOf(watched, width);
        return `\x1b[2K${[...line].slice(0, terminal.columns() - 1).join('')}\n`;
      });
      terminal.write(`${lines === 0 ? '' : `\x1b[${lines}A`}${text.join('')}`);
      lines = calls.length;
    },
    stop() {
      lines = 0;
    },
  };
}

function lineOf({ call, id, firstSeenAt }: WatchedCall, width: number): string {
  if (call === undefined) return `${plainLine(id).padEnd(width)}  …`;
  const { postDialDelayMs } = analyzeCall(call);
  const elapsed = hasEnded(call) ? '' : seconds(Date.now() - firstSeenAt);
  return [
    destinationOf(call).padEnd(width),
    stateOf(call).padEnd(18),
    elapsed.padStart(7),
    postDialDelayMs === undefined ? '' : `post-dial delay ${seconds(postDialDelayMs)}`,
  ]
    .join('  ')
    .trimEnd();
}

function stateOf({ status, hangup_reason: reason }: Call): string {
  return plainLine(reason === '' ? status : `${status} (${reason})`);
}

function appendedLines(terminal: Terminal): LiveLines {
  const seen = new Map<string, string>();
  return {
    show(calls) {
      for (const { call, id } of calls) {
        if (call === undefined || seen.get(id) === call.status) continue;
        seen.set(id, call.status);
        terminal.print(`${destinationOf(call)} ${stateOf(call)}`);
      }
    },
    stop() {},
  };
}
