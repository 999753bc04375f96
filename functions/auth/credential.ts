import * as z from 'zod/mini';
import { headersOf, repeatedValues } from '../http/repeated-values.ts';
import { CredentialError } from './principal.ts';

/**
 * The part of API Gateway's event to a REQUEST authorizer that is read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
export const authorizerEventSchema = z.object({
  methodArn: z.string(),
  resource: z.string(),
  httpMethod: z.string(),
  multiValueHeaders: repeatedValues,
  multiValueQueryStringParameters: repeatedValues,
  requestContext: z.object({ requestId: z.string() }),
});
export type AuthorizerEvent = z.infer<typeof authorizerEventSchema>;

export type Credential = { kind: 'token'; token: string } | { kind: 'accesskey'; key: string };

const BEARER = /^Bearer +([^\s]+)$/i;

/**
 * Returns the one credential of a request: `Authorization: Bearer`, `?token=` or `?accesskey=`.
 *
 * @throws {CredentialError} when there is none, and when there are several: which of them counts
 *   must not be a guess
 */
export function credentialOf(event: AuthorizerEvent): Credential {
  const query = event.multiValueQueryStringParameters ?? {};
  const authorizations = headersOf(event.multiValueHeaders).get('authorization') ?? [];
  const tokens = query['token'] ?? [];
  const accessKeys = query['accesskey'] ?? [];
  const sent = authorizations.length + tokens.length + accessKeys.length;
  if (sent === 0) throw new CredentialError('missing');
  if (sent > 1) throw new CredentialError('repeated');
  const [key] = accessKeys;
  if (key !== undefined) return { kind: 'accesskey', key };
  const [authorization] = authorizations;
  const token = authorization === undefined ? tokens[0] : BEARER.exec(authorization)?.[1];
  if (token === undefined) throw new CredentialError('malformed');
  return { kind: 'token', token };
}
