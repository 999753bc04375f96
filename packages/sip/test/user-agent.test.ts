import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';
import { CAPTURE_LIMITS } from '../src/call-capture.ts';
import { InvitePlanError } from '../src/invite-plan.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, QUICK_TIMERS, type RunningCall, tel, wire } from './call-fixture.ts';
import { createManualClock } from './manual-clock.ts';
import { header, RawPeer, type Seen, uriOf } from './raw-peer.ts';

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

/** Shortens the timers, for tests that wait for one. */
async function hurry() {
  await userAgent.close();
  userAgent = new UserAgent({ allow: parseAllowList(''), timers: QUICK_TIMERS });
}

/** An established call. */
async function establish(
  over: Partial<Parameters<typeof dial>[1]> = {},
  answer: Parameters<RawPeer['answer']>[1] = {},
) {
  const running = call(over);
  const invite = await peer.next('INVITE');
  peer.answer(invite, answer);
  await peer.next('ACK');
  await running.answered;
  return { running, invite };
}

describe('a call that is answered', () => {
  test('reaches the provider with the number and the caller that were asked for', async () => {
    const running = call({
      provider: {
        hostname: peer.host,
        tech_prefix: '99',
        tech_postfix: '#',
        tech_headers: { 'X-Trunk': 'a b' },
      },
      source: tel('+14155551234', 'Jo "J" Ö'),
    });
    const invite = await peer.next('INVITE');
    expect(uriOf(invite)).toBe(`sip:99+821012345678%23@${peer.host};transport=udp`);
    expect(header(invite, 'From')).toMatch(/^"Jo \\"J\\" Ö" <sip:\+14155551234@127\.0\.0\.1>;tag=[0-9a-f]+$/);
    expect(header(invite, 'To')).toBe('<sip:99+821012345678%23@127.0.0.1>');
    expect(header(invite, 'X-Trunk')).toBe('a b');
    expect(header(invite, 'P-Asserted-Identity')).toBe('');
    expect(header(invite, 'Privacy')).toBe('');
    expect(header(invite, 'Via')).toMatch(
      new RegExp(`^SIP/2\\.0/UDP 127\\.0\\.0\\.1:${invite.from.port};branch=z9hG4bK[0-9a-f]{24};rport$`),
    );
    expect(invite.text).toContain('m=audio');
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    await running.ended;
  });

  test('rings, is answered, and ends with the BYE of the far end', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '100 Trying');
    peer.respond(invite, '183 Session Progress', { tag: 'peer' });
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    peer.answer(invite);
    const ack = await peer.next('ACK');
    expect(uriOf(ack)).toBe(`sip:peer@${peer.host}`);
    expect(header(ack, 'CSeq')).toBe('1 ACK');
    expect(header(ack, 'To')).toBe(`${header(invite, 'To')};tag=peer`);
    expect(header(ack, 'Via')).not.toBe(header(invite, 'Via'));
    await running.answered;
    peer.request(invite, 'BYE', 1);
    await peer.next('SIP/2.0 200');
    expect(await running.ended).toEqual({ by: 'remote', reason: 'normal' });
    expect(running.events).toEqual(['ringing', 'answered', 'ended']);
  });

  test('ends with our BYE', async () => {
    const { running } = await establish();
    running.hangup();
    running.hangup();
    const bye = await peer.next('BYE');
    expect(header(bye, 'CSeq')).toBe('2 BYE');
    peer.respond(bye, '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(wire(running.snapshot()).slice(-2)).toEqual(['sent BYE', 'received 200 BYE']);
  });

  test('ends after its maximum duration', async () => {
    const { running } = await establish({ maxDurationMs: 30 });
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'timeout' });
  });

  test('ends once when both sides hang up at once', async () => {
    const { running, invite } = await establish();
    running.hangup();
    const bye = await peer.next('BYE');
    peer.request(invite, 'BYE', 1);
    await peer.next('SIP/2.0 200');
    peer.respond(bye, '481 Call/Transaction Does Not Exist');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(running.events).toEqual(['answered', 'ended']);
  });

  test('ends although the peer has died before our BYE', async () => {
    await hurry();
    const { running } = await establish();
    const silent = peer;
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(silent.count('BYE')).toBeGreaterThan(3);
  });

  test('ends at once when the port is closed before our BYE', async () => {
    const { running } = await establish();
    peer.close();
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    // Timer F would have waited for two minutes.
    expect(wire(running.snapshot()).filter((line) => line === 'sent BYE')).toEqual(['sent BYE']);
    peer = await RawPeer.open();
  });

  test('responds to a repeated BYE again', async () => {
    const { running, invite } = await establish();
    peer.request(invite, 'BYE', 1);
    await peer.next('SIP/2.0 200');
    await running.ended;
    peer.request(invite, 'BYE', 1);
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'BYE', 1, { tag: 'stranger', branch: 'z9hG4bKother' });
    await peer.next('SIP/2.0 481');
  });

  test('goes on whatever other requests the far end sends', async () => {
    const { running, invite } = await establish();
    peer.request(invite, 'OPTIONS', 2);
    expect(header(await peer.next('SIP/2.0 200'), 'Supported')).toBe('timer');
    peer.request(invite, 'INFO', 3);
    await peer.next('SIP/2.0 405');
    peer.request(invite, 'OPTIONS', 2, { branch: 'z9hG4bKlate' });
    await peer.next('SIP/2.0 500');
    peer.request(invite, 'OPTIONS', 4, { lines: ['Require: timer, 100rel'] });
    expect(header(await peer.next('SIP/2.0 420'), 'Unsupported')).toBe('100rel');
    peer.request(invite, 'CANCEL', 4);
    await peer.next('SIP/2.0 481');
    expect(running.events).toEqual(['answered']);
  });

  test('accepts a BYE from an address other than the provider’s', async () => {
    const { running, invite } = await establish();
    const callee = await RawPeer.open();
    callee.request(invite, 'BYE', 1);
    await callee.next('SIP/2.0 200');
    expect(await running.ended).toEqual({ by: 'remote', reason: 'normal' });
    callee.close();
  });
});

describe('lost messages', () => {
  test('an INVITE that is lost is sent again', async () => {
    await hurry();
    const running = call();
    const [first, , third] = [
      await peer.next('INVITE'),
      await peer.next('INVITE'),
      await peer.next('INVITE'),
    ];
    expect(third.text).toBe(first.text);
    peer.answer(third);
    await running.answered;
  });

  test('an ACK that is lost is sent again for every repeated 200', async () => {
    const { running, invite } = await establish();
    peer.answer(invite);
    peer.answer(invite);
    const [second, third] = [await peer.next('ACK'), await peer.next('ACK')];
    expect(third.text).toBe(second.text);
    expect(running.events).toEqual(['answered']);
  });

  test('a retransmitted rejection gets its ACK again', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    const ack = await peer.next('ACK');
    expect(header(ack, 'Via')).toBe(header(invite, 'Via'));
    expect(header(ack, 'To')).toBe(`${header(invite, 'To')};tag=peer`);
    expect(uriOf(ack)).toBe(uriOf(invite));
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    expect((await peer.next('ACK')).text).toBe(ack.text);
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  });

  test('a BYE whose response is lost is sent again', async () => {
    await hurry();
    const { running } = await establish();
    running.hangup();
    const first = await peer.next('BYE');
    const second = await peer.next('BYE');
    expect(second.text).toBe(first.text);
    peer.respond(second, '200 OK');
    await running.ended;
  });

  test('a call without any response is retransmitted until it fails', async () => {
    await hurry();
    const running = call();
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    // T1 doubled until 64 * T1: 0, 5, 15, 35, 75, 155, 315 ms; a busy machine may come too late for the last ones.
    expect(peer.count('INVITE')).toBeGreaterThan(3);
    expect(peer.count('INVITE')).toBeLessThan(8);
  });

  test('junk is ignored', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    for (const junk of ['', '\r\n\r\n', 'hello', 'SIP/2.0 200 OK\r\n\r\n', Buffer.from([0xff, 0, 0xfe])]) {
      peer.sendRaw(junk, invite.from.port);
    }
    const foreign: Seen = { ...invite, text: invite.text.replaceAll('z9hG4bK', 'z9hG4bKx') };
    peer.respond(foreign, '486 Busy Here', { tag: 'peer' });
    const proxied: Seen = {
      ...invite,
      text: invite.text.replace(/^Via: .*(?=\r)/m, '$&, SIP/2.0/UDP 127.0.0.9;branch=z9hG4bK0'),
    };
    peer.respond(proxied, '600 Busy Everywhere', { tag: 'peer' });
    peer.respond(invite, '603 Decline', { tag: 'peer' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'no_answer', sipStatus: 603 });
  });
});

describe('when nobody is there', () => {
  test('a closed port fails at once', async () => {
    const gone = await RawPeer.open();
    const hostname = gone.host;
    gone.close();
    const running = call({ provider: { hostname } });
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    // Timer B would have waited for two minutes.
    expect(wire(running.snapshot())).toEqual(['sent INVITE', 'local 503 INVITE']);
  });

  test('a name without an address fails, with the reason in the trace', async () => {
    const unknown = new UserAgent({
      allow: parseAllowList('nowhere.invalid'),
      timers: QUICK_TIMERS,
      resolver: {
        srv: () => Promise.reject(new Error('ENOTFOUND')),
        addresses: () => Promise.reject(new Error('ENOTFOUND')),
      },
    });
    const running = dial(unknown, { provider: { hostname: 'nowhere.invalid' } });
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(wire(running.snapshot())).toEqual(['local 478 INVITE']);
    expect(running.snapshot().messages[0]?.raw).toMatch(/^SIP\/2\.0 478 nowhere\.invalid has no address\r\n/);
    await unknown.close();
  });

  test('a destination that cannot be dialled sends nothing', () => {
    const destination = { type: 'sip', target: 'a@b\r\nX: 1', target_name: '' };
    expect(() => call({ destination })).toThrow(InvitePlanError);
    expect(peer.all).toEqual([]);
  });
});

describe('giving up before the answer', () => {
  test('sends CANCEL once the far end has shown a sign of life', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    running.hangup();
    running.hangup();
    peer.respond(invite, '100 Trying');
    const cancel = await peer.next('CANCEL');
    expect(header(cancel, 'Via')).toBe(header(invite, 'Via'));
    expect(header(cancel, 'CSeq')).toBe('1 CANCEL');
    expect(header(cancel, 'To')).toBe(header(invite, 'To'));
    expect(uriOf(cancel)).toBe(uriOf(invite));
    peer.respond(cancel, '200 OK', { tag: 'peer' });
    peer.respond(invite, '487 Request Terminated', { tag: 'peer' });
    await peer.next('ACK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 487 });
    expect(running.events).toEqual(['ended']);
    expect(wire(running.snapshot())).toEqual([
      ...['sent INVITE', 'received 100 INVITE', 'sent CANCEL', 'received 200 CANCEL'],
      ...['received 487 INVITE', 'sent ACK'],
    ]);
  });

  test('a call that nobody answers ends with the dial timeout', async () => {
    const running = call({ dialTimeoutMs: 40 });
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    peer.respond(await peer.next('CANCEL'), '200 OK', { tag: 'peer' });
    peer.respond(invite, '487 Request Terminated', { tag: 'peer' });
    expect(await running.ended).toEqual({ by: 'local', reason: 'dialout', sipStatus: 487 });
    expect(running.events).toEqual(['ringing', 'ended']);
  });

  test('a 200 that crosses the CANCEL gets ACK and BYE', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    running.hangup();
    peer.answer(invite);
    await peer.next('ACK');
    peer.respond(await peer.next('CANCEL'), '481 Call/Transaction Does Not Exist');
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 200 });
    expect(running.events).toEqual(['ringing', 'ended']);
  });

  test('a peer that ignores CANCEL does not hold the call', async () => {
    await hurry();
    const running = call();
    peer.respond(await peer.next('INVITE'), '180 Ringing', { tag: 'peer' });
    await running.ringing;
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel' });
    expect(peer.count('CANCEL')).toBeGreaterThan(1);
  });

  test('an answer that comes after the end is acknowledged and hung up', async () => {
    await hurry();
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    running.hangup();
    await running.ended;
    peer.answer(invite);
    await peer.next('ACK');
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(running.events).toEqual(['ringing', 'ended']);
  });

  test('before the INVITE is out ends the call without one', async () => {
    const running = call();
    running.hangup();
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel' });
    expect(peer.all).toEqual([]);
  });

  test('closing the user agent ends every call on the wire', async () => {
    const { running } = await establish();
    const other = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'other' });
    await other.ringing;
    const closed = userAgent.close();
    peer.respond(await peer.next('BYE'), '200 OK');
    peer.respond(await peer.next('CANCEL'), '200 OK', { tag: 'other' });
    peer.respond(invite, '487 Request Terminated', { tag: 'other' });
    await closed;
    expect([await running.ended, await other.ended]).toEqual([
      { by: 'local', reason: 'normal' },
      { by: 'local', reason: 'cancel', sipStatus: 487 },
    ]);
  });
});

describe('a call that the far end rejects', () => {
  test.each([
    ['486 Busy Here', 'busy'],
    ['600 Busy Everywhere', 'busy'],
    ['480 Temporarily Unavailable', 'no_answer'],
    ['408 Request Timeout', 'no_answer'],
    ['603 Decline', 'no_answer'],
    ['302 Moved Temporarily', 'failed'],
    ['401 Unauthorized', 'failed'],
    ['403 Forbidden', 'failed'],
    ['404 Not Found', 'failed'],
    ['407 Proxy Authentication Required', 'failed'],
    ['488 Not Acceptable Here', 'failed'],
    ['503 Service Unavailable', 'failed'],
    ['604 Does Not Exist Anywhere', 'failed'],
  ])('with %s ends as %s', async (status, reason) => {
    const running = call();
    peer.respond(await peer.next('INVITE'), status, {
      tag: 'peer',
      lines: ['Contact: <sip:other@127.0.0.1:9>'],
    });
    await peer.next('ACK');
    expect(await running.ended).toEqual({ by: 'remote', reason, sipStatus: Number(status.slice(0, 3)) });
    expect(running.events).toEqual(['ended']);
    expect(peer.count('INVITE')).toBe(1);
  });
});

describe('digest', () => {
  const challenge = 'WWW-Authenticate: Digest realm="peer", nonce="n1", algorithm=MD5, qop="auth"';
  const account = () => ({ hostname: peer.host, auth_username: 'user', auth_password: 'secret' });

  test('a challenge is answered, and the BYE carries credentials too', async () => {
    const running = call({ provider: account() });
    const first = await peer.next('INVITE');
    expect(header(first, 'Authorization')).toBe('');
    peer.respond(first, '401 Unauthorized', { tag: 'challenge', lines: [challenge] });
    await peer.next('ACK');
    const second = await peer.next('INVITE');
    expect(header(second, 'CSeq')).toBe('2 INVITE');
    expect(header(second, 'Call-ID')).toBe(header(first, 'Call-ID'));
    expect(header(second, 'From')).toBe(header(first, 'From'));
    expect(header(second, 'To')).not.toContain('tag=');
    expect(header(second, 'Authorization')).toMatch(
      /^Digest username="user", realm="peer", nonce="n1", uri="sip:[^"]+", response="[0-9a-f]{32}", algorithm=MD5, qop=auth, cnonce="[0-9a-f]+", nc=00000001$/,
    );
    peer.answer(second);
    expect(header(await peer.next('ACK'), 'Authorization')).toBe(header(second, 'Authorization'));
    await running.answered;
    running.hangup();
    const bye = await peer.next('BYE');
    expect(header(bye, 'Authorization')).toContain('nc=00000002');
    peer.respond(bye, '401 Unauthorized', { lines: [challenge.replace('n1', 'n2')] });
    const again = await peer.next('BYE');
    expect(header(again, 'Authorization')).toContain('nonce="n2"');
    expect(header(again, 'CSeq')).toBe('4 BYE');
    peer.respond(again, '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    const kept = running
      .snapshot()
      .messages.map(({ raw }) => raw)
      .join('');
    expect(kept).toContain('response="redacted"');
    expect(kept).not.toMatch(/response="[0-9a-f]/);
  });

  test('a wrong password fails after one try', async () => {
    const running = call({ provider: account() });
    peer.respond(await peer.next('INVITE'), '401 Unauthorized', { tag: 'a', lines: [challenge] });
    peer.respond(await peer.next('INVITE'), '401 Unauthorized', {
      tag: 'b',
      lines: [challenge.replace('n1', 'n2')],
    });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 401 });
    expect(peer.count('INVITE')).toBe(2);
  });

  test('a stale nonce is tried again, but not forever', async () => {
    const running = call({ provider: account() });
    peer.respond(await peer.next('INVITE'), '401 Unauthorized', { tag: 'a', lines: [challenge] });
    for (let turn = 2; turn <= 5; turn += 1) {
      const lines = [`${challenge.replace('n1', `n${turn}`)}, stale=true`];
      peer.respond(await peer.next('INVITE'), '401 Unauthorized', { tag: `t${turn}`, lines });
    }
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 401 });
    expect(peer.count('INVITE')).toBe(5);
  });

  test('a proxy and the far end may both send challenges', async () => {
    const running = call({ provider: account() });
    const proxyChallenge = 'Proxy-Authenticate: Digest realm="proxy", nonce="p", algorithm=SHA-256';
    peer.respond(await peer.next('INVITE'), '407 Proxy Authentication Required', {
      tag: 'a',
      lines: [proxyChallenge],
    });
    peer.respond(await peer.next('INVITE'), '401 Unauthorized', { tag: 'b', lines: [challenge] });
    const third = await peer.next('INVITE');
    expect(header(third, 'Proxy-Authorization')).toMatch(
      /realm="proxy".*response="[0-9a-f]{64}", algorithm=SHA-256$/,
    );
    expect(header(third, 'Authorization')).toContain('realm="peer"');
    peer.answer(third);
    await running.answered;
  });

  test('without credentials the challenge is a rejection', async () => {
    const running = call();
    peer.respond(await peer.next('INVITE'), '401 Unauthorized', { tag: 'a', lines: [challenge] });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 401 });
  });

  test('giving up during the challenge sends no second INVITE', async () => {
    const running = call({ provider: account() });
    const invite = await peer.next('INVITE');
    running.hangup();
    peer.respond(invite, '401 Unauthorized', { tag: 'a', lines: [challenge] });
    expect(await running.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 401 });
    expect(peer.count('INVITE')).toBe(1);
  });
});

describe('media', () => {
  const sdp = (address: string, port: number | string, payload = '0 101', ...lines: string[]) =>
    [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${port} RTP/AVP ${payload}`,
      ...lines,
      '',
    ].join('\r\n');

  test('silence is sent to where the answer says, and stops with the call', async () => {
    const media = await RawPeer.open();
    const { running, invite } = await establish({}, { body: sdp('127.0.0.1', media.port, '8') });
    expect(invite.text).toMatch(/^m=audio \d+ RTP\/AVP 0 8 101\r$/m);
    const first = await media.next('');
    const bytes = Buffer.from(first.text, 'utf8');
    expect(bytes.byteLength).toBeGreaterThan(160);
    expect(Number(/^m=audio (\d+) /m.exec(invite.text)?.[1])).toBe(first.from.port);
    await media.next('');
    running.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    await running.ended;
    media.close();
  });

  test('a port that is written with zeros is a number, and reports are sent to the next one', async () => {
    await userAgent.close();
    const clock = createManualClock();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS, clock });
    const media = await RawPeer.open();
    const { running } = await establish({}, { body: sdp('127.0.0.1', `0${media.port}`) });
    await media.next('');
    clock.advance(5_000);
    expect(running.statistics()?.rtcp.sent.packets).toBe(1);
    running.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    await running.ended;
    media.close();
  });

  test.each([
    ['an address that is not allowed', sdp('192.0.2.9', 4000), 'SIP_ALLOW does not name'],
    ['a rejected stream', sdp('127.0.0.1', 0), 'agrees to no audio'],
    ['no SDP', '', 'agrees to no audio'],
    ['a number for an address', sdp('5', 4000), 'agrees to no audio'],
    ['a number for a codec', sdp('127.0.0.1', 4000, '96', 'a=rtpmap:96 123/8000'), 'agrees to no audio'],
  ])('%s gets no silence, and the call goes on', async (_what, body, said) => {
    const { running } = await establish({}, { body });
    expect(running.snapshot().notes.some(({ text }) => text.includes(said))).toBe(true);
    expect(running.events).toEqual(['answered']);
  });
});

describe('outside of a call', () => {
  test('a ping returns the first response, whatever it is', async () => {
    const pinged = userAgent.ping({ host: '127.0.0.1', port: peer.port }, 5_000);
    peer.respond(await peer.next('OPTIONS'), '503 Service Unavailable', { tag: 'a' });
    expect(await pinged).toEqual({ by: 'remote', status: 503, reasonPhrase: 'Service Unavailable' });
  });

  test('a ping without a response returns 408', async () => {
    await hurry();
    expect(await userAgent.ping({ host: '127.0.0.1', port: peer.port }, 5_000)).toEqual({
      by: 'local',
      status: 408,
      reasonPhrase: `No response from ${peer.host}`,
    });
  });

  test.each([
    ['a closed port', { host: '127.0.0.1', port: 9 }, 503, '127.0.0.1:9 refuses UDP (ECONNREFUSED)'],
    ['a host that is not allowed', { host: '192.0.2.1' }, 403, 'SIP_ALLOW does not name 192.0.2.1'],
    [
      'a name without an address',
      { host: 'nowhere.invalid' },
      478,
      'nowhere.invalid has no address (ENOTFOUND)',
    ],
  ])('a ping to %s returns our own status', async (_what, target, status, reasonPhrase) => {
    expect(await userAgent.ping(target, 5_000)).toEqual({ by: 'local', status, reasonPhrase });
  });

  test('a ping that waits ends when the user agent is closed, and a later one fails', async () => {
    const waiting = userAgent.ping({ host: '127.0.0.1', port: peer.port }, 5_000);
    await peer.next('OPTIONS');
    await userAgent.close();
    const later = userAgent.ping({ host: '127.0.0.1', port: peer.port }, 5_000);
    expect([await waiting, await later]).toEqual([
      { by: 'local', status: 503, reasonPhrase: expect.any(String) },
      { by: 'local', status: 503, reasonPhrase: expect.any(String) },
    ]);
  });

  const stranger = (method: string, to: string, ...lines: string[]) =>
    [
      `${method} sip:us@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP ${peer.host};branch=z9hG4bKstranger${method}`,
      'From: <sip:stranger@127.0.0.1>;tag=s',
      `To: ${to}`,
      'Call-ID: stranger',
      `CSeq: 1 ${method}`,
      ...lines,
      '',
      '',
    ].join('\r\n');

  test('calls are not taken', async () => {
    const { invite } = await establish();
    peer.sendRaw(stranger('INVITE', '<sip:us@127.0.0.1>'), invite.from.port);
    await peer.next('SIP/2.0 403');
    peer.sendRaw(stranger('OPTIONS', '<sip:us@127.0.0.1>'), invite.from.port);
    expect(header(await peer.next('SIP/2.0 200'), 'Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS');
    peer.sendRaw(stranger('BYE', '<sip:us@127.0.0.1>;tag=x'), invite.from.port);
    await peer.next('SIP/2.0 481');
    peer.sendRaw(stranger('SUBSCRIBE', '<sip:us@127.0.0.1>'), invite.from.port);
    await peer.next('SIP/2.0 405');
  });

  test.each([
    ['', '200 OK', ''],
    ['timer', '200 OK', ''],
    ['timer,, TIMER,', '200 OK', ''],
    ['100rel, timer', '420 Bad Extension', '100rel'],
    ['x\u0001y', '400 Bad Request (Require is not a list of option tags)', ''],
    ['timer, x\u007f', '400 Bad Request (Require is not a list of option tags)', ''],
    ['100rel timer', '400 Bad Request (Require is not a list of option tags)', ''],
  ])('a request that requires %j gets %s', async (required, status, unsupported) => {
    const { invite } = await establish();
    peer.sendRaw(stranger('OPTIONS', '<sip:us@127.0.0.1>', `Require: ${required}`), invite.from.port);
    const response = await peer.next('SIP/2.0 ');
    expect([response.text.split('\r\n', 1), header(response, 'Unsupported')]).toEqual([
      [`SIP/2.0 ${status}`],
      unsupported,
    ]);
  });
});

describe('an error that nothing expects', () => {
  /** Media at this address makes the user agent's own list of allowed addresses fail. */
  const BROKEN = '127.0.0.77';
  const sdp = (address: string) => `v=0\r\nc=IN IP4 ${address}\r\nm=audio 4000 RTP/AVP 0\r\n`;
  const broken = expect.stringContaining('Internal error (the list is broken)');
  let other: Awaited<ReturnType<typeof establish>>;

  beforeEach(async () => {
    await userAgent.close();
    const allow = parseAllowList('');
    const allows = (address: string) => {
      if (address === BROKEN) throw new Error('the list is broken');
      return allow.allows(address);
    };
    userAgent = new UserAgent({ allow: { ...allow, allows }, timers: CALM_TIMERS });
    other = await establish();
  });

  afterEach(async () => {
    peer.request(other.invite, 'OPTIONS', 1);
    await peer.next('SIP/2.0 200');
    expect(other.running.events).toEqual(['answered']);
  });

  const notesOf = (running: RunningCall) => running.snapshot().notes.map(({ text }) => text);

  test('about a provisional response cancels only that call', async () => {
    const onRinging = () => {
      throw new Error('the list is broken');
    };
    const running = call({ onRinging });
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    peer.respond(await peer.next('CANCEL'), '200 OK', { tag: 'peer' });
    peer.respond(invite, '487 Request Terminated', { tag: 'peer' });
    await peer.next('ACK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(notesOf(running)).toEqual([broken]);
  });

  test('about an answer ends only that call', async () => {
    const running = call();
    peer.answer(await peer.next('INVITE'), { body: sdp(BROKEN) });
    await peer.next('ACK');
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(notesOf(running)).toContainEqual(broken);
    expect(running.events).toEqual(['ended']);
  });

  test('about a re-INVITE gets 500, and the call goes on', async () => {
    const established = await establish();
    peer.request(established.invite, 'INVITE', 1, { body: sdp(BROKEN) });
    await peer.next('SIP/2.0 500 Server Internal Error');
    peer.request(established.invite, 'INVITE', 2, { body: sdp('127.0.0.1') });
    await peer.next('SIP/2.0 200');
    expect(notesOf(established.running)).toContainEqual(broken);
    expect(established.running.events).toEqual(['answered']);
  });

  test('about an ACK ends only that call', async () => {
    const { invite, running } = await establish();
    peer.request(invite, 'INVITE', 1);
    await peer.next('SIP/2.0 200');
    peer.request(invite, 'ACK', 1, { body: sdp(BROKEN) });
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(notesOf(running)).toContainEqual(broken);
  });
});

describe('the capture', () => {
  test('has every message both ways, in order, to the microsecond', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    peer.answer(invite);
    await running.answered;
    peer.request(invite, 'BYE', 1);
    await running.ended;
    expect(wire(running.snapshot()).filter((line) => !line.startsWith('note'))).toEqual([
      'sent INVITE',
      'received 180 INVITE',
      'received 200 INVITE',
      'sent ACK',
      'received BYE',
      'sent 200 BYE',
    ]);
    const { messages } = running.snapshot();
    const local = { address: '127.0.0.1', port: invite.from.port };
    expect(messages[0]).toEqual({
      at: expect.any(Number),
      transport: 'udp',
      source: local,
      destination: { address: '127.0.0.1', port: peer.port },
      raw: invite.text,
    });
    expect(messages[1]?.destination).toEqual(local);
    const times = messages.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('is bounded however much a peer sends', async () => {
    const { running, invite } = await establish();
    const flood = Array.from({ length: 300 }, (_, index) => index + 1);
    for (const cseq of flood) {
      peer.request(invite, 'OPTIONS', cseq, { lines: [`Subject: ${'x'.repeat(9_000)}`] });
      await peer.next('SIP/2.0 200');
    }
    const { messages, notes } = running.snapshot();
    expect(messages.length).toBeLessThanOrEqual(CAPTURE_LIMITS.firstMessages + CAPTURE_LIMITS.lastMessages);
    expect(notes.some(({ text }) => / messages before this one are not kept\.$/.test(text))).toBe(true);
  });
});
