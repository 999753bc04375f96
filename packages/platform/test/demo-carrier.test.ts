import { parseAllowList } from '@provider-call/sip/allow-list';
import { parseHostPort } from '@provider-call/sip/uri';
import { UserAgent } from '@provider-call/sip/user-agent';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CALM_TIMERS, dial, tel, wire } from '../../sip/test/call-fixture.ts';
import { header, RawPeer } from '../../sip/test/raw-peer.ts';
import { type DemoBehaviour, demoBehaviourOf } from '../src/demo-behaviour.ts';
import { DEMO_CREDENTIALS, type DemoCarrier, startDemoCarrier } from '../src/demo-carrier.ts';

test.each<[string, DemoBehaviour]>([
  ['+821012345678', { kind: 'answer', waits: false }],
  ['+15550100', { kind: 'answer', waits: false }],
  ['200+15550100', { kind: 'answer', waits: true }],
  ['+1555555500200', { kind: 'answer', waits: true }],
  ['180+15550100', { kind: 'ring' }],
  ['+155555500180', { kind: 'ring' }],
  ['486+15550100', { kind: 'reject', status: 486, reason: 'Busy Here' }],
  ['+155555500603', { kind: 'reject', status: 603, reason: 'Decline' }],
  ['499+15550100', { kind: 'reject', status: 499, reason: 'Rejected' }],
  ['401+15550100', { kind: 'challenge', status: 401 }],
  ['+155555500407', { kind: 'challenge', status: 407 }],
  ['700+15550100', { kind: 'answer', waits: false }],
  ['', { kind: 'answer', waits: false }],
])('the demo carrier treats %j by its digits', (user, behaviour) => {
  expect(demoBehaviourOf(user)).toEqual(behaviour);
});

describe('the demo carrier', () => {
  let carrier: DemoCarrier;
  let userAgent: UserAgent;
  const times = { ringAfterMs: 5, answerAfterMs: 10, talkMs: 20 };

  beforeEach(async () => {
    carrier = await startDemoCarrier({ timers: CALM_TIMERS, times });
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS });
  });

  afterEach(async () => {
    await userAgent.close();
    await carrier.close();
  });

  const call = (tech_prefix: string, account = {}) =>
    dial(userAgent, {
      provider: { hostname: carrier.host, tech_prefix, ...account },
      destination: tel('+821012345678'),
    });

  test('the demo carrier answers and hangs up after a while', async () => {
    const running = call('');
    expect(await running.ended).toEqual({ by: 'remote', reason: 'normal' });
    expect(running.events).toEqual(['ringing', 'answered', 'ended']);
  });

  test('the demo carrier answers and waits to be hung up', async () => {
    const running = call('200');
    await running.answered;
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(wire(running.snapshot()).slice(-2)).toEqual(['sent BYE', 'received 200 BYE']);
  });

  test("the demo carrier returns the caller's audio", async () => {
    const running = call('200');
    await running.answered;
    await expect.poll(() => running.statistics()?.received.packets).toBeGreaterThan(0);
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
  });

  test.each([
    ['486', 'busy'],
    ['403', 'failed'],
    ['480', 'no_answer'],
  ])('the demo carrier rejects a call with %s', async (prefix, reason) => {
    expect(await call(prefix).ended).toEqual({ by: 'remote', reason, sipStatus: Number(prefix) });
  });

  test('the demo carrier rings until the caller cancels', async () => {
    const running = call('180');
    await running.ringing;
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 487 });
  });

  test.each(['401', '407'])('the demo carrier asks for credentials with %s', async (prefix) => {
    const { username, password } = DEMO_CREDENTIALS;
    const right = call(prefix, { auth_username: username, auth_password: password });
    const wrong = call(prefix, { auth_username: username, auth_password: 'wrong' });
    const none = call(prefix);
    expect(await right.ended).toEqual({ by: 'remote', reason: 'normal' });
    const rejected = { by: 'remote', reason: 'failed', sipStatus: Number(prefix) };
    expect([await wrong.ended, await none.ended]).toEqual([rejected, rejected]);
  });

  const inviteOf = (user: string, caller: RawPeer) =>
    [
      `INVITE sip:${user}@${carrier.host} SIP/2.0`,
      `Via: SIP/2.0/UDP ${caller.host};branch=z9hG4bK1`,
      'From: <sip:caller@127.0.0.1>;tag=1',
      `To: <sip:${user}@${carrier.host}>`,
      'Call-ID: raw',
      'CSeq: 1 INVITE',
      `Contact: <sip:${caller.host}>`,
      '',
      '',
    ].join('\r\n');

  test('a retransmitted INVITE gets the last response again', async () => {
    const caller = await RawPeer.open();
    const port = Number(carrier.host.split(':')[1]);
    caller.sendRaw(inviteOf('180+1', caller), port);
    const ringing = await caller.next('SIP/2.0 180');
    caller.sendRaw(inviteOf('180+1', caller), port);
    expect((await caller.next('SIP/2.0 180')).text).toBe(ringing.text);
    caller.close();
  });

  test('the demo carrier responds to a health check', async () => {
    expect(await userAgent.ping(parseHostPort(carrier.host), 5_000)).toEqual({
      by: 'remote',
      status: 200,
      reasonPhrase: 'OK',
    });
  });

  test('the demo carrier retransmits its final response until the ACK comes', async () => {
    await carrier.close();
    carrier = await startDemoCarrier({ timers: { ...CALM_TIMERS, t1: 5, t2: 20 }, times });
    const caller = await RawPeer.open();
    const port = Number(carrier.host.split(':')[1]);
    const invite = inviteOf('200+1', caller);
    caller.sendRaw(invite, port);
    const first = await caller.next('SIP/2.0 200');
    expect((await caller.next('SIP/2.0 200')).text).toBe(first.text);
    expect(header(first, 'Contact')).toBe(`<sip:${carrier.host}>`);
    const within = (method: string, cseq: number) =>
      invite
        .replaceAll('INVITE', method)
        .replace(`CSeq: 1`, `CSeq: ${cseq}`)
        .replace('z9hG4bK1', `z9hG4bK${method}`)
        .replace(/^To: .*(?=\r)/m, `To: ${header(first, 'To')}`);
    caller.sendRaw(within('ACK', 1), port);
    caller.sendRaw(within('BYE', 2), port);
    while (!header(await caller.next('SIP/2.0 200'), 'CSeq').endsWith('BYE'));
    caller.sendRaw(within('BYE', 3), port);
    await caller.next('SIP/2.0 481');
    caller.close();
  });
});
