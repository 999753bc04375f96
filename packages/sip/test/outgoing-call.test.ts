import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';
import { RtpSession } from '../src/rtp-session.ts';
import { resolverAt, UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, QUICK_TIMERS, type RunningCall, tel, wire } from './call-fixture.ts';
import { type DnsServer, startDnsServer, type Zone } from './dns-server.ts';
import { freeServerPort } from './peers/free-port.ts';
import { header, RawPeer, type Seen } from './raw-peer.ts';
import { StreamPeer } from './stream-peer.ts';

let peer: RawPeer;
let userAgent: UserAgent;

beforeEach(async () => {
  peer = await RawPeer.open();
  userAgent = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS });
});

afterEach(async () => {
  peer.oblige();
  await userAgent.close();
  peer.close();
});

function call(over: Partial<Parameters<typeof dial>[1]> = {}) {
  return dial(userAgent, { provider: { hostname: peer.host }, ...over });
}

function notes(running: RunningCall) {
  return running.snapshot().notes.map(({ text }) => text);
}

/** The last response that we made up ourselves: its status line and Warning. */
function localResponseOf(running: RunningCall): { status: string; warning: string } {
  const local = running
    .snapshot()
    .messages.findLast(
      ({ destination, source }) => source.address === destination.address && source.port === destination.port,
    );
  const seen = { text: local?.raw ?? '', from: { address: '', family: 'IPv4', port: 0, size: 0 } } as Seen;
  return { status: seen.text.split('\r\n', 1).join(''), warning: header(seen, 'Warning') };
}

describe('what never reached the wire', () => {
  test('a challenge without an account is reported with its realm', async () => {
    const running = call();
    peer.respond(await peer.next('INVITE'), '407 Proxy Authentication Required', {
      tag: 'a',
      lines: ['Proxy-Authenticate: Digest realm="carrier", nonce="n"'],
    });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 407 });
    expect(wire(running.snapshot())).toEqual([
      'sent INVITE',
      'received 407 INVITE',
      'sent ACK',
      'local 407 INVITE',
    ]);
    const { status, warning } = localResponseOf(running);
    expect(status).toBe('SIP/2.0 407 No account for the challenge of "carrier"');
    expect(warning).toMatch(/^399 127\.0\.0\.1:\d+ "No account for the challenge of \\"carrier\\""$/);
  });

  test.each([
    ['Digest realm="a", nonce="n", algorithm=SHA-512-256', 'Unsupported authentication: Digest SHA-512-256'],
    ['Digest realm="a", nonce="n", qop="auth-int"', 'Unsupported authentication: Digest MD5 qop=auth-int'],
    ['Basic realm="a"', 'Unsupported authentication: Basic'],
    ['Digest realm="a', 'Unsupported authentication: a challenge that cannot be read'],
  ])('the challenge %s is reported as unsupported', async (challenge, reason) => {
    const running = call({ provider: { hostname: peer.host, auth_username: 'u', auth_password: 'p' } });
    peer.respond(await peer.next('INVITE'), '401 Unauthorized', {
      tag: 'a',
      lines: [`WWW-Authenticate: ${challenge}`],
    });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 401 });
    expect(localResponseOf(running).status).toBe(`SIP/2.0 401 ${reason}`);
  });

  test('a redirect is reported with its target', async () => {
    const running = call();
    peer.respond(await peer.next('INVITE'), '302 Moved Temporarily', {
      tag: 'a',
      lines: ['Contact: <sip:other@127.0.0.1:9>'],
    });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 302 });
    expect(localResponseOf(running).status).toBe(
      'SIP/2.0 302 Redirect not followed: Moved Temporarily to <sip:other@127.0.0.1:9>',
    );
  });

  test('silence is reported as 408', async () => {
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: QUICK_TIMERS });
    const running = call();
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(localResponseOf(running).status).toBe(`SIP/2.0 408 No response from ${peer.host}`);
  });
});

test('an unknown codec is noted, and G.711 offered instead', async () => {
  const running = call({ provider: { hostname: peer.host, codecs: 'EVS,AMR' } });
  const invite = await peer.next('INVITE');
  expect(invite.text).toMatch(/^m=audio \d+ RTP\/AVP 0 8 101\r$/m);
  expect(notes(running)).toEqual(['Codecs that cannot be offered: EVS, AMR. Offered: PCMU, PCMA.']);
  peer.respond(invite, '486 Busy Here', { tag: 'a' });
  await running.ended;
});

test('the media ports are an even one for RTP and the next one for RTCP', async () => {
  const running = call();
  const invite = await peer.next('INVITE');
  const port = Number(/^m=audio (\d+) /m.exec(invite.text)?.[1]);
  expect(port % 2).toBe(0);
  peer.sendRaw(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1]), port + 1);
  await expect.poll(() => running.statistics()?.rtcp.received.packets).toBe(1);
  peer.respond(invite, '486 Busy Here', { tag: 'a' });
  await running.ended;
});

test('media ports that cannot be opened are our own fault, not the provider’s', async () => {
  const full = Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE' });
  const opening = vi.spyOn(RtpSession, 'open').mockRejectedValueOnce(full);
  onTestFinished(() => opening.mockRestore());
  const running = call();
  expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
  expect(localResponseOf(running).status).toBe('SIP/2.0 500 No media ports can be opened (EADDRINUSE)');
  expect(peer.all).toEqual([]);
});

/** Moves the peer to a port that is free for TCP too. */
async function takeServerPort() {
  peer.close();
  peer = await RawPeer.open(await freeServerPort());
}

describe('a large INVITE', () => {
  beforeEach(takeServerPort);
  const tech_headers = { 'X-Large': 'x'.repeat(1_300) };

  test('goes over TCP, with a note', async () => {
    const stream = await StreamPeer.open(undefined, peer.port);
    const running = call({ provider: { hostname: peer.host, tech_headers } });
    const invite = await stream.next('INVITE');
    expect(invite.text).toMatch(/^Via: SIP\/2\.0\/TCP 127\.0\.0\.1:\d+;branch=/m);
    expect(invite.text).toMatch(/^Contact: <sip:127\.0\.0\.1:\d+;transport=tcp>\r$/m);
    stream.respond(invite, '486 Busy Here', { tag: 'a' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    expect(notes(running)[0]).toMatch(/^The INVITE has \d{4} bytes and is sent over TCP instead of UDP\.$/);
    expect(running.snapshot().messages.map(({ transport }) => transport)).toEqual(['tcp', 'tcp', 'tcp']);
    expect(peer.all).toEqual([]);
    await stream.close();
  });

  test('goes over UDP when TCP cannot be connected, with a note', async () => {
    const running = call({ provider: { hostname: peer.host, tech_headers } });
    const invite = await peer.next('INVITE');
    expect(header(invite, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    peer.respond(invite, '486 Busy Here', { tag: 'a' });
    await running.ended;
    expect(notes(running)[0]).toMatch(
      new RegExp(
        `^The INVITE has \\d+ bytes but is sent over UDP: ${peer.host} refuses TCP \\(ECONNREFUSED\\)\\.$`,
      ),
    );
  });
});

test('an INVITE that credentials make too large goes over TCP', async () => {
  await takeServerPort();
  const stream = await StreamPeer.open(undefined, peer.port);
  const running = call({
    provider: {
      hostname: peer.host,
      auth_username: 'user',
      auth_password: 'secret',
      tech_headers: { 'X-Large': 'x'.repeat(400) },
    },
  });
  peer.respond(await peer.next('INVITE'), '401 Unauthorized', {
    tag: 'a',
    lines: [`WWW-Authenticate: Digest realm="a", nonce="${'n'.repeat(300)}", qop="auth"`],
  });
  await peer.next('ACK');
  const invite = await stream.next('INVITE');
  expect(invite.text).toMatch(/^CSeq: 2 INVITE\r$/m);
  expect(invite.text).toMatch(/^Authorization: .*, nc=00000001\r$/m);
  stream.respond(invite, '486 Busy Here', { tag: 'b' });
  expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  await stream.close();
});

describe('several addresses', () => {
  let names: DnsServer;

  const withNames = async (zone: Zone, timers = CALM_TIMERS) => {
    names = await startDnsServer(zone);
    await userAgent.close();
    userAgent = new UserAgent({
      allow: parseAllowList('carrier.example.com, 127.0.0.0/8'),
      resolver: resolverAt([names.address]),
      timers,
    });
  };
  const srv = (to: RawPeer, priority: number, name = 'a.example.com') => ({
    name,
    port: to.port,
    priority,
    weight: 1,
  });
  const hostname = 'carrier.example.com';

  afterEach(() => names.close());

  test('are tried in the order of their SRV records after 503, with the same request', async () => {
    const backup = await RawPeer.open();
    await withNames({
      srv: { '_sip._udp.carrier.example.com': [srv(backup, 20), srv(peer, 10)] },
      addresses: { 'a.example.com': ['127.0.0.1'] },
    });
    const running = call({ provider: { hostname } });
    const first = await peer.next('INVITE');
    peer.respond(first, '503 Service Unavailable', { tag: 'a' });
    await peer.next('ACK');
    const second = await backup.next('INVITE');
    expect(['Call-ID', 'From', 'CSeq'].map((name) => header(second, name))).toEqual(
      ['Call-ID', 'From', 'CSeq'].map((name) => header(first, name)),
    );
    expect(header(second, 'Via')).not.toBe(header(first, 'Via'));
    backup.respond(second, '486 Busy Here', { tag: 'b' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    expect(names.questions[0]).toBe('SRV _sip._udp.carrier.example.com');
    backup.close();
  });

  test('are tried after a closed port', async () => {
    const closed = await RawPeer.open();
    await withNames({
      srv: { '_sip._udp.carrier.example.com': [srv(closed, 1), srv(peer, 2)] },
      addresses: { 'a.example.com': ['127.0.0.1'] },
    });
    closed.close();
    const running = call({ provider: { hostname } });
    peer.respond(await peer.next('INVITE'), '486 Busy Here', { tag: 'b' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    expect(wire(running.snapshot())).toEqual([
      'sent INVITE',
      'local 503 INVITE',
      'sent INVITE',
      'received 486 INVITE',
      'sent ACK',
    ]);
  });

  test('are tried after silence, each of one name in turn', async () => {
    const other = await RawPeer.open(peer.port, '127.0.0.2');
    await withNames({ addresses: { 'carrier.example.com': ['127.0.0.1', '127.0.0.2'] } }, QUICK_TIMERS);
    const running = call({ provider: { hostname: `${hostname}:${peer.port}` } });
    const order = await Promise.race([
      other.next('INVITE').then((seen) => ({ seen, by: other, silent: peer })),
      peer.next('INVITE').then((seen) => ({ seen, by: peer, silent: other })),
    ]);
    // Whoever comes first is silent; the name server's order is the resolver's business.
    const second = order.by === peer ? other : peer;
    second.respond(await second.next('INVITE'), '486 Busy Here', { tag: 'b' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    expect(wire(running.snapshot())).toContain('local 408 INVITE');
    other.close();
  });

  test('that answer late do not count: the first answer stands, and what rings elsewhere is cancelled', async () => {
    const backup = await RawPeer.open();
    await withNames(
      {
        srv: { '_sip._udp.carrier.example.com': [srv(peer, 1), srv(backup, 2)] },
        addresses: { 'a.example.com': ['127.0.0.1'] },
      },
      QUICK_TIMERS,
    );
    const running = call({ provider: { hostname } });
    const first = await peer.next('INVITE');
    const second = await backup.next('INVITE');
    backup.respond(second, '180 Ringing', { tag: 'b' });
    await running.ringing;
    peer.answer(first);
    await running.answered;
    backup.respond(await backup.next('CANCEL'), '200 OK', { tag: 'b' });
    backup.respond(second, '487 Request Terminated', { tag: 'b' });
    await backup.next('ACK');
    expect(running.events).toEqual(['ringing', 'answered']);
    running.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    backup.close();
  });

  test('are not tried after a rejection by the phone', async () => {
    const backup = await RawPeer.open();
    await withNames({
      srv: { '_sip._udp.carrier.example.com': [srv(peer, 1), srv(backup, 2)] },
      addresses: { 'a.example.com': ['127.0.0.1'] },
    });
    const running = call({ provider: { hostname } });
    peer.respond(await peer.next('INVITE'), '486 Busy Here', { tag: 'b' });
    await running.ended;
    expect(backup.all).toEqual([]);
    backup.close();
  });

  test('that all reject with 503 end the call with that', async () => {
    const backup = await RawPeer.open();
    await withNames({
      srv: { '_sip._udp.carrier.example.com': [srv(peer, 1), srv(backup, 2)] },
      addresses: { 'a.example.com': ['127.0.0.1'] },
    });
    const running = call({ provider: { hostname } });
    peer.respond(await peer.next('INVITE'), '503 Service Unavailable', { tag: 'a' });
    backup.respond(await backup.next('INVITE'), '503 Service Unavailable', { tag: 'b' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 503 });
    backup.close();
  });

  test.each([
    [
      'an SRV record of "."',
      { srv: { '_sip._udp.carrier.example.com': [{ name: '.', port: 0, priority: 0, weight: 0 }] } },
    ],
    ['no record at all', {}],
  ])('do not exist with %s: the call is reported as 478', async (_what, zone) => {
    await withNames(zone);
    const running = call({ provider: { hostname } });
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(localResponseOf(running).status).toMatch(/^SIP\/2\.0 478 carrier\.example\.com /);
  });

  test('that SIP_ALLOW does not name are left out', async () => {
    await withNames({ addresses: { 'other.example.com': ['192.0.2.1'] } });
    const running = call({ provider: { hostname: 'other.example.com' } });
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(localResponseOf(running).status).toBe('SIP/2.0 403 SIP_ALLOW does not name other.example.com');
  });
});

describe('ICMP', () => {
  test('ends only requests without any response: a phone keeps ringing when a health check finds a closed port', async () => {
    const { port } = peer;
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    peer.close();
    expect(await userAgent.ping({ host: '127.0.0.1', port }, 5_000)).toEqual({
      by: 'local',
      status: 503,
      reasonPhrase: `127.0.0.1:${port} refuses UDP (ECONNREFUSED)`,
    });
    expect(running.events).toEqual(['ringing']);
    peer = await RawPeer.open(port);
    peer.answer(invite);
    await running.answered;
    expect(wire(running.snapshot())).toEqual([
      'sent INVITE',
      'received 180 INVITE',
      'received 200 INVITE',
      'sent ACK',
      'note The answer agrees to no audio; no silence is sent.',
    ]);
  });
});

describe('stray responses', () => {
  const rewritten = (invite: Seen, from: string | RegExp, to: string): Seen => ({
    ...invite,
    text: invite.text.replace(from, to),
  });

  test.each([
    [
      'a foreign sent-by',
      /^Via: SIP\/2\.0\/UDP 127\.0\.0\.1:\d+/m,
      'Via: SIP/2.0/UDP 127.0.0.1:9',
      'its Via was not sent by us but by 127.0.0.1:9',
    ],
    [
      'an unknown branch',
      /branch=z9hG4bK/,
      'branch=z9hG4bKx',
      'its branch does not belong to any request of ours',
    ],
    ['another CSeq number', 'CSeq: 1 ', 'CSeq: 9 ', 'its CSeq is not 1'],
    ['another From tag', /^(From: .*tag=)/m, '$1x', 'its From tag is not ours'],
    ['another Call-ID', /^Call-ID: /m, 'Call-ID: x', 'its Call-ID is not that of the request'],
  ])('with %s are discarded and noted', async (_what, from, to, why) => {
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(rewritten(invite, from, to), '486 Busy Here', { tag: 'stray' });
    await expect.poll(() => notes(running)).toEqual([expect.stringContaining(`from ${peer.host}: ${why}.`)]);
    expect(running.events).toEqual([]);
    peer.answer(invite);
    const ack = await peer.next('ACK');
    expect(header(ack, 'Call-ID')).toBe(header(invite, 'Call-ID'));
    await running.answered;
    running.hangup();
    const bye = await peer.next('BYE');
    expect(header(bye, 'Call-ID')).toBe(header(invite, 'Call-ID'));
    peer.respond(bye, '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
  });

  test('of nobody are reported to whoever operates the user agent', async () => {
    await userAgent.close();
    const strays: string[] = [];
    userAgent = new UserAgent({
      allow: parseAllowList(''),
      timers: CALM_TIMERS,
      onStray: (text) => strays.push(text),
    });
    const running = call();
    const invite = await peer.next('INVITE');
    const foreign = rewritten(
      rewritten(invite, /^Call-ID: /m, 'Call-ID: x'),
      'branch=z9hG4bK',
      'branch=z9hG4bKx',
    );
    peer.respond(foreign, '486 Busy Here', { tag: 'stray' });
    await expect
      .poll(() => strays)
      .toEqual([
        `Discarded 486 Busy Here (1 INVITE) from ${peer.host}: its branch does not belong to any request of ours.`,
      ]);
    expect(notes(running)).toEqual([]);
    peer.respond(invite, '486 Busy Here', { tag: 'a' });
    await running.ended;
  });
});

describe('the end of a call is always kept', () => {
  test('behind a flood of provisional responses', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    for (let turn = 0; turn < 400; turn += 1) {
      peer.respond(invite, `183 Progress ${turn}`, { tag: 'peer' });
      if (turn % 50 === 49)
        await expect.poll(() => running.snapshot().messages.at(-1)?.raw).toContain(`Progress ${turn}\r`);
    }
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    const lines = wire(running.snapshot());
    expect([lines[0], lines.slice(-2)]).toEqual(['sent INVITE', ['received 486 INVITE', 'sent ACK']]);
    expect(notes(running)).toEqual([expect.stringMatching(/^\d+ messages before this one are not kept\.$/)]);
  });

  test('with a late 200, its ACK and its BYE, because the call is billed', async () => {
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: QUICK_TIMERS });
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel' });
    peer.answer(invite);
    peer.respond(await peer.next('BYE'), '200 OK');
    // On a busy machine the BYE is sent again before its response arrives.
    const onceEach = () => [...new Set(wire(running.snapshot()))];
    await expect
      .poll(() => onceEach().slice(-4))
      .toEqual(['received 200 INVITE', 'sent ACK', 'sent BYE', 'received 200 BYE']);
  });
});

describe('closing the user agent', () => {
  test('reports the outcome of every call before it resolves', async () => {
    const answered = call();
    const first = await peer.next('INVITE');
    peer.answer(first);
    await answered.answered;
    const ringing = call();
    const second = await peer.next('INVITE');
    peer.respond(second, '180 Ringing', { tag: 'r' });
    await ringing.ringing;
    const unanswered = call({ destination: tel('+3') });
    await peer.next('INVITE');
    const closed = userAgent.close();
    peer.respond(await peer.next('BYE'), '200 OK');
    peer.respond(await peer.next('CANCEL'), '200 OK', { tag: 'r' });
    peer.respond(second, '487 Request Terminated', { tag: 'r' });
    await closed;
    expect([answered.events.at(-1), ringing.events.at(-1), unanswered.events.at(-1)]).toEqual(
      Array(3).fill('ended'),
    );
    expect(await Promise.all([answered.ended, ringing.ended, unanswered.ended])).toEqual([
      { by: 'local', reason: 'normal' },
      { by: 'local', reason: 'cancel', sipStatus: 487 },
      { by: 'local', reason: 'cancel' },
    ]);
    expect(wire(answered.snapshot()).slice(-2)).toEqual(['sent BYE', 'received 200 BYE']);
    expect(wire(ringing.snapshot()).slice(-4)).toEqual([
      'sent CANCEL',
      'received 200 CANCEL',
      'received 487 INVITE',
      'sent ACK',
    ]);
    // No CANCEL without a provisional response (RFC 3261 §9.1).
    expect(new Set(wire(unanswered.snapshot()))).toEqual(new Set(['sent INVITE']));
  });
});
