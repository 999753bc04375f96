import * as z from 'zod/mini';

export const dialrouteSchema = z.object({
  id: z.string(),
  /** Nil UUID for a default route, which every customer may use. */
  customer_id: z.string(),
  provider_id: z.string(),
  /** Lower numbers are tried first. */
  priority: z.number(),
  /** A country code such as `+82`, or `all`. */
  target: z.string(),
});
/** A route: the provider to try for a target. */
export type Dialroute = z.infer<typeof dialrouteSchema>;
