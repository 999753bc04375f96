import { MAX_MESSAGE_BYTES } from './parse-message.ts';

const CR = 0x0d;
const LF = 0x0a;
const CONTENT_LENGTH = /^(?:Content-Length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$/im;

export type Framed = {
  messages: Uint8Array[];
  /** How many keep-alives (empty lines between messages) were received (RFC 5626 §4.4.1). */
  keepAlives: number;
};

/** Splits a byte stream into messages by their Content-Length (RFC 3261 §18.3). */
export class StreamFraming {
  #buffer: Buffer = Buffer.alloc(0);

  /** @throws {RangeError} when a message is longer than accepted; nothing more can be read from the connection then. */
  push(bytes: Uint8Array): Framed {
    this.#buffer = this.#buffer.byteLength === 0 ? Buffer.from(bytes) : Buffer.concat([this.#buffer, bytes]);
    const framed: Framed = { messages: [], keepAlives: 0 };
    for (;;) {
      framed.keepAlives += this.#skipEmptyLines();
      const message = this.#take();
      if (message === undefined) return framed;
      framed.messages.push(message);
    }
  }

  /** The part received so far of an incomplete message. */
  get rest(): Uint8Array {
    return this.#buffer;
  }

  /** A ping is two empty lines; the pong to it is one. */
  #skipEmptyLines(): number {
    let at = 0;
    while (this.#buffer[at] === CR && this.#buffer[at + 1] === LF) at += 2;
    this.#buffer = this.#buffer.subarray(at);
    return Math.floor(at / 4);
  }

  #take(): Uint8Array | undefined {
    const headEnd = blankLineEnd(this.#buffer);
    if (headEnd === undefined) {
      if (this.#buffer.byteLength > MAX_MESSAGE_BYTES) throw new RangeError('headers without an end');
      return undefined;
    }
    const head = this.#buffer.subarray(0, headEnd).toString('latin1');
    const length = headEnd + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
    if (length > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${length} bytes`);
    if (this.#buffer.byteLength < length) return undefined;
    const message = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return message;
  }
}

/** Returns the offset after the empty line that ends the headers. */
function blankLineEnd(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (bytes[next] === LF) return next + 1;
  }
  return undefined;
}
