import { randomBytes, randomUUID } from 'node:crypto';
import type { Method } from '../template/rest-api.ts';
import type { GatewayFault } from './gateway-fault.ts';
import type { IncomingRequest } from './incoming-request.ts';

/** What an authorizer passes on to the integration, with values as strings, including `principalId`. */
export type AuthorizerContext = Record<string, string>;

/** A request and the state of its processing, from which the `$context` variables are read. */
export type RequestContext = {
  requestId: string;
  extendedRequestId: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  request?: IncomingRequest;
  method?: Method;
  pathParameters?: Record<string, string>;
  authorizer?: { context: AuthorizerContext; latencyMs: number };
  integration?: { status: number; latencyMs: number };
  fault?: GatewayFault;
  response?: { status: number; bytes: number; latencyMs: number };
};

/** Returns the context of a request that has just arrived. */
export function createRequestContext(): RequestContext {
  return {
    requestId: randomUUID(),
    extendedRequestId: randomBytes(11).toString('base64url').slice(0, 15).concat('='),
    startedAt: Date.now(),
  };
}
