import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcomeOf, startScript } from '../../../../test/script.ts';
import { type Console, seen, settled, startBrowser } from './browser.ts';
import { type LocalSystem, startLocalSystem } from './local-system.ts';

let system: LocalSystem;
let browser: Console;
let visitors: Console;

beforeAll(async () => {
  system = await startLocalSystem();
  browser = await startBrowser(system);
  visitors = await startBrowser({ url: system.url, token: '' });
});
afterAll(async () => {
  await browser?.close();
  await visitors?.close();
  await system?.close();
});

async function tokenWith(...options: string[]): Promise<string> {
  const { stdout } = await outcomeOf(startScript('bin/token.ts', {}, ...options));
  return stdout.trim();
}

test('a visitor is asked for a credential, and lands where the address leads', async () => {
  const { page } = await visitors.open('/records');
  await seen(page.getByRole('heading', { name: 'Sign in' }));
  await page.getByLabel('Token or access key').fill('hello');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await seen(page.getByText(/neither a token/));
  await page.getByLabel('Token or access key').fill(`Bearer ${system.token}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await seen(page.getByRole('heading', { name: 'Records' }));
  expect(new URL(page.url()).pathname).toBe('/records');
});

test('a token in the fragment is taken once, removed from the address, and kept in this tab only', async () => {
  const { page } = await browser.open('/records');
  await settled(page);
  expect(page.url()).toBe(`${system.url}/records`);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
  await page.reload();
  await seen(page.getByRole('heading', { name: 'Records' }));
  const other = await page.context().newPage();
  await other.goto(`${system.url}/records`);
  await seen(other.getByRole('heading', { name: 'Sign in' }));
});

test('signing out forgets the credential and what was typed', async () => {
  const { page } = await browser.open('/place');
  await page.getByLabel('Destinations').fill('+821012345678');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await seen(page.getByRole('heading', { name: 'Sign in' }));
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test.each([
  ['a token of another key', async () => tokenSignedElsewhere(), /signed with a key/],
  ['an unknown access key', async () => 'vb_0000000000000000000000000000', /revoked or has expired/],
])('%s returns to the sign-in with the causes, and typed input survives', async (_, credential, cause) => {
  const { page } = await browser.open('/place');
  await page.getByLabel('Destinations').fill('+821012345678');
  const text = await credential();
  await page.evaluate((value) => sessionStorage.setItem('providercall.credential', value), text);
  await page.reload();
  await seen(page.getByRole('alert').getByText(cause));
  await page.getByLabel('Token or access key').fill(system.token);
  await page.getByLabel('Token or access key').press('Enter');
  await seen(page.getByRole('heading', { name: 'Place a call' }));
  expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
});

async function tokenSignedElsewhere(): Promise<string> {
  const { stdout } = await outcomeOf(startScript('bin/token.ts', { JWT_KEY: 'k'.repeat(48) }));
  return stdout.trim();
}

test('a token that expires while the page is open leads to the sign-in by itself', async () => {
  const expiresAt = Date.now() + 3_600_000;
  const token = await tokenWith('--expires-in', '3600');
  const { page } = await visitors.open('/place');
  // The page's clock is the test's, so that no wait depends on how busy the machine is.
  await page.clock.install();
  await page.getByLabel('Token or access key').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Destinations').fill('+821012345678');
  await page.clock.pauseAt(expiresAt - 30_000);
  await seen(page.getByText(/Your token expires in less than a minute/));
  await page.clock.runFor('02:00');
  await page.clock.resume();
  await seen(page.getByText(/The token expired at .* UTC/));
  await page.getByLabel('Token or access key').fill(system.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await seen(page.getByLabel('Destinations'));
  expect(await page.getByLabel('Destinations').inputValue()).toBe('+821012345678');
});

test('a user with a customer’s token learns which permission it lacks', async () => {
  const { page } = await visitors.open(`/records#token=${await tokenWith('--permission', '32')}`);
  await seen(page.getByText(/ProviderCalls need PermissionProjectSuperAdmin \(0x0001\)/));
  await seen(page.getByText(/This token has 0x0020 \(PermissionCustomerAdmin\)/));
});

test('no tab requested another origin or threw an error', () => {
  expect([...browser.violations(), ...visitors.violations()]).toEqual([]);
});
