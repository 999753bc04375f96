import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { breakTimes, settled } from './browser.ts';
import { type Body, type LocalSystem, PROVIDERS, startLocalSystem } from './local-system.ts';
import { CHROMIUM } from './require-chromium.ts';

/**
 * Takes a picture of every view, light, dark and 360 px wide, of a system that has placed some calls.
 * `npm run screenshots -- FOLDER [NAME…]`; names are those of the files, without their ending.
 */
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error('npm run screenshots -- FOLDER [NAME…]');

const APPEARANCES: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
};

/** A view: its address, and what is done there before the picture. */
type View = { path: string; prepare?: (page: Page) => Promise<unknown> };

const system = await startLocalSystem();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  mkdirSync(folder, { recursive: true });
  const views = await placeCalls(system);
  for (const [appearance, options] of Object.entries(APPEARANCES)) {
    const page = await (await browser.newContext({ ...options, locale: 'en-GB' })).newPage();
    await picture(page, `sign-in-${appearance}`, { path: '/' });
    await page.goto(`${system.url}/providers#token=${system.token}`);
    await page.reload();
    for (const [name, view] of Object.entries(views)) await picture(page, `${name}-${appearance}`, view);
  }
} finally {
  await browser.close();
  await system.close();
}

async function picture(page: Page, name: string, { path, prepare }: View): Promise<void> {
  if (names.length > 0 && !names.includes(name)) return;
  await page.goto(`${system.url}${path}`);
  await settled(page);
  await page.waitForLoadState('networkidle');
  await prepare?.(page);
  await page.screenshot({ path: join(folder ?? '.', `${name}.png`), fullPage: true, animations: 'disabled' });
  console.log(`${name}.png`);
}

/** Places calls that end in many ways, waits for their end, and returns the views that show them. */
async function placeCalls({ api }: LocalSystem): Promise<Record<string, View>> {
  const unreachable = await api('POST', '/providers', { name: 'Unreachable', hostname: '127.0.0.1:9' });
  const records: Record<string, Body> = {};
  const place = async (name: string, provider_id: string, target: string, changes: object = {}) => {
    records[name] = await api('POST', '/providercalls', {
      provider_id,
      source: { type: 'tel', target: '+14155550100' },
      destinations: [{ type: 'tel', target, target_name: '' }],
      ...changes,
    });
  };
  for (let index = 0; index < 14; index += 1) {
    await place(`answered ${index}`, PROVIDERS.answers, `+82101234567${index % 10}`);
  }
  for (const status of [480, 486, 503, 404]) {
    await place(String(status), PROVIDERS.answers, `+15550000${status}`);
  }
  for (let index = 0; index < 6; index += 1) await place('busy', PROVIDERS.busy, `+493012345${index}`);
  for (let index = 0; index < 3; index += 1) await place('rejected', PROVIDERS.rejects, `+493012346${index}`);
  await place('unreachable', unreachable.id, '+493012347');
  await place('several', PROVIDERS.answers, '', {
    source: { type: 'tel', target: '+14155550100', target_name: 'Zoë' },
    destinations: [
      { type: 'tel', target: '+97225550123', target_name: 'שלום עולם' },
      { type: 'tel', target: '+15550000486', target_name: '\u202Egnp.exe' },
    ],
    anonymous: 'yes',
  });
  const callIds = Object.values(records).flatMap(({ call_ids }) => call_ids);
  for (const id of callIds) while ((await api('GET', `/calls/${id}`)).status !== 'hangup');
  await place('live', PROVIDERS.neverAnswers, '+493012348');
  const address = (name: string) => `/records/${records[name].id}`;
  const readMessages = (page: Page) =>
    page
      .getByRole('button', { name: /Read the messages/ })
      .click()
      .then(() => page.locator('.bars').first().waitFor());
  return {
    providers: { path: '/providers' },
    provider: { path: `/providers/${PROVIDERS.answers}`, prepare: readMessages },
    'new-provider': { path: '/providers/new' },
    'edit-provider': { path: `/providers/${PROVIDERS.busy}/edit` },
    place: { path: `/place?provider=${PROVIDERS.busy}`, prepare: fillIn },
    confirmation: {
      path: `/place?provider=${PROVIDERS.busy}`,
      prepare: async (page) => {
        await fillIn(page);
        await page.getByRole('button', { name: 'Review and place' }).click();
      },
    },
    records: { path: '/records' },
    record: { path: address('answered 0') },
    message: { path: `${address('busy')}?call=${records['busy'].call_ids[0]}&message=2` },
    unreachable: { path: address('unreachable') },
    several: { path: address('several') },
    live: { path: address('live') },
    compare: { path: `/compare?a=${PROVIDERS.answers}&b=${PROVIDERS.busy}`, prepare: readMessages },
    error: {
      path: '/compare',
      prepare: async (page) => {
        await breakTimes(page);
        await page.getByRole('link', { name: 'Records', exact: true }).click();
        await page.getByRole('alert').waitFor();
      },
    },
    missing: { path: '/records/b7d1c0f6-9a2e-4b3f-8e2a-000000000000' },
  };
}

async function fillIn(page: Page): Promise<void> {
  await page.getByLabel('Source', { exact: true }).fill('+14155550100');
  await page.getByLabel('Destinations').fill('+821012345678\n0082 10 1234 5679');
  await page.getByLabel('Caller id').selectOption('yes');
  await page.getByLabel('After the answer').selectOption('say');
}
