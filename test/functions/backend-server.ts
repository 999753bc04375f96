import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOOPBACK, listen } from '@provider-call/local/http-server';
import { afterAll } from 'vitest';

/** A request as a backend received it. */
export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: unknown };

type Respond = (response: ServerResponse, request: Received) => void;

export type BackendServer = {
  url: string;
  port: number;
  /** Every request since the last `forget`, in order. */
  received: Received[];
  forget(): void;
  /** How the next requests are handled. */
  respond: Respond;
  close(): Promise<void>;
};

/** Returns a handler that responds with JSON. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Respond {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Reads the request and closes the connection without a response. */
export function reset(response: ServerResponse): void {
  response.socket?.destroy();
}

/** Reads the request and never responds. */
export function hang(): void {}

/** Starts an HTTP server that acts as a backend, on a free port. It ends with the test file. */
export async function startBackend(respond: Respond = jsonResponse(200, {})): Promise<BackendServer> {
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: body === '' ? undefined : JSON.parse(body),
    };
    backend.received.push(request);
    backend.respond(response, request);
  });
  const listening = await listen(server, LOOPBACK);
  const backend: BackendServer = {
    ...listening,
    received: [],
    forget: () => {
      backend.received.length = 0;
    },
    respond,
  };
  afterAll(listening.close);
  return backend;
}

/** Returns a URL of this machine at which nothing listens. */
export async function refusedUrl(): Promise<string> {
  const backend = await startBackend();
  await backend.close();
  return backend.url;
}
