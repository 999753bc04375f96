import type { MiddlewareObj, Request } from '@middy/core';
import * as z from 'zod/mini';
import { readEnvironment } from '../environment.ts';
import type { Invocation } from './api-request.ts';

export type ApiResponse = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  /** Whether `body` is the base64 of a binary body. */
  isBase64Encoded?: boolean;
};

/**
 * Headers of every response, including those that the gateway makes itself. Responses are JSON about telephone calls and
 * must not be stored, sniffed, framed or fetched unencrypted.
 */
export const RESPONSE_HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
} as const;

/** The response's headers that a page of another origin may read besides the body. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'Idempotent-Replayed',
  ...['State', 'Created-By', 'Deleted-By', 'Request-Id', 'Candidates', 'Unconfirmed'].map(
    (name) => `X-ProviderCall-${name}`,
  ),
  'Retry-After',
];

const { CORS_ORIGINS: corsOrigins } = readEnvironment(
  z.object({
    CORS_ORIGINS: z._default(
      z.pipe(
        z.string(),
        z.transform((list): ReadonlySet<string> => new Set(list.split(','))),
      ),
      new Set(),
    ),
  }),
);

/** Middleware: adds the headers that every response has, errors included. */
export const addHeaders: MiddlewareObj<Invocation, ApiResponse> = { after: add, onError: add };

/**
 * Returns the headers that let a page of a configured origin (CORS_ORIGINS) read a response: none for any other, and
 * none at all unless origins are configured.
 */
export function crossOriginHeaders([origin]: string[]): Record<string, string> {
  if (corsOrigins.size === 0) return {};
  const allowed = origin !== undefined && corsOrigins.has(origin);
  return {
    Vary: 'Origin',
    ...(allowed && {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': EXPOSED_HEADERS.join(', '),
    }),
  };
}

function add({ event: { scope, origins }, response }: Request<Invocation, ApiResponse>): void {
  if (!response) return;
  response.headers = {
    ...RESPONSE_HEADERS,
    'X-Request-Id': scope.requestId,
    ...crossOriginHeaders(origins),
    ...response.headers,
  };
}
