import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sendRequest } from '../../../functions/outbound/http-client.ts';
import { hang, jsonResponse, refusedUrl, reset, startBackend } from '../backend-server.ts';

const backend = await startBackend();
function send(changes: Partial<Parameters<typeof sendRequest>[0]> = {}) {
  return sendRequest({
    method: 'GET',
    url: new URL(`${backend.url}/path?query=1`),
    headers: {},
    body: undefined,
    timeoutMs: 5_000,
    ...changes,
  });
}

afterEach(() => {
  vi.useRealTimers();
  backend.forget();
});

test('a request carries method, path, headers and body, and returns the response as it came', async () => {
  backend.respond = jsonResponse(418, { short: 'stout' }, { 'X-Response': 'yes' });
  const { status, headers, text } = await send({
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'request-1' },
    body: '{"name":"Ünïcödé"}',
  });
  expect({ status, response: headers['x-response'], text }).toEqual({
    status: 418,
    response: 'yes',
    text: '{"short":"stout"}',
  });
  const [request] = backend.received;
  expect({ ...request, headers: undefined }).toEqual({
    method: 'POST',
    path: '/path?query=1',
    headers: undefined,
    body: { name: 'Ünïcödé' },
  });
  expect(request?.headers).toMatchObject({ 'x-request-id': 'request-1', 'content-length': '22' });
});

test('a redirect is returned like any response and not followed', async () => {
  backend.respond = jsonResponse(302, '', { Location: `${backend.url}/elsewhere` });
  expect((await send()).status).toBe(302);
  expect(backend.received).toHaveLength(1);
});

test('a response in parts is joined, also within a character', async () => {
  const bytes = Buffer.from('"é"');
  backend.respond = async (response) => {
    response.write(bytes.subarray(0, 2));
    await new Promise(setImmediate);
    response.end(bytes.subarray(2));
  };
  expect((await send()).text).toBe('"é"');
});

test('a connection is kept for the next request', async () => {
  const ports: (number | undefined)[] = [];
  backend.respond = (response) => {
    ports.push(response.socket?.remotePort);
    response.end();
  };
  await send();
  await send();
  expect(ports[1]).toBe(ports[0]);
});

test('a connection that has been idle for longer than its server may keep it is not used', async () => {
  const ports: (number | undefined)[] = [];
  backend.respond = (response) => {
    ports.push(response.socket?.remotePort);
    response.end();
  };
  await send();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_001 });
  await send();
  expect(ports[1]).not.toBe(ports[0]);
});

describe('a request rejects with', () => {
  test('ECONNREFUSED when nothing listens', async () => {
    await expect(send({ url: new URL(await refusedUrl()) })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('ENOTFOUND when the name does not exist', async () => {
    await expect(send({ url: new URL('http://no-such-host.invalid') })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
  });

  test('ECONNRESET when the connection is lost before the response', async () => {
    backend.respond = reset;
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('ECONNRESET when the connection is lost within the response', async () => {
    backend.respond = (response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{', () => response.socket?.destroy());
    };
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['no response comes', hang],
    [
      'the response has no end',
      (response: ServerResponse) => {
        response.write('{');
      },
    ],
  ])('TimeoutError when %s in time', async (_what, respond) => {
    backend.respond = respond;
    await expect(send({ timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('an error when the response does not end', async () => {
    backend.respond = (response) => {
      const piece = 'x'.repeat(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    };
    await expect(send()).rejects.toThrow('the response is larger than 4194304 bytes');
  });

  test('an error when the server does not speak HTTP', async () => {
    const server = createServer((socket) => socket.end('220 smtp.example.com\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(send({ url: new URL(`http://127.0.0.1:${port}`) })).rejects.toMatchObject({
      code: expect.stringMatching(/^HPE_/),
    });
    server.close();
  });
});
