import type * as http from 'node:http';
import type { Socket } from 'node:net';

/** One HTTP request: everything that goes out, and the limits on what may come back. */
export type Outgoing = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
  /** Milliseconds for the whole exchange, from the connection to the last byte of the answer. */
  timeoutMs: number;
};

/** The answer as it came. Redirects are answers like any other: nothing is followed. */
export type Incoming = { status: number; headers: http.IncomingHttpHeaders; text: string };

/** No backend answers more than a page of JSON; what goes on past this is cut off and is an error. */
const ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * A connection that has been idle for longer is not used again. Node's own server closes after 5 s, and a Lambda that
 * was frozen would find its connections dead: a request lost on one of them would count as "perhaps placed".
 */
const IDLE_MS = 3_000;

export class AnswerTooLargeError extends Error {
  constructor() {
    super(`the answer is larger than ${ANSWER_BYTES} bytes`);
    this.name = 'AnswerTooLargeError';
  }
}

const idleSince = new WeakMap<Socket, number>();

type Transport = { agent: http.Agent; request: typeof http.request };

const createTransport = (name: 'node:http' | 'node:https'): Transport => {
  const { Agent, request } = process.getBuiltinModule(name);
  const agent = new Agent({ keepAlive: true });
  agent.on('free', (socket: Socket) => idleSince.set(socket, Date.now()));
  return { agent, request };
};

const transports = new Map<string, Transport>();

/** Made for the first request that needs it: to load Node's HTTP client takes a while that no start has to wait for. */
const transportFor = ({ protocol }: URL): Transport => {
  const name = protocol === 'https:' ? 'node:https' : 'node:http';
  const transport = transports.get(name) ?? createTransport(name);
  transports.set(name, transport);
  return transport;
};

const dropStale = (agent: http.Agent): void => {
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
    if (Date.now() - (idleSince.get(socket) ?? 0) > IDLE_MS) socket.destroy();
  }
};

const readText = async (answer: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > ANSWER_BYTES) throw new AnswerTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/**
 * Sends one request and reads its whole answer, on a connection that is kept for the next one. Rejects with Node's own
 * error (`code` ECONNREFUSED, ENOTFOUND, ECONNRESET …), a TimeoutError after `timeoutMs`, or AnswerTooLargeError.
 *
 * On node:http rather than fetch, whose first use costs some 20 ms of a cold start and which can neither bound an
 * answer nor tell how old a connection is.
 */
export const exchange = ({ method, url, headers, body, timeoutMs }: Outgoing): Promise<Incoming> => {
  const { agent, request } = transportFor(url);
  dropStale(agent);
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise<Incoming>((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent, signal }, (answer) => {
      readText(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
        (error: unknown) => reject(signal.aborted ? signal.reason : error),
      );
    });
    outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    outgoing.end(body);
  });
};
