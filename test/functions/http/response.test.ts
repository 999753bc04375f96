import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

async function headersFor(configured: string | undefined, sent: string[]) {
  vi.stubEnv('CORS_ORIGINS', configured);
  const { crossOriginHeaders } = await import('../../../functions/http/response.ts');
  return crossOriginHeaders(sent);
}
const ADMIN = 'https://admin.example.com';

test('no page may read a response unless origins are configured', async () => {
  expect(await headersFor(undefined, [ADMIN])).toEqual({});
});

test('a page of a configured origin may read responses', async () => {
  expect(await headersFor(`https://other.example.com,${ADMIN}`, [ADMIN])).toEqual({
    Vary: 'Origin',
    'Access-Control-Allow-Origin': ADMIN,
    'Access-Control-Expose-Headers':
      'X-Request-Id, Idempotent-Replayed, X-ProviderCall-State, X-ProviderCall-Created-By, X-ProviderCall-Deleted-By, X-ProviderCall-Request-Id, X-ProviderCall-Candidates, X-ProviderCall-Unconfirmed, Retry-After',
  });
});

describe('no page may read responses from', () => {
  test.each([
    ['another host', ['https://evil.example.com']],
    ['a longer host', [`${ADMIN}.evil.example`]],
    ['another scheme', ['http://admin.example.com']],
    ['null, as of a sandboxed page', ['null']],
    ['any', ['*']],
    ['an empty one', ['']],
    ['none', []],
  ])('%s', async (_what, sent) => {
    expect(await headersFor(ADMIN, sent)).toEqual({ Vary: 'Origin' });
  });
});
