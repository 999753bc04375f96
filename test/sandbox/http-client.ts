import * as z from 'zod/mini';

export type Answer = { status: number; headers: Headers; body: unknown };

type Options = { body?: unknown; headers?: Record<string, string>; text?: string };

/** Requests to one server, whose answers come back parsed. */
export const httpClient = (base: string) => {
  const request = async (
    method: string,
    path: string,
    { body, text, headers }: Options = {},
  ): Promise<Answer> => {
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(base + path, {
      method,
      headers: { ...(payload !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(payload !== undefined && { body: payload }),
    });
    const content = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(content) : content,
    };
  };
  return {
    get: (path: string, options?: Options) => request('GET', path, options),
    delete: (path: string, options?: Options) => request('DELETE', path, options),
    post: (path: string, body?: unknown, options?: Options) => request('POST', path, { body, ...options }),
    put: (path: string, body?: unknown, options?: Options) => request('PUT', path, { body, ...options }),
  };
};

const errorSchema = z.object({
  error: z.object({ status: z.string(), reason: z.string(), details: z.optional(z.array(z.unknown())) }),
});

/** The parts of an error that a test looks at. */
export const errorOf = ({ status, body }: Answer) => {
  const { error } = z.parse(errorSchema, body);
  return { http: status, status: error.status, reason: error.reason };
};
