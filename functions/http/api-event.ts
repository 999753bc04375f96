import * as z from 'zod/mini';
import { repeatedValues } from './repeated-values.ts';

const single = z.nullish(z.record(z.string(), z.optional(z.string())));

/** What the authorizer hands on about the caller, by way of API Gateway. */
const callerSchema = z.object({
  customer_id: z.string(),
  actor_type: z.enum(['agent', 'accesskey']),
  actor_id: z.string(),
});

/**
 * The part of API Gateway's proxy event (REST API, payload version 1.0) that the functions read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export const apiEventSchema = z.object({
  resource: z.string(),
  httpMethod: z.string(),
  pathParameters: single,
  multiValueHeaders: repeatedValues,
  multiValueQueryStringParameters: repeatedValues,
  body: z.nullish(z.string()),
  isBase64Encoded: z.boolean(),
  requestContext: z.object({ requestId: z.string(), authorizer: callerSchema }),
});
export type ApiEvent = z.infer<typeof apiEventSchema>;
