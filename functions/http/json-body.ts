import { PlatformError } from '../platform-error.ts';
import type { ApiRequest } from './api-request.ts';

export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_BODY_DEPTH = 32;

const JSON_MEDIA_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Returns the parsed JSON body of a request. Type, size and depth are checked before anything is parsed.
 *
 * @throws {PlatformError} INVALID_ARGUMENT when the content type is not application/json in UTF-8
 * @throws {PlatformError} REQUEST_TOO_LARGE when it has more than MAX_BODY_BYTES
 * @throws {PlatformError} INVALID_JSON_BODY when it is not JSON, not UTF-8 or nested deeper than MAX_BODY_DEPTH
 */
export function readJsonBody({ header, body }: ApiRequest): unknown {
  const [contentType, ...more] = header('content-type');
  if (contentType === undefined || more.length > 0 || !JSON_MEDIA_TYPE.test(contentType)) {
    throw new PlatformError(
      'INVALID_ARGUMENT',
      'Send the body as JSON, with Content-Type: application/json.',
      {
        details: [{ field: 'Content-Type', message: 'must be application/json' }],
      },
    );
  }
  const bytes = Buffer.from(body.text, body.isBase64 ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    throw new PlatformError(
      'REQUEST_TOO_LARGE',
      `The body is larger than ${MAX_BODY_BYTES} bytes. Send fewer destinations or actions.`,
    );
  }
  const text = body.isBase64 ? decode(bytes) : body.text;
  if (depthOf(text) > MAX_BODY_DEPTH) {
    throw invalidBody(`The body is nested deeper than ${MAX_BODY_DEPTH} levels. Flatten it.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidBody('The body is not JSON. Check its syntax.', cause);
  }
}

/** Returns how deep a JSON text is nested, in one pass without parsing it: brackets outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let maxDepth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    maxDepth = Math.max(maxDepth, depth);
  }
  return maxDepth;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidBody('The body is not UTF-8. Send JSON in UTF-8.', cause);
  }
}

function invalidBody(message: string, cause?: unknown): PlatformError {
  return new PlatformError('INVALID_JSON_BODY', message, { cause });
}
