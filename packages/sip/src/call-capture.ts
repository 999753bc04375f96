import type { Clock } from './clock.ts';
import { decodeMessage } from './message.ts';

export type Transport = 'udp' | 'tcp' | 'tls';

/** An IP address and a port of one transport. */
export type Endpoint = { address: string; port: number };

/** A SIP message as it crossed our edge. */
export type CapturedMessage = {
  /** Milliseconds since 1970 UTC, with a fraction. */
  at: number;
  transport: Transport;
  source: Endpoint;
  destination: Endpoint;
  /** The whole message; bytes that are not UTF-8 are read as Latin-1. Digest responses are blanked out. */
  raw: string;
  /** Present if the message was received but could not be acted on; `why` says what is wrong with it. */
  understood?: false;
  why?: string;
};

/** A remark about something that is not a failure: a substituted codec, a skipped header, a discarded message. */
export type CaptureNote = { at: number; text: string };

export type CaptureSnapshot = { messages: CapturedMessage[]; notes: CaptureNote[] };

/**
 * How much of one call is kept: the first and the last messages, so that neither a flood of provisional responses nor
 * one of OPTIONS hides how the call began or ended. Together they stay below the 400 KB of a DynamoDB item.
 */
export const CAPTURE_LIMITS = {
  firstMessages: 100,
  lastMessages: 100,
  /** UTF-8 bytes of the first messages, and again of the last ones. */
  bytesEach: 130_000,
  firstNotes: 60,
  lastNotes: 20,
  noteLength: 400,
} as const;

/** Everything that one call sent and received, bounded in number and size. */
export class CallCapture {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #messages = new FirstAndLast<CapturedMessage>(
    CAPTURE_LIMITS.firstMessages,
    CAPTURE_LIMITS.lastMessages,
    ({ raw }) => encoder.encode(raw).length,
  );
  readonly #notes = new FirstAndLast<CaptureNote>(
    CAPTURE_LIMITS.firstNotes,
    CAPTURE_LIMITS.lastNotes,
    () => 0,
  );

  /**
   * `changed` is called after every message and note, even after the call's end, because a late answer costs somebody
   * money.
   */
  constructor(clock: Clock, changed: () => void = () => {}) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Records a message that has just been sent or received. */
  message(message: Omit<CapturedMessage, 'at' | 'raw'> & { bytes: Uint8Array }): void {
    const { bytes, ...rest } = message;
    this.#messages.add({ at: this.#clock.now(), ...rest, raw: redactDigest(decodeMessage(bytes)) });
    this.#changed();
  }

  note(text: string): void {
    this.#notes.add({ at: this.#clock.now(), text: text.slice(0, CAPTURE_LIMITS.noteLength) });
    this.#changed();
  }

  /** Returns the recorded messages and notes, oldest first. A note says how many messages are omitted, and where. */
  snapshot(): CaptureSnapshot {
    const { omitted } = this.#messages;
    const [firstAfter] = this.#messages.last;
    const notes = this.#notes.items;
    if (omitted > 0 && firstAfter !== undefined) {
      notes.push({
        at: firstAfter.at,
        text: `${omitted} ${omitted === 1 ? 'message' : 'messages'} before this one are not kept.`,
      });
      notes.sort((a, b) => a.at - b.at);
    }
    return { messages: this.#messages.items, notes };
  }
}

const encoder = new TextEncoder();

/**
 * Blanks out the digest response: together with the challenge, which stays readable, it would let a reader of the
 * capture guess the provider's password offline. User name and realm are kept, because a mistake in one of them is a
 * likely cause.
 */
function redactDigest(message: string): string {
  return message.replace(
    /^((?:Proxy-)?Authorization[ \t]*:[^\r\n]*?\bresponse[ \t]*=[ \t]*")[^"\r\n]*/gim,
    '$1redacted',
  );
}

/** Keeps the first and the last items of a sequence and counts those in between that it drops. */
class FirstAndLast<T> {
  readonly #maxFirst: number;
  readonly #maxLast: number;
  readonly #sizeOf: (item: T) => number;
  readonly #first: T[] = [];
  #last: T[] = [];
  #firstBytes = 0;
  #lastBytes = 0;
  omitted = 0;

  constructor(maxFirst: number, maxLast: number, sizeOf: (item: T) => number) {
    this.#maxFirst = maxFirst;
    this.#maxLast = maxLast;
    this.#sizeOf = sizeOf;
  }

  get items(): T[] {
    return [...this.#first, ...this.#last];
  }

  get last(): T[] {
    return this.#last;
  }

  add(item: T): void {
    const size = this.#sizeOf(item);
    const fits = this.#firstBytes + size <= CAPTURE_LIMITS.bytesEach;
    if (this.#last.length === 0 && this.#first.length < this.#maxFirst && fits) {
      this.#first.push(item);
      this.#firstBytes += size;
      return;
    }
    this.#last.push(item);
    this.#lastBytes += size;
    while (this.#last.length > this.#maxLast || this.#lastBytes > CAPTURE_LIMITS.bytesEach) {
      const [oldest] = this.#last.splice(0, 1);
      if (oldest === undefined) return;
      this.#lastBytes -= this.#sizeOf(oldest);
      this.omitted += 1;
    }
  }
}
