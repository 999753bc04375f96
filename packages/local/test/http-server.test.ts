import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { listen, urlOf } from '../src/http-server.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['172.17.0.1', 'http://172.17.0.1:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://[::1]:3000'],
  ['fe80::1', 'http://[fe80::1]:3000'],
])('a server on %s is reached at %s', (host, url) => {
  expect(urlOf(host, 3000)).toBe(url);
});

test('a closed server ends its connections and may be closed again', async () => {
  const { url, close } = await listen(
    createServer((_, response) => response.flushHeaders()),
    '127.0.0.1',
  );
  const { body } = await fetch(url);
  await close();
  await expect(body?.getReader().read()).rejects.toThrow();
  await expect(close()).resolves.toBeUndefined();
});
