import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, QUICK_TIMERS, type RunningCall, wire } from './call-fixture.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { bodyOf, header, RawPeer, type Seen } from './raw-peer.ts';

let peer: RawPeer;
let userAgent: UserAgent;

function sdp(port: number, ...lines: string[]) {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 8`,
    ...lines,
    '',
  ].join('\r\n');
}

beforeEach(async () => {
  peer = await RawPeer.open();
  userAgent = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS });
});

afterEach(async () => {
  peer.oblige();
  await userAgent.close();
  peer.close();
});

async function establish(lines: string[] = []): Promise<{ call: RunningCall; invite: Seen }> {
  const call = dial(userAgent, { provider: { hostname: peer.host }, maxDurationMs: 86_400_000 });
  const invite = await peer.next('INVITE');
  peer.answer(invite, { lines: ['Content-Type: application/sdp', ...lines], body: sdp(4_000) });
  await peer.next('ACK');
  await call.answered;
  return { call, invite };
}

/** A re-INVITE of the peer's, and our response to it. */
async function reinvite(invite: Seen, cseq: number, body: string, ...lines: string[]): Promise<Seen> {
  const contentType = body === '' ? [] : ['Content-Type: application/sdp'];
  peer.request(invite, 'INVITE', cseq, { lines: [...contentType, ...lines], body });
  return await peer.next('SIP/2.0 ');
}

function acknowledge(invite: Seen, cseq: number, body = ''): void {
  peer.request(invite, 'ACK', cseq, { branch: `z9hG4bKack${cseq}`, body });
}

describe('a re-INVITE', () => {
  test.each([
    ['unchanged', '', 'sendrecv'],
    ['on hold', 'a=sendonly', 'recvonly'],
    ['on hold for both', 'a=inactive', 'inactive'],
    ['listening only', 'a=recvonly', 'sendonly'],
  ])('%s is answered with our SDP and the mirrored direction', async (_what, line, direction) => {
    const { call, invite } = await establish();
    const response = await reinvite(invite, 1, sdp(4_000, ...(line === '' ? [] : [line])));
    expect(response.text).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    const port = /^m=audio (\d+) /m.exec(invite.text)?.[1];
    expect(bodyOf(response)).toBe(
      [
        'v=0',
        `${/^o=- \d+/m.exec(invite.text)?.[0]} 2 IN IP4 127.0.0.1`,
        's=-',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        `m=audio ${port} RTP/AVP 8`,
        'a=rtpmap:8 PCMA/8000',
        'a=ptime:20',
        `a=${direction}`,
        '',
      ].join('\r\n'),
    );
    acknowledge(invite, 1);
    peer.request(invite, 'BYE', 2);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    expect(wire(call.snapshot()).slice(-5)).toEqual([
      'received INVITE',
      'sent 200 INVITE',
      'received ACK',
      'received BYE',
      'sent 200 BYE',
    ]);
  });

  test('that comes again unchanged keeps the version of our SDP', async () => {
    const { invite } = await establish();
    const first = await reinvite(invite, 1, sdp(4_000));
    acknowledge(invite, 1);
    expect(bodyOf(await reinvite(invite, 2, sdp(4_000)))).toBe(bodyOf(first));
  });

  test('without an offer is answered with ours, and its ACK answers that', async () => {
    const { call, invite } = await establish();
    const media = await RawPeer.open();
    const response = await reinvite(invite, 1, '');
    expect(bodyOf(response)).toContain(' RTP/AVP 0 8 101\r\n');
    acknowledge(invite, 1, sdp(media.port));
    await media.next('');
    expect(call.events).toEqual(['answered']);
    media.close();
  });

  test('moves our audio to the address that it names', async () => {
    const { invite } = await establish();
    const media = await RawPeer.open();
    await reinvite(invite, 1, sdp(media.port));
    await media.next('');
    media.close();
  });

  test.each([
    ['an offer of video only', 'm=video 4002 RTP/AVP 31', 488],
    ['an offer of encrypted audio only', 'm=audio 4002 RTP/SAVP 8', 488],
    ['an offer that is not SDP', 'hello', 488],
  ])('with %s is rejected with %s, and the call goes on', async (_what, media, status) => {
    const { call, invite } = await establish();
    const body = `v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${media}\r\n`;
    const response = await reinvite(invite, 1, body);
    expect(response.text.startsWith(`SIP/2.0 ${status} `)).toBe(true);
    expect(call.events).toEqual(['answered']);
  });

  test('with another kind of body is rejected with 415', async () => {
    const { invite } = await establish();
    peer.request(invite, 'INVITE', 1, { lines: ['Content-Type: text/plain'], body: 'hello' });
    expect(header(await peer.next('SIP/2.0 415'), 'Accept')).toBe('application/sdp');
  });

  test('rejects streams beside the audio and keeps their place', async () => {
    const { invite } = await establish();
    const response = await reinvite(invite, 1, `${sdp(4_000)}m=video 4002 RTP/AVP 31\r\n`);
    expect(bodyOf(response)).toMatch(/^m=audio \d+ RTP\/AVP 8\r\n[\s\S]*^m=video 0 RTP\/AVP 31\r$/m);
  });

  test('whose 200 is not acknowledged is sent it again', async () => {
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: QUICK_TIMERS });
    const { call, invite } = await establish();
    const first = await reinvite(invite, 1, sdp(4_000));
    expect((await peer.next('SIP/2.0 200')).text).toBe(first.text);
    acknowledge(invite, 1);
    expect(call.events).toEqual(['answered']);
  });

  test('whose 200 is never acknowledged ends the call', async () => {
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: QUICK_TIMERS });
    const { call, invite } = await establish();
    await reinvite(invite, 1, sdp(4_000));
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    await peer.next('BYE');
  });

  test('while our own INVITE is pending is rejected with 491', async () => {
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await call.ringing;
    expect((await reinvite(invite, 1, sdp(4_000))).text).toMatch(/^SIP\/2\.0 491 Request Pending\r\n/);
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    await call.ended;
  });

  test('changes the far end address for what comes after it', async () => {
    const { call, invite } = await establish();
    const elsewhere = await RawPeer.open();
    peer.request(invite, 'INVITE', 1, {
      lines: ['Content-Type: application/sdp', `Contact: <sip:moved@${elsewhere.host}>`],
      body: sdp(4_000),
    });
    await peer.next('SIP/2.0 200');
    acknowledge(invite, 1);
    call.hangup();
    elsewhere.respond(await elsewhere.next('BYE'), '200 OK');
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    elsewhere.close();
  });
});

test('OPTIONS in an early dialog gets a response', async () => {
  const call = dial(userAgent, { provider: { hostname: peer.host } });
  const invite = await peer.next('INVITE');
  peer.respond(invite, '183 Session Progress', { tag: 'early' });
  peer.request(invite, 'OPTIONS', 1, { tag: 'early' });
  expect(header(await peer.next('SIP/2.0 200'), 'Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS');
  peer.request(invite, 'OPTIONS', 1, { tag: 'stranger', branch: 'z9hG4bKs' });
  await peer.next('SIP/2.0 481');
  peer.respond(invite, '486 Busy Here', { tag: 'early' });
  await call.ended;
});

describe('the session timer', () => {
  let clock: ManualClock;

  beforeEach(async () => {
    await userAgent.close();
    clock = createManualClock();
    userAgent = new UserAgent({
      allow: parseAllowList(''),
      clock,
      timers: CALM_TIMERS,
      keepAliveMs: 10_000_000,
    });
  });

  afterEach(async () => {
    // Nobody else moves the clock on which closing waits.
    const closed = userAgent.close();
    clock.advance(60_000);
    await closed;
  });

  test('is asked for', async () => {
    const { invite } = await establish();
    expect([
      header(invite, 'Supported'),
      header(invite, 'Session-Expires'),
      header(invite, 'Min-SE'),
    ]).toEqual(['timer', '1800', '']);
  });

  test('that we keep is refreshed after half its interval, with the same SDP', async () => {
    const { call, invite } = await establish(['Session-Expires: 90;refresher=uac', 'Require: timer']);
    clock.advance(45_000);
    const refresh = await peer.next('INVITE');
    expect([header(refresh, 'CSeq'), header(refresh, 'Session-Expires'), bodyOf(refresh)]).toEqual([
      '2 INVITE',
      '90;refresher=uac',
      bodyOf(invite),
    ]);
    peer.answer(refresh, { lines: ['Session-Expires: 90;refresher=uac'], body: sdp(4_000) });
    expect(header(await peer.next('ACK'), 'CSeq')).toBe('2 ACK');
    clock.advance(45_000);
    expect(header(await peer.next('INVITE'), 'CSeq')).toBe('3 INVITE');
    expect(call.events).toEqual(['answered']);
  });

  test('that the far end keeps ends the call when it is not refreshed', async () => {
    const { call } = await establish(['Session-Expires: 90;refresher=uas']);
    clock.advance(59_999);
    expect(call.events).toEqual(['answered']);
    clock.advance(1);
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    await peer.next('BYE');
    expect(call.snapshot().notes.map(({ text }) => text)).toContain(
      'The session was not refreshed within its 90 s.',
    );
  });

  test('that the far end keeps begins anew with its refresh', async () => {
    const { call, invite } = await establish(['Session-Expires: 90;refresher=uas']);
    clock.advance(50_000);
    const response = await reinvite(
      invite,
      1,
      sdp(4_000),
      'Session-Expires: 90;refresher=uac',
      'Supported: timer',
    );
    expect([header(response, 'Session-Expires'), header(response, 'Require')]).toEqual([
      '90;refresher=uac',
      'timer',
    ]);
    acknowledge(invite, 1);
    clock.advance(50_000);
    expect(call.events).toEqual(['answered']);
    clock.advance(10_000);
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
  });

  test('of a re-INVITE that is too short is rejected with 422', async () => {
    const { invite } = await establish();
    const response = await reinvite(invite, 1, sdp(4_000), 'Session-Expires: 60');
    expect([response.text.startsWith('SIP/2.0 422 '), header(response, 'Min-SE')]).toEqual([true, '90']);
  });

  test('that the provider finds too short is requested again with the provider’s minimum', async () => {
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    const invite = await peer.next('INVITE');
    peer.respond(invite, '422 Session Interval Too Small', { tag: 'a', lines: ['Min-SE: 3600'] });
    await peer.next('ACK');
    const second = await peer.next('INVITE');
    expect([header(second, 'CSeq'), header(second, 'Session-Expires'), header(second, 'Min-SE')]).toEqual([
      '2 INVITE',
      '3600',
      '3600',
    ]);
    peer.respond(second, '422 Session Interval Too Small', { tag: 'b', lines: ['Min-SE: 90'] });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 422 });
  });

  test('refresh that crosses one of the far end waits 2.1 to 4 s and tries again', async () => {
    const { invite } = await establish(['Session-Expires: 90;refresher=uac']);
    clock.advance(45_000);
    const refresh = await peer.next('INVITE');
    expect((await reinvite(invite, 1, sdp(4_000))).text).toMatch(/^SIP\/2\.0 491 /);
    peer.respond(refresh, '491 Request Pending');
    await peer.next('ACK');
    clock.advance(4_000);
    expect(header(await peer.next('INVITE'), 'CSeq')).toBe('3 INVITE');
  });

  test.each(['481 Call/Transaction Does Not Exist', '408 Request Timeout'])(
    'refresh that is rejected with %s ends the call',
    async (status) => {
      const { call } = await establish(['Session-Expires: 90;refresher=uac']);
      clock.advance(45_000);
      peer.respond(await peer.next('INVITE'), status);
      expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
      await peer.next('BYE');
    },
  );
});

describe('a far end that has died', () => {
  let clock: ManualClock;

  beforeEach(async () => {
    await userAgent.close();
    clock = createManualClock();
    userAgent = new UserAgent({ allow: parseAllowList(''), clock });
  });

  afterEach(async () => {
    const closed = userAgent.close();
    clock.advance(60_000);
    await closed;
  });

  test('is noticed within two minutes', async () => {
    const { call } = await establish();
    clock.advance(60_000);
    await peer.next('OPTIONS');
    clock.advance(59_000);
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    await peer.next('BYE');
    expect(wire(call.snapshot())).toContain('local 408 OPTIONS');
  });

  test('is not suspected while it responds', async () => {
    const { call } = await establish();
    for (let minute = 0; minute < 3; minute += 1) {
      clock.advance(60_000);
      peer.respond(await peer.next('OPTIONS'), '405 Method Not Allowed');
      await expect
        .poll(() => wire(call.snapshot()).filter((line) => line === 'received 405 OPTIONS').length)
        .toBe(minute + 1);
    }
    expect(call.events).toEqual(['answered']);
  });

  test.each(['481 Call/Transaction Does Not Exist', '408 Request Timeout'])(
    'is noticed by its %s',
    async (status) => {
      const { call } = await establish();
      clock.advance(60_000);
      peer.respond(await peer.next('OPTIONS'), status);
      expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    },
  );

  test('is given one more chance when its port is closed for a moment', async () => {
    const { call } = await establish();
    const { port } = peer;
    peer.close();
    clock.advance(60_000);
    await expect.poll(() => wire(call.snapshot())).toContain('local 503 OPTIONS');
    peer = await RawPeer.open(port);
    clock.advance(20_000);
    peer.respond(await peer.next('OPTIONS'), '200 OK');
    await expect.poll(() => wire(call.snapshot())).toContain('received 200 OPTIONS');
    expect(call.events).toEqual(['answered']);
  });

  test('is given up when its port stays closed', async () => {
    const { call } = await establish();
    peer.close();
    clock.advance(60_000);
    await expect.poll(() => wire(call.snapshot())).toContain('local 503 OPTIONS');
    clock.advance(20_000);
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
  });

  test('is not sent OPTIONS while its audio arrives', async () => {
    const { call, invite } = await establish();
    const port = Number(/^m=audio (\d+) /m.exec(invite.text)?.[1]);
    const packet = Buffer.alloc(172);
    packet[0] = 0x80;
    packet[1] = 8;
    clock.advance(50_000);
    peer.sendRaw(packet, port);
    await expect.poll(() => call.statistics()?.received.packets).toBe(1);
    clock.advance(59_000);
    // Whatever was sent before it has been captured once this is answered.
    peer.request(invite, 'OPTIONS', 1);
    await peer.next('SIP/2.0 200');
    expect(wire(call.snapshot())).not.toContain('sent OPTIONS');
    clock.advance(60_000);
    await peer.next('OPTIONS');
  });
});
