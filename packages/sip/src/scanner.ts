/** Data from a peer that cannot be parsed as SIP. This is the only error that the parsers throw. */
export class SipSyntaxError extends Error {
  override name = 'SipSyntaxError';
  /** The status with which a request is rejected for it. */
  readonly status: 400 | 505 | 513;

  constructor(message: string, status: 400 | 505 | 513 = 400) {
    super(message);
    this.status = status;
  }
}

/** A token at `lastIndex` (RFC 3261 §25.1). */
export const TOKEN_PATTERN = /[A-Za-z0-9\-.!%*_+`'~]+/y;

/** Returns whether the whole text is a token. */
export function isToken(text: string): boolean {
  TOKEN_PATTERN.lastIndex = 0;
  return TOKEN_PATTERN.exec(text)?.[0] === text;
}

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;

/** Scans a header value (with lines already unfolded), never backwards, so that no input can make it slow. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, or '' at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  fail(what: string): SipSyntaxError {
    return new SipSyntaxError(`${what} at character ${this.at}`);
  }

  /** Consumes and returns what a sticky pattern matches here, or returns undefined. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  need(pattern: RegExp, what: string): string {
    const found = this.take(pattern);
    if (found === undefined || found === '') throw this.fail(`no ${what}`);
    return found;
  }

  /** Skips linear white space and returns whether there was any. */
  skipSpace(): boolean {
    const start = this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== TAB) return this.at > start;
      this.at += 1;
    }
  }

  /** Consumes a separator with the white space that RFC 3261 §25.1 allows around it (SEMI, COMMA, EQUAL, SLASH …). */
  takeSeparator(separator: string): boolean {
    const start = this.at;
    this.skipSpace();
    if (this.next !== separator) {
      this.at = start;
      return false;
    }
    this.at += 1;
    this.skipSpace();
    return true;
  }

  /** Consumes a quoted string and returns it with its quotes, as written (RFC 3261 §25.1 quoted-string). */
  takeQuoted(): string | undefined {
    if (this.next !== '"') return undefined;
    const start = this.at;
    for (let at = start + 1; at < this.text.length; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === 0x22) {
        this.at = at + 1;
        return this.text.slice(start, this.at);
      }
      if (code === 0x5c) {
        at += 1;
        const escaped = this.text.charCodeAt(at);
        if (escaped > 0x7f || escaped === CR || escaped === LF) throw this.fail('bad quoted pair');
      } else if ((code < SPACE && code !== TAB) || code === 0x7f) {
        throw this.fail('control character in a quoted string');
      }
    }
    throw this.fail('unbalanced quote');
  }

  /** Fails unless everything has been read. */
  end(what: string): void {
    this.skipSpace();
    if (!this.done) throw this.fail(`text after the ${what}`);
  }
}

/** Returns the text of a quoted string. */
export function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, '$1');
}

/** Returns `text` as a quoted string; control characters become spaces, so that it stays on one line. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return `"${text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}

export type Parameters = ReadonlyMap<string, string | undefined>;

// A token, a host or an IPv6 address with or without its brackets (RFC 3261 §25.1 gen-value, via-received).
const PARAMETER_VALUE_PATTERN = /[A-Za-z0-9\-.!%*_+`'~:[\]]+/y;

/**
 * Scans `*(SEMI name [EQUAL value])`, with names in lower case (RFC 3261 §7.3.1).
 *
 * @throws {SipSyntaxError} when a parameter cannot be read or occurs twice
 */
export function scanParameters(scanner: Scanner): Parameters {
  const parameters = new Map<string, string | undefined>();
  while (scanner.takeSeparator(';')) {
    const name = scanner.need(TOKEN_PATTERN, 'parameter name').toLowerCase();
    if (parameters.has(name)) throw scanner.fail('parameter given twice');
    const value = scanner.takeSeparator('=')
      ? (scanner.takeQuoted() ?? scanner.need(PARAMETER_VALUE_PATTERN, 'parameter value'))
      : undefined;
    parameters.set(name, value);
  }
  return parameters;
}
