import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Console, seen, settled, startBrowser } from './browser.ts';
import { type Body, type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';

const RECORDS = 250;

let system: LocalSystem;
let browser: Console;
let ids: string[];

beforeAll(async () => {
  system = await startLocalSystem();
  browser = await startBrowser(system);
  ids = [];
  for (let index = 0; index < RECORDS; index += 1) {
    const providerId = index % 10 === 0 ? PROVIDERS.rejects : PROVIDERS.busy;
    ids.push((await system.place(providerId, `+8210${String(index).padStart(8, '0')}`)).id);
  }
  ids.reverse();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await system?.close();
});

function linkTo(page: Page, id: string | undefined): Locator {
  return page.locator(`a[href="/records/${id}"]`);
}

function shownIds(page: Page) {
  return page
    .locator('tbody a[href^="/records/"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')?.split('/').at(-1)));
}

async function textOf(download: Download): Promise<string> {
  return await readFile(await download.path(), 'utf8');
}

describe('records', () => {
  test('are paged newest first to the last of 250, and back and forward return to each page', async () => {
    const { page } = await browser.open('/records');
    const seenIds: (string | undefined)[] = [];
    const addresses: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      await seen(linkTo(page, ids[at * 50]));
      seenIds.push(...(await shownIds(page)));
      addresses.push(page.url());
      if (at < 4) await page.getByRole('link', { name: 'Older records' }).click();
    }
    expect(seenIds).toEqual(ids);
    await seen(page.getByText('These are the oldest records.'));
    await page.goBack();
    await seen(linkTo(page, ids[150]));
    expect(page.url()).toBe(addresses[3]);
    await page.goForward();
    await seen(linkTo(page, ids[200]));
    await page.getByRole('link', { name: 'Newest' }).click();
    await seen(linkTo(page, ids[0]));
  });

  test('are filtered by provider, at an address that can be shared and holds no credential', async () => {
    const { page } = await browser.open('/records');
    await settled(page);
    await page.getByLabel('Provider', { exact: true }).selectOption({ label: 'Rejects' });
    await page.waitForURL(`${system.url}/records?provider=${PROVIDERS.rejects}`);
    const rejected = ids.filter((_, index) => (RECORDS - 1 - index) % 10 === 0);
    await expect.poll(() => shownIds(page)).toEqual(rejected);
    const shared = await browser.open(`/records?provider=${PROVIDERS.rejects}`);
    await seen(linkTo(shared.page, rejected[0]));
    expect(shared.page.url()).not.toContain('token');
  });

  test('show the outcome of their calls', async () => {
    const { page } = await browser.open('/records');
    await settled(page);
    await expect
      .poll(() => page.locator('tbody .pill').allTextContents())
      .toEqual(Array(50).fill(expect.stringMatching(/Busy|Failed/)));
  });

  test('show what has become of a call once they are refreshed', async () => {
    const record = await system.place(PROVIDERS.neverAnswers, '+821077770002');
    const { page } = await browser.open(`/records?provider=${PROVIDERS.neverAnswers}`);
    await seen(page.getByRole('cell', { name: 'Ringing' }));
    await system.api('POST', `/calls/${record.call_ids[0]}/hangup`);
    await expect
      .poll(async () => (await system.api('GET', `/calls/${record.call_ids[0]}`)).status)
      .toBe('hangup');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await seen(page.getByRole('cell', { name: 'Cancelled' }));
    await system.api('DELETE', `/providercalls/${record.id}`);
  });

  test('are exported as CSV and JSON, all 250', async () => {
    const { page } = await browser.open('/records');
    await settled(page);
    const asCsv = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const lines = (await textOf(await asCsv)).trimEnd().split('\r\n');
    expect(lines).toHaveLength(RECORDS + 1);
    expect(lines[1]?.startsWith(`${ids[0]},`)).toBe(true);
    const asJson = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export JSON' }).click();
    const exported: Body = JSON.parse(await textOf(await asJson));
    expect(exported.map(({ id }: Body) => id)).toEqual(ids);
  });
});

describe('a record', () => {
  test('names who created and deleted it and the creating request, and is deleted after a confirmation', async () => {
    const record = await system.place(PROVIDERS.busy, '+821077770001');
    const { page } = await browser.open('/compare');
    await settled(page);
    // The headers come from the API where it sends them.
    await page.route(`**/v1.0/providercalls/${record.id}`, async (route) => {
      const response = await route.fetch();
      const { tm_delete } = await response.json();
      const agent = 'agent:1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1';
      await route.fulfill({
        response,
        headers: {
          'x-providercall-created-by': agent,
          'x-providercall-request-id': 'request-1',
          ...(tm_delete !== null && { 'x-providercall-deleted-by': agent }),
          ...response.headers(),
        },
      });
    });
    await page.goto(`${system.url}/records/${record.id}`);
    await seen(page.getByRole('heading', { level: 1, name: 'Call to +821077770001' }));
    await seen(page.getByText(/by agent 1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1/));
    await seen(page.locator('dt', { hasText: 'Request id' }).locator('..').locator('code'));
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete this record?' });
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    expect((await system.api('GET', `/providercalls/${record.id}`)).tm_delete).toBeNull();
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete the record' }).click();
    await seen(page.getByText(/^Deleted at/));
    await seen(
      page
        .locator('dt', { hasText: 'Deleted' })
        .locator('..')
        .getByText(/by agent/),
    );
    await page.goto(`${system.url}/records`);
    await settled(page);
    expect(await shownIds(page)).not.toContain(record.id);
  });

  test('shows times in the reader’s zone, with UTC on hover', async () => {
    const { page } = await browser.open(`/records/${ids[0]}`, { timezoneId: 'Asia/Seoul', locale: 'en-GB' });
    const time = page.locator('time').first();
    await time.waitFor();
    const iso = (await time.getAttribute('datetime')) ?? '';
    expect(await time.getAttribute('title')).toBe(`${iso.replace('T', ' ').replace('Z', '')} UTC`);
    const inSeoul = new Date(Date.parse(iso) + 9 * 3_600_000).toISOString().slice(11, 19);
    expect(await time.textContent()).toContain(inSeoul);
  });

  test('that is unconfirmed is marked and explained, in the list and in its own view', async () => {
    const record = await system.api('GET', `/providercalls/${ids[0]}`);
    const [callId = ''] = record.call_ids;
    const groupcallId = 'c0000000-0000-4000-8000-000000000001';
    let candidates = '';
    const { page } = await browser.open('/providers');
    await settled(page);
    await page.route('**/v1.0/providercalls?**', async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'X-ProviderCall-Unconfirmed': ids[0] ?? '' },
      });
    });
    await page.route(`**/v1.0/providercalls/${ids[0]}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        headers: {
          ...response.headers(),
          'X-ProviderCall-State': 'unconfirmed',
          ...(candidates !== '' && { 'X-ProviderCall-Candidates': candidates }),
        },
        json: { ...(await response.json()), call_ids: [] },
      });
    });
    await page.getByRole('link', { name: 'Records' }).click();
    await seen(page.getByText('One record is unconfirmed'));
    const row = page.locator('tbody tr', { has: linkTo(page, ids[0]) });
    await seen(row.getByText('Unconfirmed'));
    await linkTo(page, ids[0]).click();
    await seen(page.getByText('Unconfirmed: it is not known yet whether its calls were placed'));
    expect(await page.getByRole('list', { name: 'Candidates' }).count()).toBe(0);
    // Reconcile finds several while the page is open.
    candidates = `${callId}, ${groupcallId}`;
    const items = page.getByRole('list', { name: 'Candidates' }).getByRole('listitem');
    await seen(items.filter({ hasText: callId }).getByText(record.destinations[0].target));
    expect(await items.filter({ hasText: groupcallId }).textContent()).toBe(groupcallId);
    await seen(page.getByText('an operator completes it with the ids of its calls'));
    await seen(page.getByText('docs/operations.md, “Records with several candidates”'));
    await page.unroute(`**/v1.0/providercalls/${ids[0]}`);
    await page.getByText('Unconfirmed: it is not known yet').waitFor({ state: 'detached' });
  });
});

describe('statistics', () => {
  test('of a provider carry intervals and sample sizes; SIP statuses are read at most four at a time, and once', async () => {
    const { page } = await browser.open(`/providers/${PROVIDERS.busy}`);
    await settled(page);
    let underWay = 0;
    let maxUnderWay = 0;
    const requested: string[] = [];
    await page.route('**/sip-analysis', async (route) => {
      requested.push(route.request().url());
      underWay += 1;
      maxUnderWay = Math.max(maxUnderWay, underWay);
      const response = await route.fetch();
      underWay -= 1;
      await route.fulfill({ response });
    });
    await seen(page.getByText('0 of 100 calls'));
    await seen(page.getByText('95%: 0% to 4%'));
    await page.getByRole('button', { name: 'Read the messages of 100 calls' }).click();
    await seen(page.getByRole('row', { name: /486 Busy Here\s*100/ }));
    expect({ maxUnderWay, requests: requested.length }).toEqual({ maxUnderWay: 4, requests: 100 });
    await page.getByRole('link', { name: 'Providers' }).click();
    await page.getByRole('link', { name: 'Busy', exact: true }).click();
    await page.getByRole('button', { name: 'Read the messages of 100 calls' }).click();
    await seen(page.getByRole('row', { name: /486 Busy Here\s*100/ }));
    expect(requested).toHaveLength(100);
  });

  test('of two providers are compared, at an address of their own', async () => {
    const { page } = await browser.open('/compare');
    await settled(page);
    await page.getByLabel('First provider').selectOption({ label: 'Busy' });
    await page.getByLabel('Second provider').selectOption({ label: 'Rejects' });
    await page.waitForURL(`${system.url}/compare?a=${PROVIDERS.busy}&b=${PROVIDERS.rejects}`);
    await seen(page.getByRole('row', { name: /NER.*100%.*0%.*\+100 points.*more than chance/s }));
    await seen(page.getByRole('row', { name: /ASR.*0 points.*may be chance/s }));
    await page.goBack();
    await page.waitForURL(`${system.url}/compare?a=${PROVIDERS.busy}`);
  });

  test('show each provider’s last twenty outcomes in a strip', async () => {
    const { page } = await browser.open('/providers');
    await seen(page.getByRole('img', { name: 'Last 20 calls: 20 busy' }));
    await seen(page.getByRole('img', { name: 'Last 20 calls: 20 failed' }));
  });
});

test('no tab requested another origin or threw an error', () => {
  expect(browser.violations()).toEqual([]);
});
