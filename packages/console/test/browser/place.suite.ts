import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Console, seen, settled, startBrowser } from './browser.ts';
import { type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';

/** The demo carrier answers it and does not hang up. */
const WAITS_FOR_BYE = '+821012300200';

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

async function fillIn(page: Page, { destination = '+821012345678' } = {}): Promise<void> {
  await page.getByLabel('Source', { exact: true }).fill('+14155550100');
  await page.getByLabel('Destinations').fill(destination);
}

/** Fills in the form, confirms it and waits for the record's page. */
async function placeCall(page: Page, providerId: string, destination?: string): Promise<void> {
  await page.goto(`${system.url}/place?provider=${providerId}`);
  await fillIn(page, { ...(destination !== undefined && { destination }) });
  await page.getByRole('button', { name: 'Review and place' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
  await page.waitForURL(/\/records\/[0-9a-f-]{36}/);
}

function arrows(page: Page) {
  return page.locator('a.rung');
}

/** The labels of a ladder, without how often a message was sent: on a busy machine it may be sent again. */
async function labels(page: Page): Promise<string[]> {
  const found = await page.locator('.rung-label').allTextContents();
  return found.map((label) => label.replace(/ ×\d+$/, ''));
}

describe('a provider', () => {
  test('is added, changed and deleted, and a form that was left keeps what was typed', async () => {
    const { page } = await browser.open('/providers');
    await page.getByRole('link', { name: 'Add a provider' }).click();
    await page.getByRole('button', { name: 'Add the provider' }).click();
    await seen(page.getByText('Enter a host name or an IP address.'));
    await page.getByLabel('Name', { exact: true }).fill('Carrier <b>one</b>');
    await page.getByLabel('Host', { exact: true }).fill('not a host');
    await page.getByRole('button', { name: 'Add the provider' }).click();
    await seen(page.getByRole('alert').getByText(/hostname/));
    await page.getByLabel('Host', { exact: true }).fill('sip.carrier.example');
    await page.getByLabel('Prefix').fill('99');
    await page.getByLabel('Password').fill('hunter2');
    await seen(page.getByText('sip:99+821012345678@sip.carrier.example;transport=udp'));
    await page.reload();
    expect(await page.getByLabel('Host', { exact: true }).inputValue()).toBe('sip.carrier.example');
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Add the provider' }).click();
    await seen(page.getByRole('heading', { level: 1, name: 'Carrier <b>one</b>' }));

    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByLabel('Postfix').fill('#');
    await page.getByRole('button', { name: 'Save the changes' }).click();
    await seen(page.getByRole('heading', { level: 1, name: 'Carrier <b>one</b>' }));
    const id = new URL(page.url()).pathname.split('/').at(-1);
    expect(await system.api('GET', `/providers/${id}`)).toMatchObject({
      tech_prefix: '99',
      tech_postfix: '#',
    });

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
    expect((await system.api('GET', `/providers/${id}`)).tm_delete).toBeNull();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the provider' }).click();
    await seen(page.getByText(/^Deleted at/));
    expect((await system.api('GET', `/providers/${id}`)).tm_delete).not.toBeNull();
  });
});

describe('a call', () => {
  test('that is answered shows its ladder, a whole message and a capture', async () => {
    const { page } = await browser.open('/providers');
    await settled(page);
    await placeCall(page, PROVIDERS.answers, WAITS_FOR_BYE);
    await seen(page.getByText('Talking'));
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('article').getByText('Answered', { exact: false }).first().waitFor();
    await seen(page.locator('.verdict'));
    await seen(page.locator('a.rung').nth(6));
    expect(await labels(page)).toEqual([
      'INVITE',
      '100 Trying',
      '180 Ringing',
      '200 OK',
      'ACK',
      'BYE',
      '200 OK',
    ]);

    await arrows(page).first().click();
    const message = page.getByRole('region', { name: 'SIP message', exact: true });
    await seen(message.getByText(new RegExp(`^INVITE sip:\\${WAITS_FOR_BYE}@`)));
    expect(new URL(page.url()).searchParams.get('message')).toBe('0');
    await page.reload();
    await seen(message.getByText(new RegExp(`^INVITE sip:\\${WAITS_FOR_BYE}@`)));

    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download pcap' }).click();
    const bytes = await readFile(await (await downloading).path());
    expect(['a1b2c3d4', 'd4c3b2a1']).toContain(bytes.subarray(0, 4).toString('hex'));
  });

  test.each([
    [PROVIDERS.busy, 'Busy', '486 Busy Here'],
    [PROVIDERS.rejects, 'Rejected', '403 Forbidden'],
  ])('through %s ends as %s, with the verdict and %s', async (providerId, outcome, status) => {
    const { page } = await browser.open('/providers');
    await settled(page);
    await placeCall(page, providerId);
    await seen(page.locator('.call .pill', { hasText: outcome }));
    await seen(page.locator('.verdict'));
    await seen(page.locator('.rung-label', { hasText: status }));
    await page.locator('a.rung', { hasText: status }).click();
    await seen(page.getByRole('region', { name: 'SIP message', exact: true }).getByText(`SIP/2.0 ${status}`));
  });

  test('that is never answered is hung up while it rings', async () => {
    const { page } = await browser.open('/providers');
    await settled(page);
    await placeCall(page, PROVIDERS.neverAnswers);
    await seen(page.locator('.call .pill', { hasText: 'Ringing' }));
    await page.getByRole('button', { name: 'Hang up' }).click();
    await seen(page.locator('.call .pill', { hasText: 'Cancelled' }));
    await seen(page.locator('a.rung').nth(5));
    expect(await labels(page)).toEqual(
      expect.arrayContaining(['INVITE', '180 Ringing', 'CANCEL', '487 Request Terminated']),
    );
  });

  test('to a closed port is reported as unreachable', async () => {
    const provider = await system.api('POST', '/providers', { name: 'Closed port', hostname: '127.0.0.1:9' });
    const { page } = await browser.open('/providers');
    await settled(page);
    await placeCall(page, provider.id);
    await seen(page.locator('.call .pill', { hasText: 'Unreachable' }));
    await seen(page.locator('.verdict'));
  });

  test('that says a text runs actions, and several destinations become several calls', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    await fillIn(page, { destination: '+821012345678\n+821012345679' });
    await page.getByLabel('After the answer').selectOption('say');
    await page.getByLabel('Text to say').fill('Guten Tag, „Zoë“');
    await page.getByRole('button', { name: 'Review and place' }).click();
    const dialog = page.getByRole('dialog', { name: 'Place 2 real calls?' });
    await seen(dialog.getByText(/your customer account is billed/));
    await dialog.getByRole('button', { name: 'Place 2 calls' }).click();
    await expect.poll(() => page.locator('article.call .verdict').count()).toBe(2);
  });
});

describe('before placing', () => {
  test('the form shows what the provider will be sent, and warns as the command does', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    const preview = page.getByRole('complementary', { name: 'Preview' });
    await page.getByLabel('Destinations').fill('0082 10 1234 5678');
    await seen(page.getByText(/is not E\.164/));
    await seen(page.getByText(/There is no source/));
    await page.getByRole('button', { name: 'Use +821012345678' }).click();
    expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
    await page.getByLabel('Source', { exact: true }).fill('+14155550100');
    await seen(preview.getByText(/^sip:486\+821012345678@127\.0\.0\.1:\d+;transport=udp$/));
    await seen(preview.getByText('<sip:+14155550100@127.0.0.1>'));
    await page.getByLabel('Caller id').selectOption('yes');
    await seen(preview.getByText('<tel:+14155550100>'));
    await seen(preview.getByText('"Anonymous" <sip:anonymous@anonymous.invalid>'));
    await page.getByLabel('Source', { exact: true }).fill('4155550100');
    await seen(preview.getByText(/This call will not leave the platform/));
    await page.getByRole('button', { name: 'Review and place' }).click();
    await seen(page.getByText(/An anonymous call needs a source/));
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('the request is copied as curl, PowerShell or providercall, and curl and page together dial once', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.rejects}`);
    await fillIn(page, { destination: '+821012340001' });
    await page.getByLabel('Source name').fill('Test desk');
    await page.getByText('Copy as a command').click();
    const copied = async (kind: string) => {
      await page.getByLabel(kind, { exact: true }).check();
      await page.getByRole('button', { name: `Copy the ${kind} command` }).click();
      return await page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('PowerShell')).toContain('Invoke-RestMethod');
    await seen(page.getByText(/It takes your token from the variable TOKEN/));
    expect(await copied('providercall')).toContain(`providercall call --provider ${PROVIDERS.rejects}`);
    await seen(page.getByText(/It uses the login of providercall/));
    await seen(page.getByText(/This command leaves out the source’s name/));
    const curl = await copied('curl');
    expect(curl).not.toContain(system.token);
    const { stdout } = await promisify(execFile)('sh', ['-c', curl], {
      env: { ...process.env, TOKEN: system.token },
    });
    const { id } = JSON.parse(stdout);
    await page.getByRole('button', { name: 'Review and place' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
    await page.waitForURL(`${system.url}/records/${id}`);
  });
});

describe('nothing is dialled twice', () => {
  test('by a double click', async () => {
    const before = await system.recordIds(PROVIDERS.busy);
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    await fillIn(page);
    await page.getByRole('button', { name: 'Review and place' }).dblclick();
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Place the call' });
    await confirm.evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
    await page.waitForURL(/\/records\/[0-9a-f-]{36}/);
    await settled(page);
    expect(await system.recordIds(PROVIDERS.busy)).toHaveLength(before.length + 1);
  });

  test.each(['reload', 'lost response'] as const)(
    'by a %s: the same request is sent again',
    async (event) => {
      const before = await system.recordIds(PROVIDERS.busy);
      const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
      await fillIn(page);
      const arrived = Promise.withResolvers<void>();
      await page.route('**/v1.0/providercalls', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        // The API gets it; the page does not learn what it responded.
        await route.fetch();
        if (event === 'lost response') await route.abort('connectionreset');
        arrived.resolve();
      });
      await page.getByRole('button', { name: 'Review and place' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
      await arrived.promise;
      if (event === 'reload') await page.reload();
      await page.unroute('**/v1.0/providercalls');
      await seen(page.getByRole('heading', { name: 'A request has no response yet' }));
      await page.getByRole('button', { name: 'Send the same request again' }).click();
      await page.waitForURL(/\/records\/[0-9a-f-]{36}/);
      expect(await system.recordIds(PROVIDERS.busy)).toHaveLength(before.length + 1);
    },
  );

  test('by a tab that was duplicated before placing', async () => {
    const before = await system.recordIds(PROVIDERS.rejects);
    const { page } = await browser.open(`/place?provider=${PROVIDERS.rejects}`);
    await fillIn(page);
    await page.getByRole('button', { name: 'Review and place' }).click();
    // A duplicated tab begins with a copy of the session storage.
    const storage = await page.evaluate(() => Object.entries(sessionStorage));
    const second = await page.context().newPage();
    await second.addInitScript((entries) => {
      for (const [key, value] of entries) sessionStorage.setItem(key, value);
    }, storage);
    await second.goto(`${system.url}/place?provider=${PROVIDERS.rejects}`);
    await second.getByRole('button', { name: 'Review and place' }).click();
    const tabs = [page, second];
    await Promise.all(
      tabs.map((tab) => tab.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click()),
    );
    await Promise.all(
      tabs.map(async (tab) => {
        // Whichever comes second may find the first request still in progress.
        const again = tab.getByRole('button', { name: 'Send the same request again' });
        await Promise.race([tab.waitForURL(/\/records\/[0-9a-f-]{36}/), again.click()]);
        await tab.waitForURL(/\/records\/[0-9a-f-]{36}/);
      }),
    );
    expect(new URL(page.url()).pathname).toBe(new URL(second.url()).pathname);
    expect(await system.recordIds(PROVIDERS.rejects)).toHaveLength(before.length + 1);
  });

  test('and a request with another customer’s credential cannot be repeated', async () => {
    const { page } = await browser.open(`/place?provider=${PROVIDERS.busy}`);
    await fillIn(page);
    await page.route('**/v1.0/providercalls', (route) => route.abort('connectionreset'));
    await page.getByRole('button', { name: 'Review and place' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Place the call' }).click();
    await seen(page.getByRole('button', { name: 'Send the same request again' }));
    await page.evaluate(() => {
      const stored = JSON.parse(sessionStorage.getItem('providercall.placement') ?? '{}');
      sessionStorage.setItem('providercall.placement', JSON.stringify({ ...stored, owner: 'somebody else' }));
    });
    await page.reload();
    await seen(page.getByText(/another customer’s credential/));
    expect(await page.getByRole('button', { name: 'Send the same request again' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Discard it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard it' }).click();
    await seen(page.getByRole('button', { name: 'Review and place' }));
    expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
  });
});

test('two tabs work side by side: what one places the other lists', async () => {
  const first = await browser.open('/records');
  const second = await browser.open('/providers');
  await settled(first.page);
  await settled(second.page);
  await placeCall(second.page, PROVIDERS.busy, '+821099990001');
  await first.page.getByRole('button', { name: 'Refresh' }).click();
  await seen(first.page.getByRole('row', { name: /\+821099990001/ }));
});

test('no tab requested another origin or threw an error', () => {
  expect(browser.violations()).toEqual([]);
});
