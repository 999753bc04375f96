import { once } from 'node:events';
import { createServer, type IncomingMessage, request as outgoing, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { LOOPBACK, listen } from '@provider-call/local/http-server';
import { afterAll } from 'vitest';

/** A complete response. */
export type Reply = { status: number; headers: Record<string, string>; body: string };

/**
 * What a server does with a request instead of responding to it. `passOn` hands the request to the real server, once, and
 * returns its response.
 */
export type Misbehaviour = (
  response: ServerResponse,
  passOn: () => Promise<Reply>,
  request: IncomingMessage,
  body: string,
) => Promise<void>;

export type MisbehavingServer = {
  url: string;
  /** Misbehaves from now on for every request that matches, or for the first `times` of them. */
  misbehave(matches: (request: IncomingMessage) => boolean, misbehaviour: Misbehaviour, times?: number): void;
  behave(): void;
  /** Resolves when the real server has no more requests in progress. */
  idle(): Promise<void>;
};

const TWO_GIGABYTES = 2 * 1024 ** 3;

export function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers);
  response.end(body);
}

export function json(status: number, body: unknown): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

export function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Writes until the client closes the connection. Returns the bytes that were written. */
export async function writeTwoGigabytes(response: ServerResponse): Promise<number> {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  const gone = once(response, 'close');
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': String(TWO_GIGABYTES) });
  let written = 0;
  while (!response.destroyed && written < TWO_GIGABYTES) {
    written += chunk.length;
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), gone]);
  }
  return written;
}

/** The ways in which a server can misbehave. */
export const MISBEHAVIOURS = {
  resetsUnserved: async (response) => cut(response),
  resetsServed: async (response, passOn) => {
    await passOn();
    cut(response);
  },
  resetsWithinBody: async (response, passOn) => {
    const { status, headers, body } = await passOn();
    response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    response.write(body.slice(0, body.length / 2), () => cut(response));
  },
  neverRespondsUnserved: async () => {},
  neverRespondsServed: async (_, passOn) => {
    await passOn();
  },
  /** The request is delayed until the client has gone. */
  servesLate: async (response, passOn) => {
    await once(response, 'close');
    await passOn();
  },
  failsUnserved: async (response) =>
    send(response, json(500, { error: { reason: 'INTERNAL', message: 'no' } })),
  failsServed: async (response, passOn) => {
    await passOn();
    send(response, json(502, '<html>Bad Gateway</html>'));
  },
  respondsWithoutJson: async (response, passOn) => {
    const { body } = await passOn();
    send(response, json(200, body.slice(0, -2)));
  },
  respondsWithoutFields: async (response, passOn) => {
    await passOn();
    send(response, json(200, { result: 'ok' }));
  },
  respondsWithEmptyLists: async (response, passOn) => {
    await passOn();
    send(response, json(200, { calls: [], groupcalls: [] }));
  },
  respondsWithTwoGigabytes: async (response, passOn) => {
    await passOn();
    await writeTwoGigabytes(response);
  },
  redirects: async (response, _, { url = '/' }) =>
    send(response, { status: 307, headers: { Location: url }, body: '' }),
  refuses: async (response) =>
    send(response, json(400, { error: { reason: 'INVALID_ARGUMENT', message: 'not like this' } })),
  throttles: async (response) =>
    send(response, {
      status: 400,
      headers: { 'Content-Type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({
        __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
        message: 'slow down',
      }),
    }),
} as const satisfies Record<string, Misbehaviour>;

/** Starts a server that passes requests on to another one and misbehaves on request. Ends with the test file. */
export async function startMisbehavingServer(target: string): Promise<MisbehavingServer> {
  const { hostname, port } = new URL(target);
  const inProgress = new Set<Promise<unknown>>();
  let current:
    | { matches(request: IncomingMessage): boolean; misbehaviour: Misbehaviour; left: number }
    | undefined;

  const passOn = async ({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Reply> => {
    const passed = outgoing({
      hostname,
      port,
      method,
      path: url,
      headers: { ...headers, connection: 'close' },
    });
    passed.end(body);
    const [upstream]: IncomingMessage[] = await once(passed, 'response');
    if (upstream === undefined) throw new Error('no response from the real server');
    const text = (await buffer(upstream)).toString('utf8');
    const type = upstream.headers['content-type'];
    const checksum = upstream.headers['x-amz-crc32'];
    return {
      status: upstream.statusCode ?? 0,
      headers: {
        ...(type !== undefined && { 'Content-Type': type }),
        ...(typeof checksum === 'string' && { 'x-amz-crc32': checksum }),
      },
      body: text,
    };
  };

  const track = <Result>(work: Promise<Result>): Promise<Result> => {
    const over = () => inProgress.delete(work);
    inProgress.add(work);
    work.then(over, over);
    return work;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const served = () => track(passOn(request, body));
    if (current === undefined || current.left === 0 || !current.matches(request)) {
      send(response, await served());
      return;
    }
    current.left -= 1;
    await track(current.misbehaviour(response, served, request, body.toString()));
  };

  const server = createServer((request, response) => {
    // The real server or the client ended with the test.
    serve(request, response).catch(() => response.destroy());
  });
  const { url, close } = await listen(server, LOOPBACK);
  afterAll(close);

  return {
    url,
    misbehave: (matches, misbehaviour, times = Number.POSITIVE_INFINITY) => {
      current = { matches, misbehaviour, left: times };
    },
    behave: () => {
      current = undefined;
    },
    idle: async () => {
      while (inProgress.size > 0) {
        await Promise.allSettled(inProgress);
        await setImmediate();
      }
    },
  };
}
