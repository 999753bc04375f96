import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakTimes, type Console, repairTimes, seen, settled, startBrowser } from './browser.ts';
import { type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';

let dataDir: string;
let system: LocalSystem;
let browser: Console;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'console-data-'));
  system = await startLocalSystem({ DATA_DIR: dataDir });
  browser = await startBrowser(system);
  // So that every list has something to show.
  await system.place(PROVIDERS.rejects, '+821012345678');
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function error(status: string, reason: string, message = 'No.') {
  return {
    error: { status, reason, message, request_id: 'request-1' },
  };
}

test('outcomes that cannot be read are missing from the records, which say so, and can be read again', async () => {
  const { page } = await browser.open('/compare');
  await settled(page);
  await page.route('**/v1.0/calls?**', (route) =>
    route.fulfill({ status: 500, json: error('INTERNAL', 'INTERNAL', 'Something failed.') }),
  );
  await page.getByRole('link', { name: 'Records' }).click();
  const alert = page.getByRole('alert');
  await seen(alert.getByText('The outcomes of the calls are missing below.'));
  await seen(page.getByRole('table', { name: 'Records' }));
  await page.unroute('**/v1.0/calls?**');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await seen(page.getByRole('cell', { name: 'Failed' }));
  expect(await alert.count()).toBe(0);
});

test('when neither the records nor their calls can be read, one notice says so, and one click reads both', async () => {
  const { page } = await browser.open('/compare');
  await settled(page);
  const failing = { status: 500, json: error('INTERNAL', 'INTERNAL', 'Something failed.') };
  await page.route('**/v1.0/calls?**', (route) => route.fulfill(failing));
  await page.getByRole('link', { name: 'Records' }).click();
  await seen(page.getByText('The outcomes of the calls are missing below.'));
  await page.route('**/v1.0/providercalls?**', (route) => route.fulfill(failing));
  await page.getByRole('button', { name: 'Refresh' }).click();
  const alert = page.getByRole('alert');
  await seen(alert.getByText('The data below was read earlier.'));
  expect(await alert.count()).toBe(1);
  await page.unrouteAll();
  await alert.getByRole('button', { name: 'Try again' }).click();
  await seen(page.getByRole('cell', { name: 'Failed' }));
  expect(await alert.count()).toBe(0);
});

describe('when the API is killed and restarted', () => {
  test('the page says so, keeps what is shown and typed, and goes on by itself or at a click', async () => {
    const record = await system.place(PROVIDERS.neverAnswers, '+821012345678');
    const watching = await browser.open(`/records/${record.id}`);
    const typing = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    const listing = await browser.open('/records');
    await seen(watching.page.getByText('Ringing'));
    await seen(listing.page.locator(`a[href="/records/${record.id}"]`));
    await typing.page.getByLabel('Destinations').fill('+821012345678');
    await typing.page.getByLabel('Source', { exact: true }).fill('+14155550100');

    await system.kill();
    await listing.page.getByRole('button', { name: 'Refresh' }).click();
    await seen(listing.page.getByText('The API does not respond'));
    await seen(listing.page.getByText('The data below was read earlier.'));
    await seen(listing.page.locator(`a[href="/records/${record.id}"]`));
    await seen(watching.page.getByText('The page keeps trying.'));
    await typing.page.getByRole('button', { name: 'Review and place' }).click();
    await typing.page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
    await seen(typing.page.getByRole('heading', { name: 'A request has no response yet' }));

    system = await startLocalSystem({ DATA_DIR: dataDir, PORT: String(system.port) });
    await listing.page.getByRole('button', { name: 'Try again' }).click();
    await listing.page.getByText('The API does not respond').waitFor({ state: 'detached' });
    await watching.page.getByText('The page keeps trying.').waitFor({ state: 'detached' });
    await typing.page.getByRole('button', { name: 'Send the same request again' }).click();
    await typing.page.waitForURL(/\/records\/[0-9a-f-]{36}/);
    const { result } = await system.api('GET', `/providercalls?provider_id=${PROVIDERS.busy}`);
    expect(result).toHaveLength(1);
  });
});

describe('a response', () => {
  test('that is slow is waited for, and the page says so', async () => {
    const { page } = await browser.open('/compare');
    await settled(page);
    const gate = Promise.withResolvers<void>();
    await page.route('**/v1.0/providercalls?**', async (route) => {
      await gate.promise;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Records' }).click();
    await seen(page.getByText(/The API is slow: \d+ s so far/));
    gate.resolve();
    await settled(page);
    await seen(page.getByRole('table', { name: 'Records' }));
  });

  test.each([
    [
      'with 429',
      {
        status: 429,
        json: error('RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED'),
        headers: { 'Retry-After': '7', 'Access-Control-Expose-Headers': 'Retry-After' },
      },
      /Too many requests/,
      /Try again in 7 s/,
    ],
    [
      'that is cut off',
      { status: 200, contentType: 'application/json', body: '{"result":[{"id":"b7d1' },
      /The response cannot be read/,
      /cut off in transit/,
    ],
    [
      'of a proxy',
      { status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' },
      /HTTP 502, but not from the API/,
      /Something in front of the API/,
    ],
    [
      'with 500',
      { status: 500, json: error('INTERNAL', 'INTERNAL', 'Something failed.') },
      /Something failed\./,
      /report the request id/,
    ],
  ])('%s is explained, with what to do, and can be tried again', async (_, response, title, advice) => {
    const { page } = await browser.open('/compare');
    await settled(page);
    await page.route('**/v1.0/providercalls?**', (route) => route.fulfill(response));
    await page.getByRole('link', { name: 'Records' }).click();
    const alert = page.getByRole('alert');
    await seen(alert.getByText(title));
    await seen(alert.getByText(advice).first());
    await page.unroute('**/v1.0/providercalls?**');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await seen(page.getByRole('table', { name: 'Records' }));
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('that leaves the outcome unknown leads to the unconfirmed record, and nothing is sent again', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    const id = 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f';
    let sent = 0;
    await page.route('**/v1.0/providercalls', (route) => {
      sent += 1;
      const unknown = error('UNAVAILABLE', 'CALL_OUTCOME_UNKNOWN');
      return route.fulfill({
        status: 503,
        json: { error: { ...unknown.error, details: [{ providercall_id: id }] } },
      });
    });
    await page.getByLabel('Source', { exact: true }).fill('+14155550100');
    await page.getByLabel('Destinations').fill('+821012345678');
    await page.getByRole('button', { name: 'Review and place' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
    await seen(page.getByText('It is not known yet whether the calls were placed'));
    expect(await page.getByRole('link', { name: 'Open the unconfirmed record' }).getAttribute('href')).toBe(
      `/records/${id}`,
    );
    expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
    expect(sent).toBe(1);
  });
});

test('a provider that is deleted meanwhile is explained, and the rest of the form stays', async () => {
  const provider = await system.api('POST', '/providers', { name: 'Short-lived', hostname: '127.0.0.1:9' });
  const { page } = await browser.open(`/place?provider=${provider.id}`);
  await page.getByLabel('Source', { exact: true }).fill('+14155550100');
  await page.getByLabel('Destinations').fill('+821012345678');
  await seen(page.getByText(/^sip:\+821012345678@127/));
  await system.api('DELETE', `/providers/${provider.id}`);
  await page.getByRole('button', { name: 'Review and place' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
  await seen(page.getByText(/has been deleted\. Choose another one/));
  expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
  await page.getByLabel('Provider', { exact: true }).selectOption(PROVIDERS.busy);
  await page.getByRole('button', { name: 'Review and place' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
  await page.waitForURL(/\/records\/[0-9a-f-]{36}/);
});

test('a deleted call is left out of its record, which says so', async () => {
  const record = await system.place(PROVIDERS.rejects, '+821012345678');
  const { page } = await browser.open('/compare');
  await settled(page);
  await page.route(`**/v1.0/calls/${record.call_ids[0]}`, (route) =>
    route.fulfill({ status: 409, json: error('FAILED_PRECONDITION', 'STATE_INVALID') }),
  );
  await page.goto(`${system.url}/records/${record.id}`);
  await seen(page.getByText('The calls have been deleted, or are not there yet.'));
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('a call shows no MOS that was not measured, and says that its capture is empty', async () => {
  const record = await system.place(PROVIDERS.rejects, '+821012345678');
  const { page } = await browser.open('/compare');
  await settled(page);
  const timeline = `**/v1.0/timelines/calls/${record.call_ids[0]}`;
  await page.route(`${timeline}/sip-analysis`, async (route) => {
    const response = await route.fetch();
    const analysis = await response.json();
    await route.fulfill({ response, json: { ...analysis, rtcp_stats: { mos: 0, packet_loss_pct: 1 } } });
  });
  await page.route(`${timeline}/pcap`, (route) =>
    route.fulfill({ status: 404, json: error('NOT_FOUND', 'CALL_NOT_FOUND') }),
  );
  await page.goto(`${system.url}/records/${record.id}`);
  const call = page.getByRole('article');
  await seen(call.getByText('Packet loss'));
  expect(await call.getByText('MOS').count()).toBe(0);
  await call.getByRole('button', { name: 'Download pcap' }).click();
  await seen(call.getByText('No messages of this call were captured.'));
});

test('of more than 10,000 records the newest 10,000 are exported, and the page says so', async () => {
  const { page } = await browser.open('/records');
  await settled(page);
  let pages = 0;
  await page.route('**/v1.0/providercalls?**', (route) => {
    pages += 1;
    const record = (index: number) => ({
      id: `record-${pages}-${index}`,
      provider_id: PROVIDERS.busy,
      source: null,
      destinations: [{ type: 'tel', target: '+1', target_name: '' }],
      anonymous: 'auto',
      flow_id: '',
      call_ids: [],
      groupcall_ids: [],
      tm_create: '2026-11-25 00:00:00.000000',
      tm_update: '2026-11-25 00:00:00.000000',
      tm_delete: null,
    });
    return route.fulfill({
      json: {
        result: Array.from({ length: 100 }, (_, index) => record(index)),
        next_page_token: `page-${pages}`,
      },
    });
  });
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export JSON' }).click();
  await (await downloading).path();
  await seen(page.getByText(/The export contains the newest 10,000 records/));
  expect(pages).toBe(100);
});

describe('an error while a view is rendered', () => {
  test('is shown in its place, every way leads on, and a request without a response is kept', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    await page.route('**/v1.0/providercalls', (route) => route.abort('connectionreset'));
    await page.getByLabel('Destinations').fill('+821012345678');
    await page.getByRole('button', { name: 'Review and place' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
    await seen(page.getByRole('heading', { name: 'A request has no response yet' }));
    await page.unrouteAll();

    await breakTimes(page);
    const alert = page.getByRole('alert');
    await page.getByRole('link', { name: 'Records', exact: true }).click();
    await seen(page.getByRole('heading', { level: 1, name: 'Records' }));
    await seen(alert.getByText('An error occurred in this page'));
    await seen(alert.getByText('RangeError: broken on purpose'));
    await alert.getByRole('link', { name: 'Go to the providers' }).click();
    await seen(page.getByRole('heading', { level: 1, name: 'Providers' }));
    await seen(alert.getByText('RangeError: broken on purpose'));
    await repairTimes(page);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await seen(page.getByRole('table', { name: 'Providers' }));

    await page.getByRole('link', { name: 'Place a call', exact: true }).first().click();
    await seen(page.getByRole('heading', { name: 'A request has no response yet' }));
    await breakTimes(page);
    await page.getByRole('link', { name: 'Records', exact: true }).click();
    await alert.getByRole('button', { name: 'Reload the page' }).click();
    await seen(page.getByRole('table', { name: 'Records' }));
    await page.getByRole('link', { name: 'Place a call', exact: true }).first().click();
    await seen(page.getByRole('heading', { name: 'A request has no response yet' }));
  });

  test('is forgotten at another address of the same view', async () => {
    const { page } = await browser.open('/compare');
    await settled(page);
    await breakTimes(page);
    await page.getByRole('link', { name: 'Records', exact: true }).click();
    await seen(page.getByRole('alert').getByText('RangeError: broken on purpose'));
    await repairTimes(page);
    await page.evaluate((path) => {
      const link = Object.assign(document.createElement('a'), { href: path });
      document.body.append(link);
      link.click();
    }, `/records?provider=${PROVIDERS.rejects}`);
    await seen(page.getByRole('table', { name: 'Records' }));
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

test('an unknown address and a missing record say what to do', async () => {
  const { page } = await browser.open('/records/b7d1c0f6-9a2e-4b3f-8e2a-000000000000');
  await seen(page.getByText(/There is no such record, or it does not belong to the customer/));
  await page.goto(`${system.url}/providers/x/y`);
  await seen(page.getByRole('heading', { name: 'There is no such page' }));
});

test('no tab requested another origin or threw an error', () => {
  expect(browser.violations()).toEqual([]);
});
