import type * as http from 'node:http';
import type { Socket } from 'node:net';
import { ReportableError } from '../platform-error.ts';

/** One HTTP request: everything that is sent, and the limit on the time it may take. */
export type HttpRequest = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
  /** Milliseconds for the whole request, from the connection to the last byte of the response. */
  timeoutMs: number;
};

/** The response as received. Redirects are responses like any other and are not followed. */
export type HttpResponse = { status: number; headers: http.IncomingHttpHeaders; text: string };

/** No backend returns more than a page of JSON; a longer response is an error, and over HTTP it is cut off. */
export const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * A connection that has been idle for longer is not used again. Node's own server closes after 5 s, and a Lambda that
 * was frozen would find its connections dead: a request lost on one of them would have an unknown outcome.
 */
const MAX_IDLE_MS = 3_000;

type Transport = { agent: http.Agent; request: typeof http.request };

const transports = new Map<string, Transport>();
const idleSince = new WeakMap<Socket, number>();

/**
 * Sends one request and reads its whole response, on a connection that is kept for the next one.
 *
 * Uses node:http rather than fetch, whose first use costs about 20 ms of a cold start and which can neither bound a
 * response nor show how old a connection is.
 *
 * @throws {Error} Node's own (`code` ECONNREFUSED, ENOTFOUND, ECONNRESET …)
 * @throws {DOMException} TimeoutError after `timeoutMs`
 * @throws {ReportableError} for a response that is too large
 */
export function sendRequest({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpResponse> {
  const { agent, request } = transportFor(url);
  dropStale(agent);
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const outgoing = request(url, { method, headers, agent }, (response) => {
    // By events: iterating over the response takes several times as long.
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);
      else response.destroy(new ReportableError(`the response is larger than ${MAX_RESPONSE_BYTES} bytes`));
    });
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { statusCode: status, headers } = response;
      if (status === undefined) reject(new ReportableError('no status'));
      else resolve({ status, headers, text });
    });
    response.on('error', reject);
  });
  outgoing.on('error', reject);
  // Not AbortSignal.timeout, which keeps its timer, and with it the request, until the time is up.
  const timer = setTimeout(() => {
    reject(new DOMException('no response in time', 'TimeoutError'));
    outgoing.destroy();
  }, timeoutMs);
  outgoing.end(body);
  return promise.finally(() => clearTimeout(timer));
}

/** Created for the first request that needs it: loading Node's HTTP client takes a while, and no cold start has to wait for it. */
function transportFor({ protocol }: URL): Transport {
  const name = protocol === 'https:' ? 'node:https' : 'node:http';
  const existing = transports.get(name);
  if (existing !== undefined) return existing;
  const { Agent, request } = process.getBuiltinModule(name);
  const transport = { agent: new Agent({ keepAlive: true }), request };
  transport.agent.on('free', (socket: Socket) => idleSince.set(socket, Date.now()));
  transports.set(name, transport);
  return transport;
}

function dropStale(agent: http.Agent): void {
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
    if (Date.now() - (idleSince.get(socket) ?? 0) > MAX_IDLE_MS) socket.destroy();
  }
}
