import * as z from 'zod/mini';
import { type HttpResponse, sendRequest } from '../outbound/http-client.ts';
import { type BackendErrorResponse, BackendFailure, type Outcome } from '../provider-calls/ports.ts';
import type { RequestScope } from '../request-scope.ts';
import type { BackendAuthorization } from './backend-authorization.ts';

export type BackendSettings = {
  /** The backend's name in messages and timings: route, flow or call. */
  name: string;
  /** Base URL of the internal trust path; paths are appended to it. */
  url: URL;
  authorization: BackendAuthorization;
  /** Milliseconds for one request, including connection and response. */
  timeoutMs: number;
};

export type BackendRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  idempotencyKey?: string;
};

/** A client of one backend on the internal trust path. */
export type Backend = {
  /**
   * Sends the request and returns the response, whatever its status.
   *
   * @throws {BackendFailure} when there is none
   */
  send(scope: RequestScope, request: BackendRequest): Promise<HttpResponse>;

  /**
   * Sends the request and returns its response, parsed.
   *
   * @throws {BackendFailure} when there is no response, when it is not a success, or when it does not parse, in which
   *   case the backend has acted, but it is not known how
   */
  request<Schema extends z.ZodMiniType>(
    scope: RequestScope,
    schema: Schema,
    request: BackendRequest,
  ): Promise<z.infer<Schema>>;
};

/**
 * Errors of a connection that was never made, each with the call that failed (libuv's names): no such name, refused, no route,
 * no response to its SYN. With any other one the request may have left before it failed, as with a route that is lost later.
 */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'getaddrinfo ENOTFOUND',
  'getaddrinfo EAI_AGAIN',
  'connect ECONNREFUSED',
  'connect EHOSTUNREACH',
  'connect ENETUNREACH',
  'connect ETIMEDOUT',
]);

const systemErrorSchema = z.object({ syscall: z.string(), code: z.string() });

/**
 * The statuses that are certainly returned before any effect. Any other may come after it: a proxy's own 408 (Envoy's
 * stream timeout), 409 and 422 for a key that was seen with another body, 421 and 425 from something in between.
 */
const NEVER_ACTED: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 405, 413, 415, 429]);

const envelopeSchema = z.object({ error: z.object({ reason: z.string(), message: z.string() }) });

/** Returns a client of one backend over HTTP. */
export function createBackend({ name, url, authorization, timeoutMs }: BackendSettings): Backend {
  const base = url.href.replace(/\/$/, '');
  return backendOf(name, send);

  async function send(
    scope: RequestScope,
    { method, path, body, idempotencyKey }: BackendRequest,
  ): Promise<HttpResponse> {
    const request = {
      method,
      url: new URL(base + path),
      headers: {
        Accept: 'application/json',
        'X-Request-Id': scope.requestId,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    const headers = await authorization.authorize(request).catch((cause: unknown) => {
      throw new BackendFailure(name, 'the request could not be authorized', {
        outcome: 'nothing-done',
        cause,
      });
    });
    const response = await scope.measure(name, () =>
      sendRequest({ ...request, headers, timeoutMs }).catch((cause: unknown) => {
        const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
        const what = timedOut ? `no response within ${timeoutMs} ms` : 'no response';
        throw new BackendFailure(name, `${method}: ${what}`, {
          outcome: outcomeOfError(cause),
          timedOut,
          cause,
        });
      }),
    );
    if (response.status === 401) authorization.rejected();
    return response;
  }
}

/**
 * Returns a client of one backend that uses the given function to send requests: a response has the same meaning on
 * every transport.
 */
export function backendOf(name: string, send: Backend['send']): Backend {
  return {
    send,
    request: async (scope, schema, request) => {
      const response = await send(scope, request);
      if (response.status < 200 || response.status > 299) {
        throw new BackendFailure(name, `${request.method} returned ${response.status}`, {
          outcome: outcomeOfStatus(response.status),
          errorResponse: errorResponseOf(response),
        });
      }
      const { data, success } = z.safeParse(schema, parseJson(response.text));
      if (!success) {
        throw new BackendFailure(
          name,
          `${request.method} returned ${response.status} with a body that does not match its schema`,
          { outcome: 'unknown' },
        );
      }
      return data;
    },
  };
}

/** Returns what a request that ended in an error has done at the backend. */
export function outcomeOfError(error: unknown): Outcome {
  return errorsIn(error).every((one) => NEVER_CONNECTED.has(failedCall(one))) ? 'nothing-done' : 'unknown';
}

/** Returns what is known about the effect of a request whose response is not a success. */
function outcomeOfStatus(status: number): Outcome {
  return NEVER_ACTED.has(status) ? 'nothing-done' : 'unknown';
}

/** Returns all errors in it: Node tries every address of a host and collects the error of each try. */
function errorsIn(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(errorsIn) : [error];
}

/** Returns the system call that failed and its error, as Node names them; "" for an error of another kind. */
function failedCall(error: unknown): string {
  const { data } = z.safeParse(systemErrorSchema, error);
  return data === undefined ? '' : `${data.syscall} ${data.code}`;
}

function errorResponseOf({ status, headers, text }: HttpResponse): BackendErrorResponse {
  const envelope = z.safeParse(envelopeSchema, parseJson(text)).data;
  const seconds = Number(headers['retry-after']);
  return {
    status,
    reason: envelope?.error.reason,
    message: envelope?.error.message,
    retryAfterSeconds: Number.isInteger(seconds) && seconds > 0 ? seconds : undefined,
  };
}

/** Returns the value of a JSON text, or undefined for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
