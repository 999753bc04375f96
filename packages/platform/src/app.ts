import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type RequestIdVariables, requestId } from 'hono/request-id';
import * as z from 'zod/mini';
import { httpStatusOf } from '../../../functions/http/error-response.ts';
import { parseInput } from '../../../functions/http/parse-input.ts';
import { PlatformError, statusOf } from '../../../functions/platform-error.ts';
import { uuidSchema } from '../../../functions/uuid.ts';
import type { Calls } from './calls.ts';
import { createFlowSchema, type Flows } from './flows.ts';
import { ManagerError } from './manager-error.ts';
import { createCallsSchema } from './plan-calls.ts';
import { createProviderSchema, type Providers, updateProviderSchema } from './providers.ts';
import type { Timelines } from './timelines.ts';

export type AppOptions = {
  providers: Providers;
  flows: Flows;
  calls: Calls;
  timelines: Timelines;
  /** Checks, in the background, a provider that was created or changed. */
  checkHealth(providerId: string): void;
  newRequestId(): string;
  /** Receives errors that the client sees only as INTERNAL. */
  onError(error: unknown, requestId: string): void;
};

export type App = Hono<Environment>;

type Environment = { Variables: RequestIdVariables & RequestScope };

type RequestScope = {
  /** Only this customer's records are visible; undefined for all. */
  customerId: string | undefined;
  idempotencyKey: string | undefined;
};

type AppContext = Context<Environment, string>;

/** Enough for the largest requests: a flow of 100 actions, or a call to 100 addresses. */
const MAX_BODY_BYTES = 1024 * 1024;

const customerIdSchema = z.optional(uuidSchema);
const idempotencyKeySchema = z.optional(
  z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/, 'is not 1 to 255 visible ASCII characters')),
);

/**
 * Returns the HTTP interface of the managers, which any server can run. Every error is a response in the platform's
 * envelope.
 */
export function createApp(options: AppOptions): App {
  const { providers, flows, calls, timelines, checkHealth, newRequestId, onError } = options;
  const app = new Hono<Environment>();

  app.onError((error, c) => {
    if (error instanceof ManagerError || error instanceof PlatformError) return errorResponse(c, error);
    onError(error, c.get('requestId'));
    return errorResponse(c, new ManagerError('INTERNAL', 'INTERNAL', 'Something went wrong.'));
  });
  app.notFound((c) =>
    errorResponse(c, new ManagerError('NOT_FOUND', 'ROUTE_NOT_FOUND', 'There is no such path or method.')),
  );

  app.use(requestId({ generator: newRequestId }));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: bodyTooLarge }));
  app.use(async (c, next) => {
    const { req } = c;
    c.set('customerId', parseInput(customerIdSchema, req.query('customer_id'), 'customer_id'));
    c.set(
      'idempotencyKey',
      parseInput(idempotencyKeySchema, req.header('idempotency-key'), 'Idempotency-Key'),
    );
    await next();
  });

  app.get('/v1/providers', async (c) => c.json(await providers.list(queryOf(c))));
  app.post('/v1/providers', async (c) => {
    const provider = await providers.create(await readBody(c, createProviderSchema));
    checkHealth(provider.id);
    return c.json(provider);
  });
  app.get('/v1/providers/:id', async (c) => c.json(await providers.get(idOf(c))));
  app.put('/v1/providers/:id', async (c) => {
    const provider = await providers.update(idOf(c), await readBody(c, updateProviderSchema));
    checkHealth(provider.id);
    return c.json(provider);
  });
  app.delete('/v1/providers/:id', async (c) => c.json(await providers.delete(idOf(c))));

  app.get('/v1/flows', async (c) => c.json(await flows.list(queryOf(c))));
  app.post('/v1/flows', async (c) =>
    c.json(await flows.create(await readBody(c, createFlowSchema), c.get('idempotencyKey'))),
  );
  app.get('/v1/flows/:id', async (c) => c.json(await flows.get(idOf(c), c.get('customerId'))));
  app.delete('/v1/flows/:id', async (c) => c.json(await flows.delete(idOf(c))));

  app.get('/v1/calls', async (c) => {
    const key = c.req.query('idempotency_key');
    return c.json(key === undefined ? await calls.list(queryOf(c)) : await calls.placedBy(key));
  });
  app.post('/v1/calls', async (c) =>
    c.json(await calls.create(await readBody(c, createCallsSchema), c.get('idempotencyKey'))),
  );
  app.get('/v1/calls/:id', async (c) => c.json(await calls.get(idOf(c), c.get('customerId'))));
  app.delete('/v1/calls/:id', async (c) => c.json(await calls.delete(idOf(c), c.get('customerId'))));
  app.post('/v1/calls/:id/hangup', async (c) => c.json(await calls.hangup(idOf(c), c.get('customerId'))));

  app.get('/v1/groupcalls', async (c) => c.json(await calls.listGroupcalls(queryOf(c))));
  app.get('/v1/groupcalls/:id', async (c) => c.json(await calls.groupcall(idOf(c), c.get('customerId'))));

  app.get('/v1/timelines/calls/:id/sip-analysis', async (c) =>
    c.json(await timelines.sipAnalysis(idOf(c), c.get('customerId'))),
  );
  app.get('/v1/timelines/calls/:id/events', async (c) =>
    c.json(await timelines.events(idOf(c), c.get('customerId'), queryOf(c))),
  );

  return app;
}

function queryOf(c: AppContext): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

function idOf(c: AppContext): string {
  return parseInput(uuidSchema, c.req.param('id'), 'id', 'INVALID_ID');
}

async function readBody<Schema extends z.ZodMiniType>(
  c: AppContext,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const contentType = c.req.header('content-type');
  if (contentType === undefined || !/^application\/json\s*(;|$)/i.test(contentType)) {
    throw invalidBody('The content type is not application/json.');
  }
  const text = await c.req.text();
  return parseInput(schema, parseJson(text), 'body');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody('The body is not JSON.');
  }
}

function invalidBody(message: string): ManagerError {
  return new ManagerError('INVALID_ARGUMENT', 'INVALID_JSON_BODY', message);
}

function bodyTooLarge(c: Context): Response {
  const error = new PlatformError('REQUEST_TOO_LARGE', 'The body is larger than 1 MiB.');
  // The rest of the body is not read, so the connection cannot be used for another request.
  return errorResponse(c, error, { Connection: 'close' });
}

/** Responds in the platform's envelope. */
function errorResponse(
  c: Context,
  failure: ManagerError | PlatformError,
  headers: Record<string, string> = {},
): Response {
  const { reason, message, details, retryAfterSeconds } = failure;
  const status = failure instanceof PlatformError ? statusOf(failure) : failure.status;
  const requestId = c.get('requestId');
  const error = { status, reason, message, request_id: requestId, ...(details.length > 0 && { details }) };
  return Response.json(
    { error },
    {
      status: failure instanceof PlatformError ? httpStatusOf(failure) : failure.httpStatus,
      headers: {
        'X-Request-Id': requestId,
        ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
        ...headers,
      },
    },
  );
}
