import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIncomingRequest } from '../../src/gateway/incoming-request.ts';

const server = createServer({ requireHostHeader: false });
let port: number;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** What a server receives of these lines. */
async function received(...lines: string[]): Promise<IncomingMessage> {
  const arriving = once(server, 'request');
  const socket = connect(port, '127.0.0.1');
  socket.write([...lines, '', ''].join('\r\n'));
  const [request, response] = await arriving;
  response.end();
  socket.destroy();
  return request;
}

test('a request is read as API Gateway reads it', async () => {
  const request = await received(
    'GET /a%20b//c/?x=1&x=2;y=p+q&%7A&=n HTTP/1.1',
    'Host: h',
    'X-Twice: a',
    'x-twice: b',
    'User-Agent: tester',
    'X-Forwarded-For: 10.0.0.1',
    'Connection: keep-alive',
    'TE: trailers',
  );
  expect(readIncomingRequest(request)).toEqual({
    httpMethod: 'GET',
    path: '/a%20b//c/',
    pathParts: ['a b', '', 'c'],
    headers: {
      Host: ['h'],
      'X-Twice': ['a', 'b'],
      'User-Agent': ['tester'],
      'X-Forwarded-For': ['10.0.0.1, 127.0.0.1'],
      'X-Forwarded-Port': [String(port)],
      'X-Forwarded-Proto': ['http'],
    },
    query: { x: ['1', '2'], y: ['p q'], z: [''], '': ['n'] },
    sourceIp: '127.0.0.1',
    userAgent: 'tester',
    protocol: 'HTTP/1.1',
  });
});

test('a header or parameter called __proto__ is one like any other', async () => {
  const { headers, query } = readIncomingRequest(
    await received('GET /?__proto__=1 HTTP/1.1', 'Host: h', '__proto__: 2'),
  );
  expect(Object.entries(query)).toEqual([['__proto__', ['1']]]);
  expect(Object.entries(headers)).toContainEqual(['__proto__', ['2']]);
});

test.each([
  ['no Host', ['GET / HTTP/1.1', 'X: y'], 400],
  ['an invalid escape in the path', ['GET /%zz HTTP/1.1', 'Host: h'], 400],
  ['an invalid escape in the query', ['GET /?a=%e0%a4%a HTTP/1.1', 'Host: h'], 400],
  ['headers above 10 KB', ['GET / HTTP/1.1', 'Host: h', `X: ${'y'.repeat(10_240)}`], 431],
])('a request with %s is a DEFAULT_4XX', async (_, lines, status) => {
  const request = await received(...lines);
  expect(() => readIncomingRequest(request)).toThrow(
    expect.objectContaining({ type: 'DEFAULT_4XX', status }),
  );
});
