import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod/mini';
import type { RestApiDefinition } from '../template/rest-api.ts';
import { GatewayFault } from './gateway-fault.ts';
import type { HttpResponse } from './listener.ts';

const headerValue = z.union([z.string(), z.number(), z.boolean()]);

const proxyResponseSchema = z.object({
  statusCode: z.int().check(z.gte(200), z.lte(599)),
  headers: z.nullish(z.record(z.string(), headerValue)),
  multiValueHeaders: z.nullish(z.record(z.string(), z.array(headerValue))),
  body: z.nullish(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});

/** Headers that API Gateway reserves: those of a function are renamed to `x-amzn-Remapped-…`. */
const REMAPPED_HEADERS = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'www-authenticate',
]);

/**
 * Reads a function's response to a proxy event (API Gateway Developer Guide, "Output format of a Lambda function
 * for proxy integration").
 *
 * @throws {GatewayFault} 502 for a response of a different shape.
 */
export function readProxyResponse(
  payload: string,
  { hasBinaryMedia }: Pick<RestApiDefinition, 'hasBinaryMedia'>,
): HttpResponse {
  const parsed = proxyResponseSchema.safeParse(JSON.parse(payload));
  if (!parsed.success) throw new GatewayFault('DEFAULT_5XX', { cause: parsed.error });
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data;

  // A name that is in both keeps the values of the list.
  const values = new Map<string, [name: string, values: readonly unknown[]]>();
  for (const [name, value] of Object.entries(headers ?? {})) values.set(name.toLowerCase(), [name, [value]]);
  for (const [name, list] of Object.entries(multiValueHeaders ?? {}))
    values.set(name.toLowerCase(), [name, list]);
  if (!values.has('content-type')) values.set('content-type', ['Content-Type', ['application/json']]);

  return {
    status: statusCode,
    headers: [...values.values()].flatMap(([name, list]) => list.map((value) => header(name, String(value)))),
    // Without binary media types the body is sent as it is, base64 or not.
    body: hasBinaryMedia && isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function header(name: string, value: string): [name: string, value: string] {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new GatewayFault('DEFAULT_5XX', { cause });
  }
  return [REMAPPED_HEADERS.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value];
}
