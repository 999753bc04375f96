import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Console, seen, settled, startBrowser } from './browser.ts';
import { type Body, type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';

const MARKUP = `<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>"'>`;
/** Right-to-left override, isolate without an end, line break, zero-width space. */
const BIDI = '\u202Egnp.exe\u2066\n\u200B';
const HOSTILE = `${MARKUP}${BIDI}`;

/** What the page itself relies on; everything else in a response is replaced. */
const STRUCTURAL = /^(?:id|.*_ids?|tm_.*|next_page_token|status|timestamp|health_checked_at|anonymous)$/;

let system: LocalSystem;
let browser: Console;
let recordId: string;

beforeAll(async () => {
  system = await startLocalSystem();
  browser = await startBrowser(system);
  const record = await system.api('POST', '/providercalls', {
    provider_id: PROVIDERS.busy,
    source: { type: 'tel', target: '+14155550100', target_name: 'x' },
    destinations: [{ type: 'tel', target: '+821012345678', target_name: 'x' }],
  });
  recordId = record.id;
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
});

function poisoned(value: Body, key = ''): Body {
  if (typeof value === 'string') {
    if (key === 'raw')
      return value.replace(/^(From|Contact|User-Agent):.*$/gim, `$1: ${HOSTILE.replace('\n', '')}`);
    return STRUCTURAL.test(key) ? value : HOSTILE;
  }
  if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, name)]));
}

async function openPoisoned(path: string): Promise<Page> {
  const { page } = await browser.open('/compare');
  await settled(page);
  await page.route('**/v1.0/**', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: poisoned(await response.json()) });
  });
  await page.goto(`${system.url}${path}`);
  await settled(page);
  return page;
}

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
  expect(await page.locator('img, main script, iframe, object, base').count()).toBe(0);
  const text = await page.locator('body').innerText();
  expect(text).toContain('<script>window.attacked=1</script>');
  expect(text).toContain('U+202E');
  expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
  const titles = await page
    .locator('[title], [aria-label]')
    .evaluateAll((elements) =>
      elements.flatMap((element) => [element.getAttribute('title'), element.getAttribute('aria-label')]),
    );
  expect(titles.join('')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
}

test.each([
  ['the providers', '/providers'],
  ['a provider', `/providers/${PROVIDERS.busy}`],
  ['the form of a call', `/place?provider=${PROVIDERS.busy}`],
  ['the records', '/records'],
  ['a comparison', `/compare?a=${PROVIDERS.busy}&b=${PROVIDERS.answers}`],
])('markup and bidirectional characters in every field of %s are only text', async (_, path) => {
  const page = await openPoisoned(path);
  await page.getByText('window.attacked=1').first().waitFor({ state: 'attached' });
  await expectHarmless(page);
});

test('markup and bidirectional characters in every field of a record, its call and its messages are only text', async () => {
  const page = await openPoisoned(`/records/${recordId}`);
  await page.locator('a.rung').first().click();
  await seen(page.getByRole('region', { name: 'SIP message', exact: true }));
  await expectHarmless(page);
});

test('an API’s error message and details are only text', async () => {
  const { page } = await browser.open('/compare');
  await settled(page);
  const error = {
    status: 'INVALID_ARGUMENT',
    reason: 'INVALID_ARGUMENT',
    message: HOSTILE,
    request_id: 'request-1',
    details: [{ field: HOSTILE, message: HOSTILE }],
  };
  await page.route('**/v1.0/**', (route) => route.fulfill({ status: 400, json: { error } }));
  await page.goto(`${system.url}/records`);
  await seen(page.getByRole('alert').first());
  await expectHarmless(page);
});

test('an address cannot inject anything', async () => {
  const { page } = await browser.open('/providers');
  await settled(page);
  for (const path of [
    // A path with a dot is a file's, never the page's.
    `/records/${encodeURIComponent(MARKUP.replaceAll('.', ''))}`,
    `/place?provider=${encodeURIComponent(MARKUP)}`,
    `/records?provider=${encodeURIComponent(MARKUP)}&page=${encodeURIComponent(MARKUP)}`,
    `/compare?a=${encodeURIComponent(MARKUP)}&b=${encodeURIComponent(MARKUP)}`,
  ]) {
    await page.goto(`${system.url}${path}`);
    await settled(page);
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
  }
});

test('a right-to-left name stays in its place', async () => {
  const record = await system.api('POST', '/providercalls', {
    provider_id: PROVIDERS.busy,
    source: { type: 'tel', target: '+14155550100', target_name: 'x' },
    destinations: [{ type: 'tel', target: '+97225551234', target_name: 'שלום עולם' }],
  });
  const { page } = await browser.open(`/records/${record.id}`);
  const address = page.locator('h1 .address');
  await seen(address.getByText('שלום עולם'));
  const [name, number] = await address
    .locator('bdi')
    .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().left));
  expect(number).toBeGreaterThan(name ?? Number.POSITIVE_INFINITY);
});

test('no tab requested another origin or threw an error', () => {
  expect(browser.violations()).toEqual([]);
});
