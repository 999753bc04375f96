import * as z from 'zod/mini';
import { readEnvironment } from '../environment.ts';

const { CORS_ORIGINS: origins } = readEnvironment(
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

/** The answer's headers that a page may read besides the body. */
const exposed = 'X-Request-Id, Idempotent-Replayed, X-ProviderCall-State, Retry-After';

/**
 * What lets a page of a configured origin (CORS_ORIGINS) read an answer: nothing for any other, and nothing at all
 * unless origins are configured.
 */
export const crossOriginHeaders = ([origin]: string[]): Record<string, string> => {
  if (origins.size === 0) return {};
  const allowed = origin !== undefined && origins.has(origin);
  return {
    Vary: 'Origin',
    ...(allowed && { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': exposed }),
  };
};
