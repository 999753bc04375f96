import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { type Handler, type Listener, openListener } from '../../src/gateway/listener.ts';

let listener: Listener;
afterEach(() => listener.close());

const handler: Handler = {
  handle: (request, response) => response.end(`served ${request.url}`),
  reject: (status) => ({ status, headers: [['X-Rejected', 'yes']], body: `rejected ${status}` }),
};

async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  return await text(socket);
}

test('a request that arrives before there is anything to serve waits for it', async () => {
  listener = await openListener('127.0.0.1', 0);
  const response = fetch(`${listener.url}/early`);
  listener.serve(handler);
  expect(await (await response).text()).toBe('served /early');
});

test.each([
  ['what is not HTTP', 'HELLO\r\n\r\n', 400],
  ['headers above 64 KB', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
])('%s is rejected in the handler’s words', async (_, bytes, status) => {
  listener = await openListener('127.0.0.1', 0);
  listener.serve(handler);
  expect(await sendRaw(bytes)).toMatch(
    new RegExp(
      `^HTTP/1.1 ${status} .*\r\nX-Rejected: yes\r\nContent-Length: 12\r\n.*rejected ${status}$`,
      's',
    ),
  );
});

test.each([
  ['no Host', 'GET /a HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['an expectation', 'GET /a HTTP/1.1\r\nHost: h\r\nExpect: anything\r\nConnection: close\r\n\r\n'],
])('a request with %s reaches the handler', async (_, bytes) => {
  listener = await openListener('127.0.0.1', 0);
  listener.serve(handler);
  expect(await sendRaw(bytes)).toContain('served /a');
});

test('a request for a tunnel ends its connection', async () => {
  listener = await openListener('127.0.0.1', 0);
  listener.serve(handler);
  expect(await sendRaw('CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n')).toBe('');
});

test('a port that is taken is reported', async () => {
  listener = await openListener('127.0.0.1', 0);
  await expect(openListener('127.0.0.1', listener.port)).rejects.toThrow(
    `port ${listener.port} is in use: set PORT to a free one`,
  );
});
