import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartError } from '../start-error.ts';
import type { Answer } from './answer.ts';

/** What answers the requests of a listener. */
export type Handler = {
  handle: RequestListener;
  /** Answers what is no HTTP request, or one whose headers never end. */
  refuse(status: number): Answer;
};

/** An open port. */
export type Listener = {
  url: string;
  port: number;
  /** Requests that came before wait until then. */
  serve(handler: Handler): void;
  /** May be called again. */
  close(): Promise<void>;
};

/** Above what the gateway itself accepts, so that it can say no in its own words. */
const parserHeaderBytes = 64 * 1024;

/**
 * Opens a port before there is anything to serve, so that one in use is known at once.
 *
 * @param port 0 for any free one
 * @throws {StartError} when the port cannot be had
 */
export async function openListener(host: string, port: number): Promise<Listener> {
  const handler = Promise.withResolvers<Handler>();
  const handle: RequestListener = async (request, response) => {
    (await handler.promise).handle(request, response);
  };
  const server = createServer(
    // Node would answer a missing Host header and an unknown expectation by itself, without the envelope.
    { maxHeaderSize: parserHeaderBytes, requireHostHeader: false },
    handle,
  );
  server.on('checkExpectation', handle);
  server.on('clientError', async (error, socket) => {
    if (!socket.writable) return;
    socket.end(rawResponse((await handler.promise).refuse(statusOf(error))));
  });
  // Nothing here tunnels: the connection ends, as API Gateway ends it.
  server.on('connect', (_: IncomingMessage, socket: Duplex) => socket.destroy());

  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, host, port);
  }
  const address = addressOf(server);
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    serve: handler.resolve,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

function portError(error: unknown, host: string, port: number): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') return new StartError(`port ${port} is in use: set PORT to a free one`);
  if (code === 'EACCES') return new StartError(`port ${port} needs more rights: set PORT to one above 1023`);
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

function rawResponse({ status, headers, body }: Answer): string {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
