import type { Actor } from '../provider-calls/provider-call.ts';
import type { RequestScope } from '../request-scope.ts';
import type { ApiEvent } from './api-event.ts';

/** Who is calling, as the authorizer found out. */
export type Caller = { customerId: string; actor: Actor };

/** A request as handlers see it. Everything in it is still the client's own text, but for the caller. */
export type ApiRequest = {
  scope: RequestScope;
  caller: Caller;
  method: string;
  /** The path's pattern, as the API has it: /v1.0/providercalls/{id}. */
  resource: string;
  path: Record<string, string | undefined>;
  /** Every value that was sent for a query parameter. */
  query(name: string): string[];
  /** Every value that was sent for a header, whose name is given in lower case. */
  header(name: string): string[];
  body: { text: string; isBase64: boolean };
};

type Repeated = ApiEvent['multiValueHeaders'];

/** Header values by lower-case name. */
export const headersOf = (headers: Repeated): Map<string, string[]> => {
  const byName = new Map<string, string[]>();
  for (const [name, values = []] of Object.entries(headers ?? {})) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), ...values]);
  }
  return byName;
};

export const apiRequestOf = (
  event: ApiEvent,
  headers: ReadonlyMap<string, string[]>,
  scope: RequestScope,
): ApiRequest => {
  const { customer_id, actor_type, actor_id } = event.requestContext.authorizer;
  const parameters = new Map(Object.entries(event.multiValueQueryStringParameters ?? {}));
  return {
    scope,
    caller: { customerId: customer_id, actor: { type: actor_type, id: actor_id } },
    method: event.httpMethod,
    resource: event.resource,
    path: event.pathParameters ?? {},
    query: (name) => parameters.get(name) ?? [],
    header: (name) => headers.get(name) ?? [],
    body: { text: event.body ?? '', isBase64: event.isBase64Encoded },
  };
};
