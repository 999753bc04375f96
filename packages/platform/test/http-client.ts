import * as z from 'zod/mini';

export type ParsedResponse = { status: number; headers: Headers; body: unknown };

export type SendOptions = { body?: unknown; headers?: Record<string, string>; text?: string };

export type HttpClient = {
  get(path: string, options?: SendOptions): Promise<ParsedResponse>;
  delete(path: string, options?: SendOptions): Promise<ParsedResponse>;
  post(path: string, body?: unknown, options?: SendOptions): Promise<ParsedResponse>;
  put(path: string, body?: unknown, options?: SendOptions): Promise<ParsedResponse>;
};

/** Reads a response, parsing its body if it is JSON. */
export async function parseResponse(response: Response): Promise<ParsedResponse> {
  const content = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(content) : content,
  };
}

/** Sends requests to one server and parses the responses. */
export function httpClient(base: string): HttpClient {
  const send = async (
    method: string,
    path: string,
    { body, text, headers }: SendOptions,
  ): Promise<ParsedResponse> => {
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(base + path, {
      method,
      headers: { ...(payload !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(payload !== undefined && { body: payload }),
    });
    return await parseResponse(response);
  };
  return {
    get: (path, options = {}) => send('GET', path, options),
    delete: (path, options = {}) => send('DELETE', path, options),
    post: (path, body, options) => send('POST', path, { body, ...options }),
    put: (path, body, options) => send('PUT', path, { body, ...options }),
  };
}

const errorSchema = z.object({ error: z.object({ status: z.string(), reason: z.string() }) });

/** The parts of an error that a test looks at. */
export function errorOf({ status, body }: ParsedResponse) {
  const { error } = z.parse(errorSchema, body);
  return { http: status, status: error.status, reason: error.reason };
}
