import { parseAllowList } from '@provider-call/sip/allow-list';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { CALM_TIMERS, QUICK_TIMERS } from '../../sip/test/call-fixture.ts';
import { RawPeer, type Seen, uriOf } from '../../sip/test/raw-peer.ts';
import { startDemoCarrier } from '../src/demo-carrier.ts';
import type { Dialer } from '../src/dialer.ts';
import { type Call, callSchema } from '../src/records/call.ts';
import { sipAnalysisSchema } from '../src/records/timeline.ts';
import { defaultSeed, SEED_IDS } from '../src/seed.ts';
import { createSipDialer } from '../src/sip-dialer.ts';
import { type PlatformInMemory, startPlatformInMemory } from './platform-in-memory.ts';
import { address, callsBody, provider, through } from './platform-under-test.ts';

const { answers: first, busy: second } = SEED_IDS.providers;
const placedSchema = z.object({
  calls: z.array(callSchema),
  groupcalls: z.array(z.object({ id: z.string() })),
});

/** One SIP peer for each provider, so that every packet shows whom it was meant for. */
const peers = new Map<string, RawPeer>();
let dialer: Dialer;
let platform: PlatformInMemory;

function peer(id: string): RawPeer {
  const found = peers.get(id);
  if (found === undefined) throw new Error(`no peer for ${id}`);
  return found;
}

/** The providers that got any packet at all. */
function reached(): string[] {
  return [...peers].filter(([, { all }]) => all.length > 0).map(([id]) => id);
}

async function start(timers = CALM_TIMERS): Promise<void> {
  const seed = defaultSeed();
  for (const { id } of seed.providers) peers.set(id, await RawPeer.open());
  dialer = createSipDialer({ allow: parseAllowList(''), timers });
  const providers = seed.providers.map((provider) => ({
    ...provider,
    tech_prefix: '',
    hostname: peer(provider.id).host,
  }));
  platform = await startPlatformInMemory({ seed: { ...seed, providers }, dialer });
}

async function stop(): Promise<void> {
  for (const each of peers.values()) each.oblige();
  await dialer.close();
  await platform.close();
  for (const each of peers.values()) each.close();
  peers.clear();
}

beforeEach(() => start());

afterEach(stop);

async function place(changes: Record<string, unknown>): Promise<Call> {
  const { calls } = z.parse(placedSchema, (await platform.http.post('/v1/calls', callsBody(changes))).body);
  const [call] = calls;
  if (call === undefined) throw new Error('no call was placed');
  return call;
}

/** The call once it has ended. */
function ended(id: string): Promise<Call> {
  return vi.waitFor(
    async () => {
      const call = z.parse(callSchema, (await platform.http.get(`/v1/calls/${id}`)).body);
      expect(call.status).toBe('hangup');
      return call;
    },
    { timeout: 60_000, interval: 5 },
  );
}

/** Refuses the next INVITE that reaches a provider. */
async function reject(id: string, status: string): Promise<Seen> {
  const invite = await peer(id).next('INVITE');
  peer(id).respond(invite, status, { tag: 'peer' });
  return invite;
}

describe('with two providers', () => {
  test('a closed port leads to the second', async () => {
    peer(first).close();
    const call = await place(through(first, second));
    await reject(second, '486 Busy Here');
    expect(await ended(call.id)).toMatchObject({ hangup_reason: 'busy', dialroute_id: second });
    expect(reached()).toEqual([second]);
  });

  test('silence leads to the second', async () => {
    await stop();
    await start(QUICK_TIMERS);
    const call = await place(through(first, second));
    await reject(second, '603 Decline');
    expect(await ended(call.id)).toMatchObject({ hangup_reason: 'no_answer', dialroute_id: second });
    expect(reached()).toEqual([first, second]);
  });

  test.each(['503 Service Unavailable', '403 Forbidden', '404 Not Found', '302 Moved Temporarily'])(
    '%s leads to the second, which has its own call',
    async (status) => {
      const call = await place(through(first, second));
      const rejected = await reject(first, status);
      const next = await reject(second, '486 Busy Here');
      expect(uriOf(next)).toBe(`sip:+821012345678@${peer(second).host};transport=udp`);
      expect(next.text.match(/^Call-ID: .*/m)).not.toEqual(rejected.text.match(/^Call-ID: .*/m));
      expect(await ended(call.id)).toMatchObject({ hangup_reason: 'busy', dialroute_id: second });
      expect(reached()).toEqual([first, second]);
    },
  );

  test.each([
    ['486 Busy Here', 'busy'],
    ['603 Decline', 'no_answer'],
    ['480 Temporarily Unavailable', 'no_answer'],
  ])(
    '%s comes from the phone, not the provider: the second provider gets nothing',
    async (status, reason) => {
      const call = await place(through(first, second));
      await reject(first, status);
      expect(await ended(call.id)).toMatchObject({ hangup_reason: reason, dialroute_id: first });
      expect(reached()).toEqual([first]);
    },
  );

  test('a hangup while the first rings does not lead to the second', async () => {
    const call = await place(through(first, second));
    const invite = await peer(first).next('INVITE');
    peer(first).respond(invite, '180 Ringing', { tag: 'peer' });
    await expect
      .poll(async () => (await platform.http.get(`/v1/calls/${call.id}`)).body)
      .toMatchObject({ status: 'ringing' });
    await platform.http.post(`/v1/calls/${call.id}/hangup`);
    peer(first).respond(await peer(first).next('CANCEL'), '200 OK', { tag: 'peer' });
    peer(first).respond(invite, '487 Request Terminated', { tag: 'peer' });
    expect(await ended(call.id)).toMatchObject({ hangup_reason: 'cancel', hangup_by: 'local' });
    expect(reached()).toEqual([first]);
  });
});

describe('a forced provider', () => {
  test('that is dead fails the call, and no other provider sees a packet', async () => {
    peer(first).close();
    const call = await place(through(first));
    expect(await ended(call.id)).toMatchObject({ hangup_reason: 'failed', hangup_by: 'local' });
    expect(reached()).toEqual([]);
  });

  test('that rejects fails the call, and no other provider sees a packet', async () => {
    const call = await place(through(first));
    await reject(first, '503 Service Unavailable');
    expect(await ended(call.id)).toMatchObject({ hangup_reason: 'failed', hangup_by: 'remote' });
    expect(reached()).toEqual([first]);
  });

  test('that is deleted gets no packet, and neither does any other', async () => {
    const response = await platform.http.post('/v1/calls', callsBody(through(SEED_IDS.providers.deleted)));
    expect(response.status).toBe(400);
    expect(reached()).toEqual([]);
  });

  test('is kept for every leg of a groupcall', async () => {
    const destinations = [address('agent', SEED_IDS.agent)];
    const response = await platform.http.post('/v1/calls', callsBody({ destinations, ...through(first) }));
    expect(z.parse(placedSchema, response.body).groupcalls.length).toBe(1);
    const uris = [uriOf(await reject(first, '486 Busy Here')), uriOf(await reject(first, '486 Busy Here'))];
    expect(uris.toSorted()).toEqual([
      `sip:+14155550110@${peer(first).host};transport=udp`,
      'sip:agent@phone.example.com;transport=udp',
    ]);
    expect(reached()).toEqual([first]);
  });
});

test('without a forced provider the customer route goes first, then the default one', async () => {
  const { customerRoute, defaultRoute } = SEED_IDS.providers;
  const call = await place({ metadata: { skip_source_validation: true } });
  await reject(customerRoute, '503 Service Unavailable');
  await reject(defaultRoute, '486 Busy Here');
  expect(await ended(call.id)).toMatchObject({ hangup_reason: 'busy' });
  expect(reached()).toEqual([customerRoute, defaultRoute]);
});

test('the call keeps its messages as they were on the wire', async () => {
  const call = await place(through(first));
  const invite = await reject(first, '486 Busy Here');
  await ended(call.id);
  const { body } = await platform.http.get(`/v1/timelines/calls/${call.id}/sip-analysis`);
  const { sip_messages } = z.parse(sipAnalysisSchema, body);
  expect(sip_messages.map(({ method }) => method)).toEqual(['INVITE', '486', 'ACK']);
  const [sent, received] = sip_messages;
  expect(sent).toMatchObject({ raw: invite.text, dst_ip: '127.0.0.1' });
  expect(`${sent?.dst_ip}:${sent?.dst_port}`).toBe(peer(first).host);
  expect(received).toMatchObject({ src_port: sent?.dst_port, dst_port: sent?.src_port });
});

test('a provider that cannot be reached is reported by a response from us to us', async () => {
  peer(first).close();
  const call = await place(through(first));
  await ended(call.id);
  const { body } = await platform.http.get(`/v1/timelines/calls/${call.id}/sip-analysis`);
  const { sip_messages } = z.parse(sipAnalysisSchema, body);
  const last = sip_messages.at(-1);
  expect(last).toMatchObject({ method: '503', src_ip: last?.dst_ip, src_port: last?.dst_port });
  expect(last?.raw).toMatch(/^SIP\/2\.0 503 .*ECONNREFUSED.*\r\n[\s\S]*^Warning: 399 /m);
});

test('a call reports what was counted on its media ports while the far end listens and says nothing', async () => {
  const carrier = await startDemoCarrier({ isSilent: true });
  await platform.http.put(`/v1/providers/${first}`, { hostname: carrier.host });
  const call = await place(through(first));
  const statistics = async () => {
    const { body } = await platform.http.get(`/v1/timelines/calls/${call.id}/sip-analysis`);
    return z.parse(sipAnalysisSchema, body).rtcp_stats;
  };
  const sentSoFar = await vi.waitFor(
    async () => {
      const sent = (await statistics())?.rtp_packets_sent ?? 0;
      expect(sent).toBeGreaterThan(1);
      return sent;
    },
    { timeout: 60_000, interval: 20 },
  );
  await platform.http.post(`/v1/calls/${call.id}/hangup`);
  await ended(call.id);
  const final = await statistics();
  expect(final).toMatchObject({ rtp_packets_received: 0, rtp_bytes_received: 0, rtp_errors: 0 });
  expect(final?.rtp_packets_sent).toBeGreaterThanOrEqual(sentSoFar);
  expect(final?.rtp_packets).toBe(final?.rtp_packets_sent);
  for (const unmeasured of ['mos', 'rtt', 'jitter', 'packet_loss_pct']) {
    expect(final).not.toHaveProperty(unmeasured);
  }
  await carrier.close();
});

test('a call that cannot be planned is reported by a response from us to us', async () => {
  const call = await place({ ...through(first), destinations: [address('sip', 'a b@@')] });
  expect(await ended(call.id)).toMatchObject({ hangup_by: 'local', hangup_reason: 'failed' });
  const { body } = await platform.http.get(`/v1/timelines/calls/${call.id}/sip-analysis`);
  const [message, ...others] = z.parse(sipAnalysisSchema, body).sip_messages;
  expect(others).toEqual([]);
  expect(message).toMatchObject({ method: '400', src_ip: message?.dst_ip, src_port: message?.dst_port });
  expect(message?.raw).toMatch(
    /^SIP\/2\.0 400 the destination is not a SIP address\r\n[\s\S]*^Warning: 399 \S+ "the destination is not a SIP address"\r$/m,
  );
});

describe('a probe', () => {
  const probe = (hostname: string) => dialer.probe?.(provider({ hostname }));

  test.each([
    ['200 OK', 200, 'OK'],
    ['503 Service Unavailable', 503, 'Service Unavailable'],
    ['405 Method Not Allowed', 405, 'Method Not Allowed'],
  ])('returns the response %s', async (line, status, reasonPhrase) => {
    const result = probe(peer(first).host);
    peer(first).respond(await peer(first).next('OPTIONS'), line, { tag: 'peer' });
    expect(await result).toEqual({ by: 'remote', status, reasonPhrase });
  });

  test('reports a closed port and an invalid host', async () => {
    const { host } = peer(first);
    peer(first).close();
    expect(await probe(host)).toMatchObject({ by: 'local', status: 503 });
    expect(await probe('not a host')).toMatchObject({ by: 'local', status: 478 });
  });
});
