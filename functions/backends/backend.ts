import * as z from 'zod/mini';
import { exchange, type Incoming } from '../outbound/exchange.ts';
import type { RequestScope } from '../request-scope.ts';
import type { BackendAuthorization } from './backend-authorization.ts';
import { BackendFailure, type BackendRefusal, outcomeOfError, outcomeOfStatus } from './backend-failure.ts';

export type BackendSettings = {
  /** How the backend is called in messages and timings: route, flow or call. */
  name: string;
  /** Base URL of the internal trust path; paths are appended to it. */
  url: URL;
  authorization: BackendAuthorization;
  /** Milliseconds for one request, connection and answer included. */
  timeoutMs: number;
};

export type BackendRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  idempotencyKey?: string;
};

export type Backend = ReturnType<typeof createBackend>;

const envelopeSchema = z.object({ error: z.object({ reason: z.string(), message: z.string() }) });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const refusalOf = ({ status, headers, text }: Incoming): BackendRefusal => {
  const envelope = z.safeParse(envelopeSchema, parseJson(text)).data;
  const seconds = Number(headers['retry-after']);
  return {
    status,
    reason: envelope?.error.reason,
    message: envelope?.error.message,
    retryAfterSeconds: Number.isInteger(seconds) && seconds > 0 ? seconds : undefined,
  };
};

/** A client of one backend on the internal trust path. */
export const createBackend = ({ name, url, authorization, timeoutMs }: BackendSettings) => {
  const base = url.href.replace(/\/$/, '');

  /** Sends the request and gives whatever was answered. Throws BackendFailure when nothing was. */
  const send = async (
    scope: RequestScope,
    { method, path, body, idempotencyKey }: BackendRequest,
  ): Promise<Incoming> => {
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
      throw new BackendFailure(name, 'no authorization for it', { outcome: 'nothing-done', cause });
    });
    const answer = await scope.measure(name, () =>
      exchange({ ...request, headers, timeoutMs }).catch((cause: unknown) => {
        const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
        const what = timedOut ? `no answer within ${timeoutMs} ms` : 'no answer';
        throw new BackendFailure(name, `${method}: ${what}`, {
          outcome: outcomeOfError(cause),
          timedOut,
          cause,
        });
      }),
    );
    if (answer.status === 401) authorization.refused();
    return answer;
  };

  return {
    send,

    /**
     * Sends the request and gives its answer, parsed. Throws BackendFailure when there is none, when it is not a
     * success, and when it does not parse: then the deed is done, but what came of it is not known.
     */
    request: async <Schema extends z.ZodMiniType>(
      scope: RequestScope,
      schema: Schema,
      request: BackendRequest,
    ): Promise<z.infer<Schema>> => {
      const answer = await send(scope, request);
      if (answer.status < 200 || answer.status > 299) {
        throw new BackendFailure(name, `${request.method} answered ${answer.status}`, {
          outcome: outcomeOfStatus(answer.status),
          refusal: refusalOf(answer),
        });
      }
      const { data, success } = z.safeParse(schema, parseJson(answer.text));
      if (!success) {
        throw new BackendFailure(
          name,
          `${request.method} answered ${answer.status} with what is not its schema`,
          {
            outcome: 'unknown',
          },
        );
      }
      return data;
    },
  };
};
