import { describe, expect, test } from 'vitest';
import type { Dialer, ProbeResult } from '../src/dialer.ts';
import { createHealthChecks } from '../src/health-checks.ts';
import { createProviders } from '../src/providers.ts';
import { createScriptedDialer } from '../src/scripted-dialer.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { BEGINNING, provider } from './platform-under-test.ts';

function remote(status: number, reasonPhrase: string): ProbeResult {
  return {
    by: 'remote',
    status,
    reasonPhrase,
  };
}
function local(status: number, reasonPhrase: string): ProbeResult {
  return { by: 'local', status, reasonPhrase };
}
const ok = remote(200, 'OK');
const silence = local(408, 'No response from one.example:5060');

/** One provider under checks, whose host responds as the test says. */
async function underChecks({ started = true } = {}) {
  const clock = createVirtualClock(BEGINNING);
  const providers = createProviders({ store: createMemoryDocumentStore(), clock });
  const { id } = provider({ hostname: 'one.example' });
  await providers.seed(provider({ hostname: 'one.example' }));
  let probes = 0;
  let respond = async (): Promise<ProbeResult> => ok;
  const dialer: Dialer = {
    ...createScriptedDialer({ clock }),
    probe: () => {
      probes += 1;
      return respond();
    },
  };
  const checks = createHealthChecks({ providers, dialer, clock, onError: () => {} });
  if (started) checks.start();
  const health = async () => {
    const { health_status, health_checked_at, health_detail } = await providers.get(id);
    return [health_status, health_checked_at, health_detail];
  };
  const checked = (at: string) => expect.poll(async () => (await health())[1]).toBe(at);
  return {
    clock,
    providers,
    id,
    checks,
    health,
    checked,
    probes: () => probes,
    willRespond: (next: () => Promise<ProbeResult>) => {
      respond = next;
    },
    /** Lets the next check happen, and waits until its result is stored. */
    nextCheck: async () => {
      const [, before] = await health();
      clock.advanceTo(clock.now() + 30_000);
      await expect.poll(async () => (await health())[1]).not.toBe(before);
      return await health();
    },
  };
}

const FIRST_CHECK = '2026-04-21 23:15:00.000000';

test('a provider that responds is found healthy at once', async () => {
  const { health, checked, checks } = await underChecks();
  await checked(FIRST_CHECK);
  expect(await health()).toEqual(['healthy', FIRST_CHECK, '200 OK']);
  checks.stop();
});

describe('the result of a check', () => {
  test.each<[string, ProbeResult, string, string]>([
    ['405', remote(405, 'Method Not Allowed'), 'healthy', '405 Method Not Allowed'],
    ['407', remote(407, 'Proxy Authentication Required'), 'healthy', '407 Proxy Authentication Required'],
    ['403 of the provider', remote(403, 'Forbidden'), 'healthy', '403 Forbidden'],
    ['500', remote(500, 'Server Internal Error'), 'healthy', '500 Server Internal Error'],
    ['a response without a reason phrase', remote(200, ''), 'healthy', '200'],
    ['503 of the provider', remote(503, 'Service Unavailable'), 'unhealthy', '503 Service Unavailable'],
    [
      'a closed port',
      local(503, '127.0.0.1:9 refuses UDP (ECONNREFUSED)'),
      'unhealthy',
      '127.0.0.1:9 refuses UDP (ECONNREFUSED)',
    ],
    [
      'a name without an address',
      local(478, 'one.example has no address'),
      'unhealthy',
      'one.example has no address',
    ],
    [
      'a host outside SIP_ALLOW',
      local(403, 'SIP_ALLOW does not name one.example'),
      'unknown',
      'SIP_ALLOW does not name one.example',
    ],
    ['silence', silence, 'unknown', 'No response from one.example:5060'],
  ])('is reported for %s', async (_, result, status, detail) => {
    const { checks, checked, health, id, willRespond } = await underChecks({ started: false });
    willRespond(async () => result);
    checks.check(id);
    await checked(FIRST_CHECK);
    expect(await health()).toEqual([status, FIRST_CHECK, detail]);
    checks.stop();
  });

  test('is cut when a provider makes it long', async () => {
    const { checks, checked, health, id, willRespond } = await underChecks({ started: false });
    willRespond(async () => remote(200, 'x'.repeat(10_000)));
    checks.check(id);
    await checked(FIRST_CHECK);
    expect((await health())[2]).toHaveLength(200);
    checks.stop();
  });
});

test.each([
  ['is silent', async () => silence],
  ['cannot be asked', async () => Promise.reject(new Error('no socket'))],
])(
  'a provider that %s is unhealthy from the second time on, and healthy after one response',
  async (_, miss) => {
    const { checked, nextCheck, willRespond, checks } = await underChecks();
    await checked(FIRST_CHECK);
    willRespond(miss);
    expect((await nextCheck()).slice(0, 2)).toEqual(['healthy', '2026-04-21 23:15:30.000000']);
    expect((await nextCheck()).slice(0, 2)).toEqual(['unhealthy', '2026-04-21 23:16:00.000000']);
    willRespond(async () => ok);
    expect((await nextCheck())[0]).toBe('healthy');
    willRespond(miss);
    expect((await nextCheck())[0]).toBe('healthy');
    checks.stop();
  },
);

test('the silences of a new host are counted from zero', async () => {
  const { health, checked, nextCheck, willRespond, providers, id, checks } = await underChecks();
  await checked(FIRST_CHECK);
  willRespond(async () => silence);
  await nextCheck();
  await providers.update(id, { hostname: 'two.example' });
  expect(await health()).toEqual(['unknown', null, undefined]);
  expect((await nextCheck())[0]).toBe('unknown');
  expect((await nextCheck())[0]).toBe('unhealthy');
  checks.stop();
});

test('what a check of the old host found is not stored for the new one', async () => {
  const { health, checked, providers, id, checks } = await underChecks();
  await checked(FIRST_CHECK);
  checks.stop();
  await providers.update(id, { hostname: 'two.example' });
  await providers.noteHealth({ id, hostname: 'one.example' }, 'healthy', '200 OK');
  expect(await health()).toEqual(['unknown', null, undefined]);
});

test('a check joins one of the same host that is under way', async () => {
  const { checks, checked, id, probes, willRespond } = await underChecks({ started: false });
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  willRespond(() => promise);
  checks.check(id);
  await expect.poll(probes).toBe(1);
  checks.check(id);
  resolve(ok);
  await checked(FIRST_CHECK);
  expect(probes()).toBe(1);
  checks.stop();
});

test('no provider is checked after the end', async () => {
  const { clock, probes, checked, checks } = await underChecks();
  await checked(FIRST_CHECK);
  checks.stop();
  const asked = probes();
  clock.advanceTo(clock.now() + 300_000);
  // A check would have read the providers by then.
  await new Promise((resolve) => setImmediate(resolve));
  expect(probes()).toBe(asked);
});
