import type { IncomingMessage } from 'node:http';
import { GatewayFault } from './gateway-fault.ts';

/** Values of headers or query parameters by name, in the order in which they were received. */
export type MultiValues = Record<string, string[]>;

export type IncomingRequest = {
  httpMethod: string;
  /** As the client wrote it, without the query. */
  path: string;
  /** The path's parts, decoded. */
  pathParts: string[];
  headers: MultiValues;
  query: MultiValues;
  sourceIp: string;
  userAgent: string | null;
  protocol: string;
};

/** Bytes of the request line and the headers together (API Gateway quotas for REST APIs). */
const MAX_HEADER_BYTES = 10_240;

/** Headers that concern one connection, or that API Gateway removes before it calls the integration. */
const DROPPED_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Parses a request as API Gateway does: names keep the spelling in which they first occur, path and query are decoded
 * once, and `;` separates query parameters as `&` does.
 *
 * @throws {GatewayFault} 400 or 431 for a request that API Gateway rejects.
 */
export function readIncomingRequest(request: IncomingMessage): IncomingRequest {
  const { method: httpMethod = 'GET', url = '/', rawHeaders } = request;
  const bytes = url.length + rawHeaders.reduce((sum, text) => sum + text.length, 0);
  if (bytes > MAX_HEADER_BYTES) {
    throw new GatewayFault('DEFAULT_4XX', { status: 431, text: 'Request Header Fields Too Large' });
  }
  if (request.headers.host === undefined) throw new GatewayFault('DEFAULT_4XX');
  const queryStart = url.indexOf('?');
  const path = queryStart < 0 ? url : url.slice(0, queryStart);
  return {
    httpMethod,
    path,
    pathParts: path.replace(/\/$/, '').split('/').slice(1).map(decode),
    headers: readHeaders(request),
    query: readQuery(queryStart < 0 ? '' : url.slice(queryStart + 1)),
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? null,
    protocol: `HTTP/${request.httpVersion}`,
  };
}

function readHeaders({ rawHeaders, socket }: IncomingMessage): MultiValues {
  /** By name in lower case: the spelling in which it first occurs, and its values. */
  const received = new Map<string, { spelling: string; values: string[] }>();
  for (const [name, value] of pairsOf(rawHeaders)) {
    const lowerCase = name.toLowerCase();
    if (DROPPED_HEADERS.has(lowerCase)) continue;
    const earlier = received.get(lowerCase);
    if (earlier === undefined) received.set(lowerCase, { spelling: name, values: [value] });
    else earlier.values.push(value);
  }
  const forwardedFor = received.get('x-forwarded-for')?.values.join(', ');
  for (const name of ['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto']) received.delete(name);
  const headers = multiValues();
  for (const { spelling, values } of received.values()) headers[spelling] = values;
  const client = socket.remoteAddress ?? '127.0.0.1';
  headers['X-Forwarded-For'] = [forwardedFor === undefined ? client : `${forwardedFor}, ${client}`];
  headers['X-Forwarded-Port'] = [String(socket.localPort ?? '')];
  headers['X-Forwarded-Proto'] = ['http'];
  return headers;
}

/** Node lists a name and its value one after the other. */
function pairsOf(rawHeaders: readonly string[]): [name: string, value: string][] {
  return rawHeaders.flatMap((name, index): [string, string][] => {
    const value = rawHeaders[index + 1];
    return index % 2 === 0 && value !== undefined ? [[name, value]] : [];
  });
}

function readQuery(text: string): MultiValues {
  const query = multiValues();
  for (const pair of text.split(/[&;]/)) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1).replaceAll('+', ' '));
    query[name] = [...(query[name] ?? []), value];
  }
  return query;
}

/** Returns an object without a prototype, so that a header or parameter called `__proto__` is like any other. */
function multiValues(): MultiValues {
  return Object.create(null);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new GatewayFault('DEFAULT_4XX', { cause });
  }
}
