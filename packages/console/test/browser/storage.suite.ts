import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockStorage, type Console, seen, settled, startBrowser } from './browser.ts';
import { type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';

let system: LocalSystem;
let browser: Console;

beforeAll(async () => {
  system = await startLocalSystem();
  browser = await startBrowser(system);
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
});

async function placeCall(page: Page): Promise<void> {
  await page.getByLabel('Destinations').fill('+821012345678');
  await page.getByRole('button', { name: 'Review and place' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
}

describe('a browser that blocks storage', () => {
  test('shows every view, and says what is missing', async () => {
    const { page } = await browser.open('/providers', {}, blockStorage);
    await settled(page);
    await seen(page.getByText('This browser does not let the page store anything.'));
    for (const view of ['Records', 'Compare', 'Place a call']) {
      await page.getByRole('link', { name: view, exact: true }).click();
      await seen(page.getByRole('heading', { level: 1, name: view }));
    }
    await page.reload();
    await seen(page.getByRole('heading', { name: 'Sign in' }));
  });

  test('places no call, because a reload could dial again, and copies the request as a command', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`, {}, blockStorage);
    const before = await system.recordIds(PROVIDERS.busy);
    await placeCall(page);
    const alert = page.getByRole('alert');
    await seen(alert.getByText('The request was not sent'));
    await seen(alert.getByText(/after a reload it could be dialled again/));
    expect(await system.recordIds(PROVIDERS.busy)).toEqual(before);
    expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
    await page.getByText('Copy as a command').click();
    const command = page.getByLabel('curl command', { exact: true });
    await expect.poll(() => command.inputValue()).toMatch(/Idempotency-Key: [0-9a-f-]{36}/);
    await page.getByRole('link', { name: 'Providers', exact: true }).click();
    await page.getByRole('link', { name: 'Place a call', exact: true }).first().click();
    expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
  });
});

test('a full storage places no call either', async () => {
  const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`, {}, () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  });
  const before = await system.recordIds(PROVIDERS.busy);
  await placeCall(page);
  await seen(page.getByRole('alert').getByText('The request was not sent'));
  expect(await system.recordIds(PROVIDERS.busy)).toEqual(before);
});

describe('a stored request', () => {
  const stored = { idempotencyKey: 'key-1', owner: 'me', sentAt: '2026-11-25T00:00:00.000Z' };

  async function openWith(placement: object): Promise<Page> {
    const { page } = await browser.open('/providers');
    await settled(page);
    await page.evaluate(
      (text) => sessionStorage.setItem('providercall.placement', text),
      JSON.stringify(placement),
    );
    await page.goto(`${system.url}/place?provider=${PROVIDERS.busy}`);
    return page;
  }

  test.each(['not JSON', '{}', '{"provider_id":"p","destinations":[null]}'])(
    'with the body %s, which cannot have been sent, does not stop the form',
    async (body) => {
      const page = await openWith({ ...stored, body });
      await seen(page.getByRole('button', { name: 'Review and place' }));
    },
  );

  test('whose time cannot be read is shown, because it may have been sent', async () => {
    const body = JSON.stringify({
      provider_id: PROVIDERS.busy,
      destinations: [{ type: 'tel', target: '+1' }],
    });
    const page = await openWith({ ...stored, body, sentAt: 7 });
    await seen(page.getByRole('heading', { name: 'A request has no response yet' }));
    await seen(page.getByText(/a request was sent through/));
  });
});

test('no tab requested another origin or threw an error', () => {
  expect(browser.violations()).toEqual([]);
});
