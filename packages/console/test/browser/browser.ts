import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { CHROMIUM } from './require-chromium.ts';

/** A tab, with what it did that it must never do. */
export type Tab = {
  page: Page;
  /** Requests to other origins, by their address. */
  foreignRequests: string[];
  /** Errors that the page threw, and what its policy blocked. */
  faults: string[];
};

export type Console = {
  /** Opens a tab of a new visitor, signed in unless `token` is empty. `prepare` is run in each of its pages beforehand. */
  open(path: string, options?: BrowserContextOptions, prepare?: () => void): Promise<Tab>;
  /** What every tab has done so far that it must not. */
  violations(): string[];
  close(): Promise<void>;
};

/** Starts the browser for a system's page. */
export async function startBrowser({ url, token }: { url: string; token: string }): Promise<Console> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const tabs: Tab[] = [];
  return {
    async open(path, options = {}, prepare = () => {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        permissions: ['clipboard-read', 'clipboard-write'],
        ...options,
      });
      await context.addInitScript(prepare);
      const page = await context.newPage();
      const tab = watch(page, url);
      tabs.push(tab);
      page.setDefaultTimeout(60_000);
      await page.goto(`${url}${path}${token === '' ? '' : `#token=${token}`}`);
      return tab;
    },
    violations: () => tabs.flatMap(({ foreignRequests, faults }) => [...foreignRequests, ...faults]),
    close: () => browser.close(),
  };
}

/** Collects a page's requests to other origins, and its faults. */
function watch(page: Page, url: string): Tab {
  const tab: Tab = { page, foreignRequests: [], faults: [] };
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(`${url}/`) && !address.startsWith('blob:')) tab.foreignRequests.push(address);
  });
  page.on('pageerror', (error) => tab.faults.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    // A failed request is logged by the browser itself; that is no fault of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      tab.faults.push(message.text());
    }
  });
  page.on('dialog', async (dialog) => {
    tab.faults.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  return tab;
}

/** Waits until an element is there and visible. */
export async function seen(locator: Locator): Promise<Locator> {
  await locator.first().waitFor({ state: 'visible' });
  return locator;
}

/**
 * Waits until the page has read what it shows. Like all waits of these tests it asks again and again: `waitForFunction` waits
 * for frames, of which Chromium now and then draws none for minutes on a busy machine.
 */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
}

/** Expects axe to find nothing on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`),
    })),
  ).toEqual([]);
}

/** Blocks the tab's storage as a browser does that keeps nothing for a site. To be run before the page is loaded. */
export function blockStorage(): void {
  Object.defineProperty(window, 'sessionStorage', {
    get() {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    },
  });
}

/** Has every view throw that shows a time, until the page is loaded again or `repairTimes` is called. */
export async function breakTimes(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { prototype } = Intl.DateTimeFormat;
    const format = Object.getOwnPropertyDescriptor(prototype, 'format') ?? {};
    Object.assign(window, { repairTimes: () => Object.defineProperty(prototype, 'format', format) });
    Object.defineProperty(prototype, 'format', {
      configurable: true,
      get() {
        throw new RangeError('broken on purpose');
      },
    });
  });
}

/** Undoes `breakTimes`. */
export async function repairTimes(page: Page): Promise<void> {
  await page.evaluate('repairTimes()');
}
