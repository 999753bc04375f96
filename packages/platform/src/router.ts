import * as z from 'zod/mini';
import { nilUuid, uuidSchema } from '../../../functions/uuid.ts';
import { type Calls, createCallsSchema } from './calls.ts';
import { createFlowSchema, type Flows } from './flows.ts';
import { createProviderSchema, type Providers, updateProviderSchema } from './providers.ts';
import { invalidArgument, Refusal } from './refusal.ts';
import { formatTraceLadder } from './trace-ladder.ts';

export type SandboxRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
};

export type SandboxResponse = { status: number; headers: Record<string, string>; body: string };

export type Router = (request: SandboxRequest) => Promise<SandboxResponse>;

type RouterOptions = {
  providers: Providers;
  flows: Flows;
  calls: Calls;
  newRequestId(): string;
  /** Told what the client only learns as INTERNAL. */
  onError(error: unknown, requestId: string): void;
};

/** What a route has of its request. */
type Inbound = {
  /** The UUID in the path; a route without one does not look at it. */
  id: string;
  query: URLSearchParams;
  /** Whose things the request may see; undefined for all. */
  customerId: string | undefined;
  idempotencyKey: string | undefined;
  body<Schema extends z.ZodMiniType>(schema: Schema): z.infer<Schema>;
};

/** Text is answered as it is, everything else as JSON. */
type Route = { method: string; path: RegExp; answer(inbound: Inbound): Promise<unknown> };

const contextSchema = z.object({
  customer_id: z.optional(uuidSchema),
  'idempotency-key': z.optional(
    z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/, 'is not 1 to 255 visible ASCII characters')),
  ),
});

const parse = <Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.infer<Schema> => {
  const parsed = z.safeParse(schema, value);
  if (!parsed.success) throw invalidArgument(parsed.error.issues);
  return parsed.data;
};

const bodyOf = ({ headers, body }: SandboxRequest): unknown => {
  const invalid = (message: string) => new Refusal('INVALID_ARGUMENT', 'INVALID_JSON_BODY', message);
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw invalid('The content type is not application/json.');
  }
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('The body is not JSON.');
  }
};

const routesOf = ({ providers, flows, calls }: RouterOptions): Route[] => {
  const one = (collection: string, rest = '') => new RegExp(`^/v1/${collection}/([^/]+)${rest}$`);
  const all = (collection: string) => new RegExp(`^/v1/${collection}$`);
  return [
    { method: 'GET', path: all('providers'), answer: ({ query }) => providers.list(query) },
    {
      method: 'POST',
      path: all('providers'),
      answer: async ({ body }) => providers.create(body(createProviderSchema)),
    },
    { method: 'GET', path: one('providers'), answer: ({ id }) => providers.get(id) },
    {
      method: 'PUT',
      path: one('providers'),
      answer: async ({ id, body }) => providers.update(id, body(updateProviderSchema)),
    },
    { method: 'DELETE', path: one('providers'), answer: ({ id }) => providers.delete(id) },

    { method: 'GET', path: all('flows'), answer: ({ query }) => flows.list(query) },
    {
      method: 'POST',
      path: all('flows'),
      answer: async ({ body, idempotencyKey }) => flows.create(body(createFlowSchema), idempotencyKey),
    },
    { method: 'GET', path: one('flows'), answer: ({ id, customerId }) => flows.get(id, customerId) },
    { method: 'DELETE', path: one('flows'), answer: ({ id }) => flows.delete(id) },

    {
      method: 'GET',
      path: all('calls'),
      answer: ({ query }) => {
        const key = query.get('idempotency_key');
        return key === null ? calls.list(query) : calls.placedBy(key);
      },
    },
    {
      method: 'POST',
      path: all('calls'),
      answer: async ({ body, idempotencyKey }) => calls.create(body(createCallsSchema), idempotencyKey),
    },
    { method: 'GET', path: one('calls'), answer: ({ id, customerId }) => calls.get(id, customerId) },
    {
      method: 'POST',
      path: one('calls', '/hangup'),
      answer: ({ id, customerId }) => calls.hangup(id, customerId),
    },
    {
      method: 'GET',
      path: one('calls', '/sip-trace'),
      answer: async ({ id, customerId, query }) => {
        const { entries } = await calls.traceOf(id, customerId);
        return query.get('format') === 'text' ? formatTraceLadder(entries) : { result: entries };
      },
    },
    {
      method: 'GET',
      path: one('groupcalls'),
      answer: ({ id, customerId }) => calls.groupcall(id, customerId),
    },
  ];
};

/** The stand-in's HTTP interface, whatever server it runs in. Every fault is an answer in the platform's envelope. */
export function createRouter(options: RouterOptions): Router {
  const routes = routesOf(options);

  const routed = async (request: SandboxRequest): Promise<unknown> => {
    const { method, path, query, headers } = request;
    const [match] = routes.flatMap((route) => {
      const found = route.method === method ? route.path.exec(path) : null;
      return found === null ? [] : [{ route, id: found[1] }];
    });
    if (match === undefined)
      throw new Refusal('NOT_FOUND', 'ROUTE_NOT_FOUND', 'There is no such path or method.');
    const id = z.safeParse(uuidSchema, match.id ?? nilUuid);
    if (!id.success) throw new Refusal('INVALID_ARGUMENT', 'INVALID_ID', 'The id in the path is not a UUID.');
    const context = parse(contextSchema, {
      customer_id: query.get('customer_id') ?? undefined,
      'idempotency-key': headers['idempotency-key'],
    });
    return await match.route.answer({
      id: id.data,
      query,
      customerId: context.customer_id,
      idempotencyKey: context['idempotency-key'],
      body: (schema) => parse(schema, bodyOf(request)),
    });
  };

  return async (request) => {
    const requestId = request.headers['x-request-id'] ?? options.newRequestId();
    const respond = (
      status: number,
      content: unknown,
      headers: Record<string, string> = {},
    ): SandboxResponse => ({
      status,
      headers: {
        'Content-Type': typeof content === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
        'X-Request-Id': requestId,
        ...headers,
      },
      body: typeof content === 'string' ? content : JSON.stringify(content),
    });
    try {
      return respond(200, await routed(request));
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal('INTERNAL', 'INTERNAL', 'Something went wrong.');
      if (refusal !== error) options.onError(error, requestId);
      return respond(refusal.httpStatus, errorEnvelope(refusal, requestId), {
        ...(refusal.retryAfterSeconds !== undefined && { 'Retry-After': String(refusal.retryAfterSeconds) }),
      });
    }
  };
}

/** The platform's form of an error. */
export function errorEnvelope({ status, reason, message, details }: Refusal, requestId: string) {
  return {
    error: { status, reason, message, request_id: requestId, ...(details.length > 0 && { details }) },
  };
}
