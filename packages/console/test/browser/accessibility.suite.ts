import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  blockStorage,
  breakTimes,
  type Console,
  expectAccessible,
  seen,
  settled,
  startBrowser,
} from './browser.ts';
import { type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';

let system: LocalSystem;
let browser: Console;
let visitors: Console;
let views: Record<string, string>;

beforeAll(async () => {
  system = await startLocalSystem();
  browser = await startBrowser(system);
  visitors = await startBrowser({ url: system.url, token: '' });
  const busy = await system.place(PROVIDERS.busy, '+821012345678');
  views = {
    providers: '/providers',
    'a provider': `/providers/${PROVIDERS.busy}`,
    'the form of a new provider': '/providers/new',
    'the form of a provider': `/providers/${PROVIDERS.busy}/edit`,
    'the form of a call': `/place?provider=${PROVIDERS.busy}`,
    records: '/records',
    'a record and a message': `/records/${busy.id}?call=${busy.call_ids[0]}&message=0`,
    'a comparison': `/compare?a=${PROVIDERS.busy}&b=${PROVIDERS.answers}`,
    'an unknown address': '/providers/x/y',
  };
});
afterAll(async () => {
  await browser?.close();
  await visitors?.close();
  await system?.close();
});

const APPEARANCES = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['360 px wide', { viewport: { width: 360, height: 740 } }],
] as const;

describe.each(APPEARANCES)('axe finds nothing, %s', (_, options) => {
  test('on the sign-in', async () => {
    const { page } = await visitors.open('/providers', options);
    await seen(page.getByRole('heading', { name: 'Sign in' }));
    await page.getByLabel('Token or access key').fill('hello');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expectAccessible(page);
  });

  test('on every view', async () => {
    const { page } = await browser.open('/providers', options);
    for (const [name, path] of Object.entries({ ...views, 'a live call': await placeLiveCall() })) {
      await page.goto(`${system.url}${path}`);
      await settled(page);
      if (name === 'a record and a message')
        await seen(page.getByRole('region', { name: 'SIP message', exact: true }));
      if (name === 'a live call') await seen(page.locator('a.rung'));
      await expectAccessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect({ name, overflow: Math.max(overflow, 0) }).toEqual({ name, overflow: 0 });
    }
  });

  test('on an error of the page and without storage', async () => {
    const { page } = await browser.open('/compare', options, blockStorage);
    await seen(page.getByText('This browser does not let the page store anything.'));
    await settled(page);
    await breakTimes(page);
    await page.getByRole('link', { name: 'Records', exact: true }).click();
    await seen(page.getByText('An error occurred in this page'));
    await expectAccessible(page);
  });

  test('on warnings, failures and dialogs', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`, options);
    await page.getByLabel('Destinations').fill('030 1');
    await page.getByText('Copy as a command').click();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Review and place' }).click();
    await seen(page.getByRole('dialog'));
    await expectAccessible(page);
    await page.route('**/v1.0/providercalls**', (route) => route.abort('connectionreset'));
    await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
    await seen(page.getByRole('heading', { name: 'A request has no response yet' }));
    await expectAccessible(page);
  });
});

/** Places a call that keeps ringing, and returns the address of its record. */
async function placeLiveCall(): Promise<string> {
  const { id } = await system.place(PROVIDERS.neverAnswers, '+821012345679');
  return `/records/${id}`;
}

/** Presses Tab until the focus is on an element with that name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null) return { names: [''], outlined: false };
      const labels = 'labels' in element && element.labels instanceof NodeList ? [...element.labels] : [];
      const style = getComputedStyle(element);
      return {
        names: [
          element.getAttribute('aria-label') ?? '',
          element.textContent?.trim() ?? '',
          ...labels.map((label) => label.textContent?.trim() ?? ''),
        ],
        outlined: style.outlineStyle !== 'none' || element.classList.contains('rung'),
      };
    });
    expect({ ...focused, outlined: true }).toEqual(focused);
    if (focused.names.some((text) => text.startsWith(name))) return;
  }
  throw new Error(`Tab does not reach ${name}`);
}

describe('with the keyboard alone', () => {
  test('a call is placed, watched, hung up and its message read; the focus is always visible', async () => {
    const { page } = await browser.open('/providers');
    await settled(page);
    await tabTo(page, 'Skip to the content');
    await tabTo(page, 'Place a call');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('heading', { name: 'Place a call' }));
    await page.locator('option', { hasText: 'Never answers' }).waitFor({ state: 'attached' });
    await tabTo(page, 'Provider');
    await page.keyboard.type('Never');
    await tabTo(page, 'Source');
    await page.keyboard.type('+14155550100');
    await tabTo(page, 'Destinations');
    await page.keyboard.type('+821012345678');
    await tabTo(page, 'Review and place');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('dialog'));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Review and place');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('dialog'));
    await tabTo(page, 'Place the call');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/records\/[0-9a-f-]{36}/);
    await seen(page.getByText('Ringing', { exact: false }).first());
    await seen(page.locator('a.rung').nth(2));
    await tabTo(page, 'Hang up');
    await page.keyboard.press('Enter');
    await seen(page.locator('.call .pill', { hasText: 'Cancelled' }));
    await seen(page.locator('a.rung').nth(5));
    await tabTo(page, 'INVITE (1 INVITE)');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('region', { name: 'SIP message', exact: true }));
    await tabTo(page, 'Close message');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'SIP message', exact: true }).waitFor({ state: 'detached' });
  });

  test('a dialog that is opened right after Escape stays, although the browser closes the last one late', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.neverAnswers}`);
    await settled(page);
    await page.getByLabel('Source', { exact: true }).fill('+14155550100');
    await page.getByLabel('Destinations').fill('+821012345678');
    const review = page.getByRole('button', { name: 'Review and place' });
    await review.click();
    const escaped = await page.locator('dialog').elementHandle();
    await escaped?.dispatchEvent('cancel');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await review.click();
    await seen(page.getByRole('dialog'));
    await escaped?.dispatchEvent('close');
    // The page has rendered what the event changes.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await page.getByRole('dialog').count()).toBe(1);
  });

  test('a new view takes the focus, and a live call is announced to screen readers', async () => {
    const { page } = await browser.open('/records');
    await settled(page);
    await page.getByRole('link', { name: 'Compare' }).click();
    await seen(page.getByRole('heading', { name: 'Compare' }));
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
    await expect.poll(() => page.title()).toBe('Compare · ProviderCall');
    const record = await system.place(PROVIDERS.neverAnswers, '+821055550001');
    await page.goto(`${system.url}/records/${record.id}`);
    await page
      .locator('[aria-live="polite"]', { hasText: 'Call to +821055550001: ringing.' })
      .waitFor({ state: 'attached' });
  });
});

test('nothing moves with reduced motion', async () => {
  const { page } = await browser.open('/providers', { reducedMotion: 'reduce' });
  await page.goto(`${system.url}${await placeLiveCall()}`);
  await seen(page.locator('.pill.live'));
  const running = await page.evaluate(() => document.getAnimations().length);
  expect(running).toBe(0);
});

describe('the page is light', () => {
  test('its script is at most 60 KB compressed, and its policy allows nothing inline', async () => {
    const { page } = await visitors.open('/providers');
    await seen(page.getByRole('heading', { name: 'Sign in' }));
    const response = await page.request.get(`${system.url}/providers`);
    expect(response.headers()['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    const [script = ''] = /\/assets\/main-\w+\.js/.exec(await response.text()) ?? [];
    const bytes = gzipSync(await (await page.request.get(`${system.url}${script}`)).body(), {
      level: 9,
    }).length;
    console.log(`script: ${bytes} bytes gzipped`);
    expect(bytes).toBeLessThanOrEqual(60 * 1024);
    const blocked = await page
      .evaluate(() => {
        const inline = document.createElement('script');
        inline.textContent = 'window.ranInline = true';
        document.head.append(inline);
        return !('ranInline' in window);
      })
      .catch(() => true);
    expect(blocked).toBe(true);
  });
});

test('no tab requested another origin or threw an error', () => {
  const violations = [...browser.violations(), ...visitors.violations()];
  // The attempt above to run an inline script is reported by the policy.
  expect(violations.filter((text) => !/Content Security Policy|TrustedScript/i.test(text))).toEqual([]);
});
