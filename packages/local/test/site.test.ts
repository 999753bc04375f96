import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ListeningServer, listen } from '../src/http-server.ts';
import { createSite } from '../src/site.ts';

let server: ListeningServer;
const errors: unknown[] = [];

beforeAll(async () => {
  const api = {
    handle: (_: unknown, response: { end(body: string): void }) => response.end('the API'),
    reject: () => ({ status: 400, headers: [], body: '' }),
  };
  const site = createSite(api, (error) => errors.push(error));
  server = await listen(createServer(site.handle), '127.0.0.1');
});
afterAll(() => server.close());

function get(path: string, init: RequestInit = {}) {
  return fetch(`${server.url}${path}`, init);
}

test.each([
  ['/', 'text/html; charset=utf-8', '<div id="console">'],
  ['/?page_token=x', 'text/html; charset=utf-8', '<div id="console">'],
  ['/providers', 'text/html; charset=utf-8', '<div id="console">'],
  ['/records/11111111-2222-4333-8444-555555555555', 'text/html; charset=utf-8', '<div id="console">'],
  ['/docs', 'text/html; charset=utf-8', '<div id="docs">'],
  ['/docs/', 'text/html; charset=utf-8', '<div id="docs">'],
  ['/docs/docs.js', 'text/javascript; charset=utf-8', 'SwaggerUIBundle'],
  ['/docs/swagger-ui.css', 'text/css; charset=utf-8', '.swagger-ui'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', 'SwaggerUIBundle'],
  ['/openapi.json', 'application/json', '"openapi":"3.1'],
])('%s is served as %s', async (path, contentType, content) => {
  const response = await get(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
  expect(await response.text()).toContain(content);
});

test.each([
  ['GET', '/v1.0/providercalls'],
  ['GET', '/v1/providercalls'],
  ['GET', '/favicon.ico'],
  ['GET', '/docs/nothing'],
  ['GET', '/docs/index.html'],
  ['GET', '/assets/nothing.js'],
  ['GET', '/assets/..%2Findex.html'],
  ['GET', '/assets/%2e%2e/index.html'],
  ['POST', '/'],
  ['OPTIONS', '/docs'],
])('%s %s is the API’s', async (method, path) => {
  expect(await (await get(path, { method })).text()).toBe('the API');
});

test('the assets of the console’s page are served, and may be cached forever', async () => {
  const page = await (await get('/')).text();
  const paths = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(paths).toHaveLength(3);
  for (const path of paths) {
    const response = await get(path);
    expect([path, response.status, response.headers.get('cache-control')]).toEqual([
      path,
      200,
      'public, max-age=31536000, immutable',
    ]);
  }
});

test.each(['/', '/docs', '/docs/docs.js', '/openapi.json'])('%s has strict headers', async (path) => {
  const { headers } = await get(path);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-cache');
});

test('a file that the browser has is not sent again', async () => {
  const first = await get('/docs/docs.js');
  await first.text();
  const again = await get('/docs/docs.js', { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('HEAD is a GET without the content', async () => {
  const response = await get('/', { method: 'HEAD' });
  expect([response.status, Number(response.headers.get('content-length')) > 0]).toEqual([200, true]);
});

test('the OpenAPI document is the committed one with this server alone', async () => {
  const committed = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../contract/openapi.json'), 'utf8'),
  );
  expect(await (await get('/openapi.json')).json()).toEqual({
    ...committed,
    servers: [{ url: '/v1.0', description: 'This machine' }],
  });
});

test('no page names another host', async () => {
  for (const path of ['/', '/docs', '/docs/docs.js']) {
    expect(await (await get(path)).text()).not.toMatch(/https?:\/\//);
  }
  expect(errors).toEqual([]);
});
