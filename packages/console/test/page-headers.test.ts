import { expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY, isPagePath, PAGE_HEADERS } from '../src/page-headers.ts';

test('the policy begins with nothing and allows neither inline code nor another host', () => {
  expect(CONTENT_SECURITY_POLICY).toMatch(/^default-src 'none'; /);
  expect(CONTENT_SECURITY_POLICY).toContain("frame-ancestors 'none'");
  expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|http|\*|data:|blob:/);
  expect(PAGE_HEADERS['Content-Security-Policy']).toBe(CONTENT_SECURITY_POLICY);
});

test.each([
  '/',
  '/providers',
  '/providers/new',
  '/providers/4dbeabd6-f397-4375-95d2-a38411e07ed1/edit',
  '/place',
  '/records',
  '/records/b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
  '/compare',
])('%s is served with index.html', (path) => {
  expect(isPagePath(path)).toBe(true);
});

test.each([
  '/v1.0/providercalls',
  '/v1/providers',
  '/docs',
  '/openapi.json',
  '/assets/main-ABCDEFGH.js',
  '/favicon.ico',
  '/recordsfoo',
  '/records/../index.html',
])('%s is not served with index.html', (path) => {
  expect(isPagePath(path)).toBe(false);
});
