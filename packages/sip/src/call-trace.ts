import type { TraceEntry } from '../../platform/src/records/trace-entry.ts';
import { type Clock, timestampOf } from './clock.ts';
import type { Destination } from './resolve-host.ts';
import { formatHostPort } from './uri.ts';

/** A far end that repeats itself for ever must not fill anybody's store. */
export const traceLimits = { entries: 200, textLength: 8_192 } as const;

/** Every message of one call, both ways, as entries; bounded in number and size. */
export class CallTrace {
  readonly #clock: Clock;
  readonly #emit: (entry: TraceEntry) => void;
  #left: number = traceLimits.entries;

  constructor(clock: Clock, emit: (entry: TraceEntry) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  message(direction: 'sent' | 'received', peer: Destination, bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString('utf8');
    this.#add({
      direction,
      peer: formatHostPort({ host: peer.address, port: peer.port }),
      text: redact(text),
    });
  }

  note(text: string): void {
    this.#add({ direction: 'note', peer: '', text });
  }

  /** Says nothing more: the call has ended. */
  close(): void {
    this.#left = 0;
  }

  #add(entry: Omit<TraceEntry, 'at'>): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    const at = timestampOf(this.#clock.now());
    if (this.#left === 0) {
      this.#emit({ at, direction: 'note', peer: '', text: 'Further messages of this call are not kept.' });
      return;
    }
    const long = entry.text.length > traceLimits.textLength;
    this.#emit({ at, ...entry, text: long ? `${entry.text.slice(0, traceLimits.textLength)}…` : entry.text });
  }
}

/**
 * The digest response goes: with the challenge, which stays readable, it would let whoever reads a trace guess the
 * provider's password at leisure. User name and realm stay, because a wrong one of these is what one looks for.
 */
function redact(message: string): string {
  return message.replace(/^((?:Proxy-)?Authorization:[^\r\n]*?\bresponse=")[^"\r\n]*/gim, '$1redacted');
}
