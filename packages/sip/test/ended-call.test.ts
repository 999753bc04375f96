import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';
import { ClientTransaction } from '../src/client-transaction.ts';
import { RtpSession } from '../src/rtp-session.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, type RunningCall, wire } from './call-fixture.ts';
import { countAlive } from './count-alive.ts';
import { header, RawPeer, type Seen } from './raw-peer.ts';

let peer: RawPeer;
let userAgent: UserAgent;

beforeEach(async () => {
  peer = await RawPeer.open();
  // Timer D and 64 * T1 end after the test, timer K at once.
  userAgent = new UserAgent({ allow: parseAllowList(''), timers: { ...CALM_TIMERS, t4: 0 } });
});

afterEach(async () => {
  peer.oblige();
  await userAgent.close();
  peer.close();
});

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 8',
  '',
].join('\r\n');

async function establish(): Promise<{ call: RunningCall; invite: Seen }> {
  const call = dial(userAgent, { provider: { hostname: peer.host } });
  const invite = await peer.next('INVITE');
  peer.answer(invite, { lines: ['Content-Type: application/sdp'], body: SDP });
  await peer.next('ACK');
  await call.answered;
  return { call, invite };
}

async function endedByUs(): Promise<{ call: RunningCall; invite: Seen }> {
  const { call, invite } = await establish();
  call.hangup();
  peer.respond(await peer.next('BYE'), '200 OK');
  await call.ended;
  return { call, invite };
}

async function endedByThem(): Promise<{ call: RunningCall; invite: Seen }> {
  const { call, invite } = await establish();
  peer.request(invite, 'BYE', 1);
  await peer.next('SIP/2.0 200');
  await call.ended;
  return { call, invite };
}

async function rejected(): Promise<{ call: RunningCall; invite: Seen }> {
  const call = dial(userAgent, { provider: { hostname: peer.host } });
  const invite = await peer.next('INVITE');
  peer.respond(invite, '486 Busy Here', { tag: 'peer' });
  await peer.next('ACK');
  await call.ended;
  return { call, invite };
}

describe('an ended call', () => {
  test('acknowledges a retransmitted 2xx', async () => {
    const { call, invite } = await endedByUs();
    peer.answer(invite);
    await peer.next('ACK');
    expect(wire(call.snapshot()).slice(-2)).toEqual(['received 200 INVITE', 'sent ACK']);
  });

  test.each([
    ['our BYE', endedByUs],
    ['their BYE', endedByThem],
  ])('acknowledges and hangs up a 2xx of another fork, after %s', async (_end, end) => {
    const { call, invite } = await end();
    peer.answer(invite, { tag: 'second' });
    expect(header(await peer.next('ACK'), 'To')).toContain('tag=second');
    const bye = await peer.next('BYE');
    expect(header(bye, 'To')).toContain('tag=second');
    peer.respond(bye, '200 OK');
    await expect
      .poll(() => wire(call.snapshot()).slice(-4))
      .toEqual(['received 200 INVITE', 'sent ACK', 'sent BYE', 'received 200 BYE']);
    expect(call.events).toEqual(['answered', 'ended']);
  });

  test('acknowledges a retransmitted rejection', async () => {
    const { call, invite } = await rejected();
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    await peer.next('ACK');
    expect(wire(call.snapshot()).slice(-2)).toEqual(['received 486 INVITE', 'sent ACK']);
  });

  test('absorbs a retransmitted response to its BYE', async () => {
    const calm = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS });
    const call = dial(calm, { provider: { hostname: peer.host } });
    peer.answer(await peer.next('INVITE'));
    await call.answered;
    call.hangup();
    const bye = await peer.next('BYE');
    peer.respond(bye, '200 OK');
    await call.ended;
    peer.respond(bye, '200 OK');
    await expect
      .poll(() => wire(call.snapshot()).slice(-3))
      .toEqual(['sent BYE', 'received 200 BYE', 'received 200 BYE']);
    await calm.close();
  });

  test('responds to requests within its dialog', async () => {
    const { call, invite } = await endedByThem();
    peer.request(invite, 'BYE', 1);
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'BYE', 2);
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'OPTIONS', 3);
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'INVITE', 4, { body: SDP });
    await peer.next('SIP/2.0 488');
    expect(call.events).toEqual(['answered', 'ended']);
  });

  test('absorbs an ACK, and responds to CANCEL', async () => {
    const { call, invite } = await establish();
    peer.request(invite, 'INVITE', 1);
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'BYE', 2);
    await peer.next('SIP/2.0 200');
    await call.ended;
    peer.request(invite, 'ACK', 1, { body: SDP });
    peer.request(invite, 'CANCEL', 1, { branch: 'z9hG4bKpeerINVITE1' });
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'CANCEL', 3);
    await peer.next('SIP/2.0 481');
    const { messages, notes } = call.snapshot();
    expect(wire({ messages, notes }).slice(-5)).toEqual([
      'received ACK',
      'received CANCEL',
      'sent 200 CANCEL',
      'received CANCEL',
      'sent 481 CANCEL',
    ]);
    expect(notes).toEqual([]);
  });

  test('keeps what was counted on its media ports', async () => {
    const { call } = await establish();
    await expect.poll(() => call.statistics()?.sent.packets).toBeGreaterThan(0);
    call.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    const counted = call.statistics();
    await call.ended;
    expect(call.statistics()).toEqual(counted);
  });

  test.each([
    ['media', RtpSession, [endedByUs, endedByThem, rejected]],
    ['terminated transaction', ClientTransaction, [endedByUs, endedByThem]],
  ])('keeps no %s', async (_what, of, ends) => {
    const before = countAlive(of);
    for (const end of ends) await end();
    await expect.poll(() => countAlive(of)).toBeLessThanOrEqual(before);
  });
});
