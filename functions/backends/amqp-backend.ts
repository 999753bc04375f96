import * as z from 'zod/mini';
import { MAX_RESPONSE_BYTES } from '../outbound/http-client.ts';
import { BackendFailure } from '../provider-calls/ports.ts';
import type { RequestScope } from '../request-scope.ts';
import { type AmqpClient, AmqpFailure } from './amqp-client.ts';
import { type Backend, backendOf, parseJson } from './backend.ts';

type AmqpBackendSettings = {
  /** The backend's name in messages and timings: route, flow or call. */
  name: string;
  client: AmqpClient;
  /** The queue that its managers consume. */
  queue: string;
  /** Milliseconds for one request, connection and reply included. */
  timeoutMs: number;
};

/** The name of the sender in the managers' logs. */
const PUBLISHER = 'provider-call';

const JSON_TYPE = 'application/json';

const METRIC_OF_FAULT = {
  connection: 'BrokerConnectionFailures',
  unroutable: 'UnroutableRequests',
  expired: 'ExpiredRequests',
} as const;

/** The envelope of a reply. A manager that fails internally sends only the status. */
const replySchema = z.object({
  status_code: z.int().check(z.minimum(100), z.maximum(599)),
  data_type: z.optional(z.string()),
  data: z.optional(z.unknown()),
});

/**
 * Returns a client of one backend over the platform's own transport: RPC over RabbitMQ. An envelope holds the same
 * paths, bodies and statuses as over HTTP. The managers do not support idempotency keys there, so none are sent.
 */
export function createAmqpBackend({ name, client, queue, timeoutMs }: AmqpBackendSettings): Backend {
  return backendOf(name, async (scope, { method, path, body }) => {
    const envelope = {
      uri: path,
      method,
      publisher: PUBLISHER,
      data_type: JSON_TYPE,
      ...(body !== undefined && { data: body }),
      request_id: scope.requestId,
    };
    const text = await scope.measure(name, () =>
      client.request({ queue, body: JSON.stringify(envelope), timeoutMs }).catch((error: unknown) => {
        throw failureOf(name, method, scope, error);
      }),
    );
    if (Buffer.byteLength(text) > MAX_RESPONSE_BYTES) {
      throw new BackendFailure(name, `${method}: the reply is larger than ${MAX_RESPONSE_BYTES} bytes`, {
        outcome: 'unknown',
      });
    }
    const { data: reply, success } = z.safeParse(replySchema, parseJson(text));
    if (!success) {
      throw new BackendFailure(name, `${method}: the reply is not an envelope`, { outcome: 'unknown' });
    }
    return { status: reply.status_code, headers: {}, text: textOf(reply) };
  });
}

/** Returns a reply's body as it would be over HTTP, where a typed error is a member `error`. */
function textOf({ status_code, data_type, data }: z.infer<typeof replySchema>): string {
  if (data === undefined) return '';
  return JSON.stringify(status_code >= 400 && data_type !== JSON_TYPE ? { error: data } : data);
}

/** Returns the failure of a request without a reply, and counts it. */
function failureOf(name: string, method: string, scope: RequestScope, error: unknown): unknown {
  if (!(error instanceof AmqpFailure)) return error;
  const { outcome, timedOut, fault } = error;
  scope.count(METRIC_OF_FAULT[fault], 1);
  return new BackendFailure(name, `${method}: ${error.message}`, { outcome, timedOut, cause: error.cause });
}
