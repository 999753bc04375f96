import * as z from 'zod/mini';

const healthStatusSchema = z.enum(['unknown', 'healthy', 'unhealthy']);
export type HealthStatus = z.infer<typeof healthStatusSchema>;

export const providerSchema = z.object({
  id: z.string(),
  type: z.literal('sip'),
  /** Host or IP address, with a port where it is not 5060. */
  hostname: z.string(),
  tech_prefix: z.string(),
  tech_postfix: z.string(),
  tech_headers: z.record(z.string(), z.string()),
  /** In order of preference, such as `PCMU,PCMA`. */
  codecs: z.string(),
  /** Digest credentials (RFC 3261 §22) for a carrier that challenges; empty when there are none. */
  auth_username: z.string(),
  /** Stored, never returned. */
  auth_password: z.string(),
  name: z.string(),
  detail: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  health_status: healthStatusSchema,
  health_checked_at: z.nullable(z.string()),
  /** What the last health check found: the response, or why there was none. The platform does not have this field. */
  health_detail: z.optional(z.string()),
  tm_create: z.string(),
  tm_update: z.string(),
  tm_delete: z.nullable(z.string()),
});
/** A SIP carrier as stored. */
export type Provider = z.infer<typeof providerSchema>;
/** A SIP carrier as returned. */
export type PublicProvider = Omit<Provider, 'auth_password'>;
