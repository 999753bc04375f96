/**
 * Headers of every answer, those that the gateway makes itself included. Answers are JSON about telephone calls: not
 * to be kept, guessed at, framed or fetched in the clear.
 */
export const responseHeaders = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
} as const;
