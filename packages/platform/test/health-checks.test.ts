import { expect, test, vi } from 'vitest';
import type { Dialer } from '../src/dialer.ts';
import { startHealthChecks } from '../src/health-checks.ts';
import { createProviders } from '../src/providers.ts';
import { createScriptedDialer } from '../src/scripted-dialer.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { beginning } from './platform-under-test.ts';

const base = {
  type: 'sip' as const,
  tech_prefix: '',
  tech_postfix: '',
  tech_headers: {},
  codecs: '',
  auth_username: '',
  auth_password: '',
  name: '',
  detail: '',
  metadata: {},
};

/** One provider under checks, with a far end that answers as it is told. */
const underChecks = async () => {
  const clock = createVirtualClock(beginning);
  const providers = createProviders({ store: createMemoryDocumentStore(), clock });
  const { id } = await providers.create({ ...base, hostname: 'one.example' });
  let probes = 0;
  let answer = async () => true;
  const dialer: Dialer = {
    ...createScriptedDialer({ clock }),
    probe: () => {
      probes += 1;
      return answer();
    },
  };
  const stop = startHealthChecks({ providers, dialer, clock, onError: () => {} });
  const health = async () => {
    const { health_status, health_checked_at } = await providers.get(id);
    return [health_status, health_checked_at];
  };
  return {
    clock,
    providers,
    id,
    stop,
    health,
    probes: () => probes,
    willAnswer: (next: () => Promise<boolean>) => {
      answer = next;
    },
    /** Lets the next check happen, and waits until it is written down. */
    nextCheck: async () => {
      const [, before] = await health();
      clock.advanceTo(clock.now() + 30_000);
      await vi.waitFor(async () => expect((await health())[1]).not.toBe(before));
      return await health();
    },
  };
};

test('finds a provider that answers healthy at once', async () => {
  const { health, stop } = await underChecks();
  await vi.waitFor(async () => expect(await health()).toEqual(['healthy', '2026-04-21 23:15:00.000000']));
  stop();
});

test.each([
  ['says nothing', async () => false],
  ['cannot be asked', async () => Promise.reject(new Error('no such host'))],
])(
  'finds a provider unhealthy after two misses in a row, and healthy after one answer: it %s',
  async (_, miss) => {
    const { health, nextCheck, willAnswer, stop } = await underChecks();
    await vi.waitFor(async () => expect((await health())[0]).toBe('healthy'));
    willAnswer(miss);
    expect(await nextCheck()).toEqual(['healthy', '2026-04-21 23:15:30.000000']);
    expect(await nextCheck()).toEqual(['unhealthy', '2026-04-21 23:16:00.000000']);
    willAnswer(async () => true);
    expect((await nextCheck())[0]).toBe('healthy');
    willAnswer(miss);
    expect((await nextCheck())[0]).toBe('healthy');
    stop();
  },
);

test('knows nothing of another host, and counts its misses anew', async () => {
  const { health, nextCheck, willAnswer, providers, id, stop } = await underChecks();
  await vi.waitFor(async () => expect((await health())[0]).toBe('healthy'));
  willAnswer(async () => false);
  await nextCheck();
  await providers.update(id, { hostname: 'two.example' });
  expect(await health()).toEqual(['unknown', null]);
  expect((await nextCheck())[0]).toBe('unknown');
  expect((await nextCheck())[0]).toBe('unhealthy');
  stop();
});

test('what a probe of the old host found says nothing of the new one', async () => {
  const { health, providers, id, stop } = await underChecks();
  await vi.waitFor(async () => expect((await health())[0]).toBe('healthy'));
  stop();
  await providers.update(id, { hostname: 'two.example' });
  await providers.noteHealth(id, 'one.example', 'healthy');
  expect(await health()).toEqual(['unknown', null]);
});

test('asks nobody after its end', async () => {
  const { clock, probes, health, stop } = await underChecks();
  await vi.waitFor(async () => expect((await health())[0]).toBe('healthy'));
  stop();
  const asked = probes();
  clock.advanceTo(clock.now() + 300_000);
  expect(probes()).toBe(asked);
});
