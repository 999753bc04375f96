import { PlatformError } from '../platform-error.ts';
import type { ApiRequest } from './api-request.ts';

export const bodyLimits = { bytes: 64 * 1024, depth: 32 } as const;

const jsonMediaType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** How deep a JSON text nests, told in one pass without parsing it: brackets outside of strings. */
const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
};

const invalidBody = (message: string, cause?: unknown) =>
  new PlatformError('INVALID_JSON_BODY', message, { cause });

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidBody('The body is not UTF-8. Send JSON in UTF-8.', cause);
  }
};

/** The parsed JSON body of a request. Type, size and depth are judged before anything is parsed; throws PlatformError. */
export const readJsonBody = ({ header, body }: ApiRequest): unknown => {
  const [contentType, ...more] = header('content-type');
  if (contentType === undefined || more.length > 0 || !jsonMediaType.test(contentType)) {
    throw new PlatformError(
      'INVALID_ARGUMENT',
      'Send the body as JSON, with Content-Type: application/json.',
      {
        details: [{ field: 'Content-Type', message: 'must be application/json' }],
      },
    );
  }
  const bytes = Buffer.from(body.text, body.isBase64 ? 'base64' : 'utf8');
  if (bytes.length > bodyLimits.bytes) {
    throw new PlatformError(
      'REQUEST_TOO_LARGE',
      `The body is larger than ${bodyLimits.bytes} bytes. Send fewer destinations or actions.`,
    );
  }
  const text = body.isBase64 ? decode(bytes) : body.text;
  if (depthOf(text) > bodyLimits.depth) {
    throw invalidBody(`The body nests deeper than ${bodyLimits.depth} levels. Flatten it.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidBody('The body is not JSON. Check its syntax.', cause);
  }
};
