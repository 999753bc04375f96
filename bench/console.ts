import { once } from 'node:events';
import { createServer } from 'node:http';
import { type Browser, chromium } from 'playwright-core';
import { startLocalSystem } from '../packages/console/test/browser/local-system.ts';
import { CHROMIUM } from '../packages/console/test/browser/require-chromium.ts';
import { option, report, spread, table } from './report.ts';
import { summarize } from './statistics.ts';

/*
 * The time from a click on a link to the console until Chromium has painted something, and until it has painted the
 * empty list of records, compared with a page of one word. Browser and system share the processors that this process
 * may use; with `taskset -c 0`, that is one.
 */

const ROUNDS = option('rounds', 21);
const MAX_MILLISECONDS = 1_000;

/** Records when the first frame after the list's text was painted. */
const NOTE_LIST = `
new MutationObserver((_, observer) => {
  if (!document.body?.innerText.includes('There is no record')) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { globalThis.listPaintedAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
`;

/** Milliseconds since the start of the navigation. */
type Times = { first: number; list: number };

const system = await startLocalSystem();
const wordServer = createServer((_, response) => response.end('<!doctype html><p>word'));
wordServer.listen(0, '127.0.0.1');
await once(wordServer, 'listening');
const address = wordServer.address();
if (address === null || typeof address === 'string') throw new Error('the server has no port');
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});

const word: number[] = [];
const first: number[] = [];
const list: number[] = [];
try {
  // The first visit causes the page to be built and the functions to start.
  for (let round = -1; round < ROUNDS; round += 1) {
    const peer = await visit(browser, `http://127.0.0.1:${address.port}`, false);
    const page = await visit(browser, `${system.url}/records#token=${system.token}`, true);
    if (round < 0) continue;
    word.push(peer.first);
    first.push(page.first);
    list.push(page.list);
  }
} finally {
  await browser.close();
  await system.close();
  wordServer.close();
}

report(
  'bench:console',
  [
    `${ROUNDS} visits with an empty cache, in turn; milliseconds from the start of the navigation, browser and system on the same processor.`,
    table(
      ['what is painted', 'fastest', 'median and quartiles', 'bound'],
      [
        row('a page of one word', word),
        row('the console', first, MAX_MILLISECONDS),
        row('its empty list of records', list, MAX_MILLISECONDS),
      ],
    ),
  ].join('\n\n'),
);

/** Opens an address as a new visitor, whose cache is empty. */
async function visit(browser: Browser, url: string, hasList: boolean): Promise<Times> {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (hasList) await page.addInitScript({ content: NOTE_LIST });
  await page.goto(url);
  await page.waitForFunction(
    (waitsForList) =>
      performance.getEntriesByName('first-contentful-paint').length > 0 &&
      (!waitsForList || 'listPaintedAt' in globalThis),
    hasList,
  );
  const times: Times = await page.evaluate(
    `({ first: performance.getEntriesByName('first-contentful-paint')[0].startTime, list: globalThis.listPaintedAt })`,
  );
  await context.close();
  return times;
}

function row(name: string, times: readonly number[], max?: number): string[] {
  const summary = summarize(times);
  const verdict = max === undefined ? '' : `≤ ${max} ${summary.median <= max ? 'holds' : 'MISSED'}`;
  return [name, Math.min(...times).toFixed(0), spread(summary, 0), verdict];
}
