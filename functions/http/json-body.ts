import { PlatformError } from '../platform-error.ts';
import type { ApiRequest } from './api-request.ts';
import { unacceptable } from './parse-input.ts';

/** Maximum size of a body, before it is parsed. */
export const MAX_BODY_BYTES = 64 * 1024;
/** Maximum depth of the objects and lists in a body. */
export const MAX_BODY_DEPTH = 32;

/** Significant decimal digits that a double always preserves, unless it is smaller than the least normal one. */
const SAFE_DIGITS = 15;
const MIN_SAFE_NUMBER = 1e-307;

const JSON_MEDIA_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Returns the parsed JSON body of a request. Type and size are checked before anything is parsed; JSON.parse itself does not
 * recurse, so any depth is safe to parse.
 *
 * @throws {PlatformError} INVALID_ARGUMENT when the content type is not application/json in UTF-8
 * @throws {PlatformError} REQUEST_TOO_LARGE when it has more than MAX_BODY_BYTES
 * @throws {PlatformError} INVALID_JSON_BODY when it is not JSON, not UTF-8 or nested deeper than MAX_BODY_DEPTH
 * @throws {PlatformError} INVALID_ARGUMENT when what is parsed would not be what was sent
 */
export function readJsonBody({ header, body }: ApiRequest): unknown {
  const [contentType, ...more] = header('content-type');
  if (contentType === undefined || more.length > 0 || !JSON_MEDIA_TYPE.test(contentType)) {
    throw unacceptable([{ field: 'Content-Type', message: 'must be application/json' }]);
  }
  const bytes = Buffer.from(body.text, body.isBase64 ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    throw new PlatformError(
      'REQUEST_TOO_LARGE',
      `The body is larger than ${MAX_BODY_BYTES} bytes. Send fewer destinations or actions.`,
    );
  }
  const text = body.isBase64 ? decode(bytes) : body.text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalidBody('The body is not JSON. Check its syntax.', cause);
  }
  checkVerbatim(text);
  return parsed;
}

/** What decides whether a JSON text is parsed verbatim: strings, with a colon if they are keys, brackets and numbers. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]|-?\d[-+.\deE]*/g;

/**
 * Rejects a JSON text that is nested too deep, and what JSON.parse silently changes: of two members with one key it keeps the
 * last, it rounds numbers, and `__proto__` is lost when the value is copied. API Gateway replaces bytes that are not UTF-8
 * by U+FFFD.
 */
function checkVerbatim(text: string): void {
  const keys: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (keys.push(new Set(['__proto__'])) > MAX_BODY_DEPTH) {
        throw invalidBody(`The body is nested deeper than ${MAX_BODY_DEPTH} levels. Flatten it.`);
      }
    } else if (token === '}' || token === ']') keys.pop();
    else if (string === undefined) {
      if (!isExact(token)) {
        throw unacceptable([{ field: 'body', message: 'has a number that a double cannot hold' }]);
      }
    } else {
      const value: string = JSON.parse(string);
      if (value.includes('\ufffd')) throw notUtf8();
      if (colon === undefined) continue;
      if (keys.at(-1)?.has(value))
        throw unacceptable([{ field: value, message: 'is a duplicate or reserved key' }]);
      keys.at(-1)?.add(value);
    }
  }
}

/**
 * Returns whether JSON.parse and JSON.stringify preserve a number: it is spelled as JSON.stringify spells it, or has no
 * more significant digits than every double of its size has.
 */
function isExact(literal: string): boolean {
  const value = Number(literal);
  const digits = literal.replace(/^[-0.]+|\.|e.*/gi, '');
  return (
    String(value).replace('+', '') === literal.replace('+', '') ||
    digits === '' ||
    (digits.length <= SAFE_DIGITS && Number.isFinite(value) && Math.abs(value) > MIN_SAFE_NUMBER)
  );
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notUtf8(cause);
  }
}

function notUtf8(cause?: unknown): PlatformError {
  return invalidBody('The body is not UTF-8, or contains U+FFFD. Send JSON in UTF-8.', cause);
}

function invalidBody(message: string, cause?: unknown): PlatformError {
  return new PlatformError('INVALID_JSON_BODY', message, { cause });
}
