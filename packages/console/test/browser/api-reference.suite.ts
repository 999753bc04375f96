import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Console, seen, startBrowser } from './browser.ts';
import { type LocalSystem, startLocalSystem } from './local-system.ts';

describe('the API reference of npm start', () => {
  let system: LocalSystem;
  let browser: Console;

  beforeAll(async () => {
    system = await startLocalSystem();
    browser = await startBrowser({ url: system.url, token: '' });
  });
  afterAll(async () => {
    await browser?.close();
    await system?.close();
  });

  test('sends nothing to another host, and nothing that its policy blocks', async () => {
    const { page } = await browser.open('/docs');
    await seen(page.getByText('/providercalls/{id}').first());
    await page.waitForLoadState('networkidle');
    expect(browser.violations()).toEqual([]);
  });
});

/** Redoc has the address of its makers' logo built in; the page's policy blocks it before anything is sent. */
const LOGO = 'https://cdn.redoc.ly/redoc/logo-mini-full.svg';

describe('the API reference that npm run contract:docs builds', () => {
  let browser: Console;

  beforeAll(async () => {
    const { status, stderr } = spawnSync('npm', ['run', '-s', 'contract:docs'], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    browser = await startBrowser({ url: pathToFileURL('docs').href, token: '' });
  });
  afterAll(() => browser?.close());

  test('sends nothing to another host: its policy blocks Redoc’s logo, and nothing else', async () => {
    const { page } = await browser.open('/api.html');
    await seen(page.getByRole('heading', { name: 'ProviderCall API' }));
    await page.waitForLoadState('networkidle');
    expect(browser.violations()).toEqual([
      LOGO,
      expect.stringMatching(/logo-mini-full\.svg' violates .*Content Security Policy.* has been blocked/),
    ]);
  });
});
