import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import {
  ASSET_CACHE_CONTROL,
  INDEX_CACHE_CONTROL,
  isPagePath,
  PAGE_HEADERS,
} from '@provider-call/console/page-headers';
import { cachedBuild, ROOT } from './build-cache.ts';
import type { Handler } from './gateway/listener.ts';

/** A file, ready to be served. */
type StaticFile = { body: Buffer; contentType: string; headers: Record<string, string> };

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

const REVALIDATED = { ...PAGE_HEADERS, 'Cache-Control': INDEX_CACHE_CONTROL };

/** Swagger UI has icons in `data:` URLs and writes markup itself. The rest is as strict as the console's policy. */
const DOCS_HEADERS = {
  ...REVALIDATED,
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

const DOCS_FILES: Record<string, string> = {
  '/docs': join(import.meta.dirname, 'docs/index.html'),
  '/docs/docs.js': join(import.meta.dirname, 'docs/docs.js'),
  '/docs/swagger-ui.css': swaggerUi('swagger-ui.css'),
  '/docs/swagger-ui-bundle.js': swaggerUi('swagger-ui-bundle.js'),
};

/**
 * Serves the console at `/` and its own addresses, the API reference at `/docs` and the OpenAPI document at
 * `/openapi.json`; every other request goes to the API. None of this is part of the REST API: in an account the console
 * is served by CloudFront.
 *
 * @param onError receives the error that prevented a page from being served
 */
export function createSite(api: Handler, onError: (error: unknown) => void): Handler {
  const handle: RequestListener = async (request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || !isSitePath(path)) return api.handle(request, response);
    try {
      const file = await readSiteFile(path);
      if (file === undefined) return api.handle(request, response);
      send(file, request, response);
    } catch (error) {
      onError(error);
      response.writeHead(500, { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('This page could not be built: see the terminal. The API works without it.\n');
    }
  };
  return { handle, reject: api.reject };
}

function isSitePath(path: string): boolean {
  return isPagePath(path) || /^\/(?:assets|docs)(?:\/|$)/.test(path) || path === '/openapi.json';
}

async function readSiteFile(path: string): Promise<StaticFile | undefined> {
  if (path === '/openapi.json') return openApiDocument();
  const docsFile = DOCS_FILES[path.replace(/\/$/, '')];
  if (docsFile !== undefined) return readStaticFile(docsFile, DOCS_HEADERS);
  if (path.startsWith('/docs')) return undefined;
  const directory = await consoleDirectory();
  if (isPagePath(path)) return readStaticFile(join(directory, 'index.html'), REVALIDATED);
  // A single name below /assets/, so that nothing outside the directory can be requested.
  const [, name] = /^\/assets\/([\w-]+(?:\.\w+)+)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  return readStaticFile(join(directory, 'assets', name), {
    ...PAGE_HEADERS,
    'Cache-Control': ASSET_CACHE_CONTROL,
  });
}

/** Returns the directory of the console's build, building it if its sources have changed. */
function consoleDirectory(): Promise<string> {
  return cachedBuild({
    name: 'console',
    inputs: [
      'packages/console/src',
      'packages/console/package.json',
      'packages/client/src',
      'packages/evidence/src',
      'packages/sip/src',
      'package-lock.json',
    ],
    async make(directory) {
      const { buildConsole } = await import('@provider-call/console/build-console');
      buildConsole(directory);
    },
  });
}

/** Returns the committed document, with this server as the only one that requests are sent to. */
function openApiDocument(): StaticFile {
  const document = JSON.parse(readFileSync(join(ROOT, 'contract/openapi.json'), 'utf8'));
  const servers = [{ url: '/v1.0', description: 'This machine' }];
  return {
    body: Buffer.from(JSON.stringify({ ...document, servers })),
    contentType: 'application/json',
    headers: REVALIDATED,
  };
}

function readStaticFile(path: string, headers: Record<string, string>): StaticFile | undefined {
  const contentType = CONTENT_TYPES[extname(path)];
  if (contentType === undefined) return undefined;
  try {
    return { body: readFileSync(path), contentType, headers };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function send(
  { body, contentType, headers }: StaticFile,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const known = request.headers['if-none-match'] === etag;
  response.writeHead(known ? 304 : 200, {
    ...headers,
    ETag: etag,
    ...(!known && { 'Content-Type': contentType, 'Content-Length': body.length }),
  });
  response.end(known || request.method === 'HEAD' ? undefined : body);
}

function swaggerUi(file: string): string {
  return createRequire(import.meta.url).resolve(`swagger-ui-dist/${file}`);
}
