import * as z from 'zod/mini';

/**
 * Headers or query parameters as API Gateway gives them with every value that was sent, by name; null when there are none.
 * An object with a catch-all rather than a record, which would add kilobytes to the authorizer.
 */
export const repeatedValues = z.nullish(z.catchall(z.object({}), z.optional(z.array(z.string()))));
