import { createServer, type IncomingMessage, type RequestListener, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ListeningServer, listen } from '../http-server.ts';
import { StartError } from '../start-error.ts';

/** A response as it is sent to the client. */
export type HttpResponse = {
  status: number;
  /** A name may occur more than once. */
  headers: [name: string, value: string][];
  body: string | Buffer;
};

/** Handles the requests of a listener. */
export type Handler = {
  handle: RequestListener;
  /** Returns the response to data that is not an HTTP request, or to a request whose headers never end. */
  reject(status: number): HttpResponse;
};

/** An open port. */
export type Listener = ListeningServer & {
  /** Starts to serve. Requests that arrived earlier wait until then. */
  serve(handler: Handler): void;
};

/** More than the gateway itself accepts, so that the rejection is the gateway's own. */
const PARSER_HEADER_BYTES = 64 * 1024;

/**
 * Opens a port before there is anything to serve, so that a port in use is reported at once.
 *
 * @param port 0 for any free one
 * @throws {StartError} when the port cannot be opened
 */
export async function openListener(host: string, port: number): Promise<Listener> {
  const handler = Promise.withResolvers<Handler>();
  const handle: RequestListener = async (request, response) => {
    (await handler.promise).handle(request, response);
  };
  const server = createServer(
    // Node would respond to a missing Host header and an unknown expectation by itself, without the envelope.
    { maxHeaderSize: PARSER_HEADER_BYTES, requireHostHeader: false },
    handle,
  );
  server.on('checkExpectation', handle);
  server.on('clientError', async (error, socket) => {
    if (!socket.writable) return;
    socket.end(rawResponse((await handler.promise).reject(statusOf(error))));
  });
  // Tunnels are not supported: the connection is closed, as API Gateway does.
  server.on('connect', (_: IncomingMessage, socket: Duplex) => socket.destroy());

  try {
    return { ...(await listen(server, host, port)), serve: handler.resolve };
  } catch (error) {
    throw portError(error, host, port);
  }
}

function portError(error: unknown, host: string, port: number): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') return new StartError(`port ${port} is in use: set PORT to a free one`);
  if (code === 'EACCES')
    return new StartError(`port ${port} requires more privileges: set PORT to one above 1023`);
  if (code === 'EADDRNOTAVAIL') return new StartError(`HOST ${host} is not an address of this machine`);
  if (code !== undefined) return new StartError(`cannot listen on ${host}:${port}: ${code}`);
  return error;
}

function statusOf(error: Error): number {
  const code = errorCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function rawResponse({ status, headers, body }: HttpResponse): string {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
