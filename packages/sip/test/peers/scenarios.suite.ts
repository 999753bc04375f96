import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../../src/allow-list.ts';
import { resolverAt, UserAgent } from '../../src/user-agent.ts';
import { CALM_TIMERS, dial, QUICK_TIMERS, type RunningCall, sip, tel, wire } from '../call-fixture.ts';
import { RawPeer } from '../raw-peer.ts';
import { StreamPeer } from '../stream-peer.ts';
import { type AnswerMode, type Baresip, startBaresip } from './baresip.ts';
import { type DnsmasqZone, startDnsmasq } from './dnsmasq.ts';
import { type Kamailio, type KamailioOptions, startKamailio } from './kamailio.ts';
import { type Sipp, startSipp, startSippSteps } from './sipp.ts';
import { type Step, sdp } from './sipp-steps.ts';

let userAgent: UserAgent;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  userAgent = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS });
});

afterEach(async () => {
  await userAgent.close();
  for (const close of closers.splice(0).toReversed()) await close();
});

async function phone(answerMode: AnswerMode): Promise<Baresip> {
  const started = await startBaresip(answerMode);
  closers.push(started.close);
  return started;
}

async function proxy(target: string, options?: KamailioOptions): Promise<Kamailio> {
  const started = await startKamailio(target, options);
  closers.push(started.close);
  return started;
}

/** A call to sipp, which plays the steps. */
async function callTo(
  steps: Step[],
  over: Partial<Parameters<typeof dial>[1]> = {},
): Promise<{ call: RunningCall; sipp: Sipp }> {
  const sipp = await startSippSteps(steps);
  return { sipp, call: dial(userAgent, { provider: { hostname: sipp.host }, ...over }) };
}

function messagesOnly(call: RunningCall) {
  return wire(call.snapshot()).filter((line) => !line.startsWith('note'));
}
function notes(call: RunningCall) {
  return call.snapshot().notes.map(({ text }) => text);
}

function answer(lines: string[] = []): Step {
  return { respond: '200 OK', lines, sdp: sdp(), retransmit: true };
}
function byeFromThem(cseq = 1): Step[] {
  return [{ request: 'BYE', cseq }, { receiveStatus: 200 }];
}
const BYE_FROM_US: Step[] = [{ receive: 'BYE' }, { respond: '200 OK', tag: '' }];

describe('rejections:', () => {
  test.each([
    ['400 Bad Request', 'failed'],
    ['401 Unauthorized', 'failed'],
    ['402 Payment Required', 'failed'],
    ['403 Forbidden', 'failed'],
    ['404 Not Found', 'failed'],
    ['405 Method Not Allowed', 'failed'],
    ['408 Request Timeout', 'no_answer'],
    ['410 Gone', 'failed'],
    ['420 Bad Extension', 'failed'],
    ['480 Temporarily Unavailable', 'no_answer'],
    ['483 Too Many Hops', 'failed'],
    ['484 Address Incomplete', 'failed'],
    ['486 Busy Here', 'busy'],
    ['487 Request Terminated', 'failed'],
    ['488 Not Acceptable Here', 'failed'],
    ['500 Server Internal Error', 'failed'],
    ['502 Bad Gateway', 'failed'],
    ['503 Service Unavailable', 'failed'],
    ['504 Server Time-out', 'failed'],
    ['600 Busy Everywhere', 'busy'],
    ['603 Decline', 'no_answer'],
    ['604 Does Not Exist Anywhere', 'failed'],
    ['606 Not Acceptable', 'failed'],
  ])('%s is %s, acknowledged and kept', async (status, reason) => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '100 Trying', tag: '' },
      { respond: status, retransmit: true },
      { receive: 'ACK' },
    ]);
    const code = Number(status.slice(0, 3));
    expect(await call.ended).toEqual({ by: 'remote', reason, sipStatus: code });
    await sipp.finished();
    expect(messagesOnly(call).slice(0, 4)).toEqual([
      'sent INVITE',
      'received 100 INVITE',
      `received ${code} INVITE`,
      'sent ACK',
    ]);
  });

  test('a redirect is not followed, and its target is reported', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '302 Moved Temporarily', retransmit: true },
      { receive: 'ACK' },
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 302 });
    await sipp.finished();
    expect(call.snapshot().messages.at(-1)?.raw).toMatch(
      /^SIP\/2\.0 302 Redirect not followed: Moved Temporarily to <sip:callee@127\.0\.0\.1:\d+>\r\n/,
    );
  });

  test.each([
    ['+155500486', 'busy', 486],
    ['+155500403', 'failed', 403],
  ])('kamailio rejects %s', async (number, reason, sipStatus) => {
    const carrier = await proxy('127.0.0.1:9');
    const call = dial(userAgent, { provider: { hostname: carrier.host }, destination: tel(number) });
    expect(await call.ended).toEqual({ by: 'remote', reason, sipStatus });
    expect(messagesOnly(call)).toEqual(['sent INVITE', `received ${sipStatus} INVITE`, 'sent ACK']);
  });

  test('baresip declines', async () => {
    const callee = await phone('manual');
    const carrier = await proxy(callee.host);
    const call = dial(userAgent, { provider: { hostname: carrier.host } });
    await call.ringing;
    await callee.command('hangup');
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  });
});

describe('early dialogs:', () => {
  test('183 with media is not ringing, 180 is, and both are kept', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '183 Session Progress', sdp: sdp() },
      { pauseMs: 50 },
      { respond: '180 Ringing' },
      { respond: '180 Ringing' },
      answer(),
      { receive: 'ACK' },
      ...byeFromThem(),
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
    expect(call.events).toEqual(['ringing', 'answered', 'ended']);
    expect(messagesOnly(call)).toEqual([
      'sent INVITE',
      'received 183 INVITE',
      'received 180 INVITE',
      'received 180 INVITE',
      'received 200 INVITE',
      'sent ACK',
      'received BYE',
      'sent 200 BYE',
    ]);
  });

  test('two phones ring, the second answers', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '180 Ringing', tag: 'first' },
      { respond: '180 Ringing', tag: 'second' },
      { respond: '200 OK', tag: 'second', sdp: sdp(), retransmit: true },
      { receive: 'ACK' },
      { request: 'BYE', cseq: 1, tag: 'second' },
      { receiveStatus: 200 },
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
  });

  test('OPTIONS gets a response while it rings', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '180 Ringing' },
      { request: 'OPTIONS', cseq: 1 },
      { receiveStatus: 200 },
    ]);
    await sipp.finished();
    expect(messagesOnly(call)).toEqual([
      'sent INVITE',
      'received 180 INVITE',
      'received OPTIONS',
      'sent 200 OPTIONS',
    ]);
  });

  test('baresip plays early media, which is counted', async () => {
    const callee = await phone('early');
    const carrier = await proxy(callee.host);
    const call = dial(userAgent, { provider: { hostname: carrier.host } });
    await expect.poll(() => messagesOnly(call)).toContain('received 183 INVITE');
    await callee.command('accept');
    await call.answered;
    await expect.poll(() => call.statistics()?.received.packets ?? 0).toBeGreaterThan(10);
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
  });
});

describe('hangup', () => {
  test('before any response ends the call once there is one', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { pauseMs: 1_500 },
      { respond: '100 Trying', tag: '' },
      { receive: 'CANCEL' },
      { respond: '200 OK', tag: '' },
    ]);
    await expect.poll(() => messagesOnly(call)).toEqual(['sent INVITE']);
    call.hangup();
    await sipp.finished();
    expect(messagesOnly(call)).toEqual([
      'sent INVITE',
      'received 100 INVITE',
      'sent CANCEL',
      'received 200 CANCEL',
    ]);
  });

  test('while it rings sends CANCEL', async () => {
    const sipp = await startSipp('ring');
    const call = dial(userAgent, { provider: { hostname: sipp.host } });
    await call.ringing;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 487 });
    await sipp.finished();
    expect(messagesOnly(call).slice(-4)).toEqual([
      'sent CANCEL',
      'received 200 CANCEL',
      'received 487 INVITE',
      'sent ACK',
    ]);
  });

  test('whose CANCEL is rejected with 481 sends nothing more', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '180 Ringing' },
      { receive: 'CANCEL' },
      { respond: '481 Call/Transaction Does Not Exist', tag: '' },
    ]);
    await call.ringing;
    call.hangup();
    await sipp.finished();
    expect(messagesOnly(call).slice(-2)).toEqual(['sent CANCEL', 'received 481 CANCEL']);
  });

  test.each([
    ['by us', 'local'],
    ['by them', 'remote'],
  ])('of an answered call %s, with kamailio and baresip', async (_what, by) => {
    const callee = await phone('auto');
    const carrier = await proxy(callee.host);
    const call = dial(userAgent, { provider: { hostname: carrier.host } });
    await call.answered;
    if (by === 'local') call.hangup();
    else await callee.command('hangup');
    expect(await call.ended).toEqual({ by, reason: 'normal' });
    expect(messagesOnly(call).slice(-2)).toEqual(
      by === 'local' ? ['sent BYE', 'received 200 BYE'] : ['received BYE', 'sent 200 BYE'],
    );
  });

  test('by the dial timeout sends CANCEL to baresip', async () => {
    const callee = await phone('manual');
    const carrier = await proxy(callee.host);
    const call = dial(userAgent, { provider: { hostname: carrier.host }, dialTimeoutMs: 600 });
    expect(await call.ended).toEqual({ by: 'local', reason: 'dialout', sipStatus: 487 });
  });
});

describe('digest:', () => {
  const account = (auth_password: string) => ({ auth_username: 'user', auth_password });

  test('kamailio accepts the right password', async () => {
    const callee = await phone('auto');
    const carrier = await proxy(callee.host);
    const call = dial(userAgent, {
      provider: { hostname: carrier.host, ...account('secret') },
      destination: tel('+155500407'),
    });
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    const kept = call
      .snapshot()
      .messages.map(({ raw }) => raw)
      .join('');
    expect(kept).toContain('response="redacted"');
    expect(kept).not.toMatch(/response="[0-9a-f]/);
  });

  test('kamailio rejects a wrong password once', async () => {
    const carrier = await proxy('127.0.0.1:9');
    const call = dial(userAgent, {
      provider: { hostname: carrier.host, ...account('wrong') },
      destination: tel('+155500407'),
    });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 407 });
    expect(messagesOnly(call).filter((line) => line === 'sent INVITE').length).toBe(2);
  });

  test('no account is reported with the realm', async () => {
    const carrier = await proxy('127.0.0.1:9');
    const call = dial(userAgent, { provider: { hostname: carrier.host }, destination: tel('+155500407') });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 407 });
    expect(messagesOnly(call)).toEqual([
      'sent INVITE',
      'received 407 INVITE',
      'sent ACK',
      'local 407 INVITE',
    ]);
    expect(call.snapshot().messages.at(-1)?.raw).toContain('No account for the challenge of "carrier"');
  });
});

describe('dialogs:', () => {
  test.each([
    ['a refresh', [], 'sendrecv'],
    ['hold', ['a=sendonly'], 'recvonly'],
    ['hold for both', ['a=inactive'], 'inactive'],
  ])('%s by sipp is answered with 200 and our SDP', async (_what, lines, direction) => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      answer(),
      { receive: 'ACK' },
      { request: 'INVITE', cseq: 1, sdp: sdp(...lines) },
      { receiveStatus: 200 },
      { request: 'ACK', cseq: 1 },
      ...byeFromThem(2),
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
    const response = call
      .snapshot()
      .messages.find(({ raw }) => raw.startsWith('SIP/2.0 200') && raw.includes('Supported: timer'));
    expect(response?.raw).toContain(`a=${direction}\r\n`);
  });

  test('a re-INVITE without an offer is answered with ours', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      answer(),
      { receive: 'ACK' },
      { request: 'INVITE', cseq: 1 },
      { receiveStatus: 200 },
      { request: 'ACK', cseq: 1, sdp: sdp() },
      ...byeFromThem(2),
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
  });

  test('baresip holds and resumes', async () => {
    const callee = await phone('auto');
    const carrier = await proxy(callee.host);
    const call = dial(userAgent, { provider: { hostname: carrier.host } });
    await call.answered;
    await callee.command('hold');
    await expect.poll(() => messagesOnly(call).filter((line) => line === 'sent 200 INVITE').length).toBe(1);
    await callee.command('resume');
    await expect.poll(() => messagesOnly(call).filter((line) => line === 'sent 200 INVITE').length).toBe(2);
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
  });

  test('422 is followed with the interval it asks for', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '422 Session Interval Too Small', lines: ['Min-SE: 3600'], retransmit: true },
      { receive: 'ACK' },
      { receive: 'INVITE' },
      answer(['Session-Expires: 3600;refresher=uas']),
      { receive: 'ACK' },
      ...BYE_FROM_US,
    ]);
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    await sipp.finished();
    const invites = call.snapshot().messages.filter(({ raw }) => raw.startsWith('INVITE '));
    expect(invites.map(({ raw }) => /^Session-Expires: (\d+)/m.exec(raw)?.[1])).toEqual(['1800', '3600']);
  });

  test('a far end that has died ends the call', async () => {
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: QUICK_TIMERS, keepAliveMs: 300 });
    const { call, sipp } = await callTo([{ receive: 'INVITE' }, answer(), { receive: 'ACK' }]);
    await sipp.finished();
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(messagesOnly(call)).toContain('sent OPTIONS');
    expect(notes(call).some((text) => text.includes('No response to OPTIONS'))).toBe(true);
  });
});

describe('media:', () => {
  test('both directions are counted with baresip', async () => {
    const callee = await phone('auto');
    const call = dial(userAgent, {
      provider: { hostname: callee.host },
      destination: sip(`phone@${callee.host}`),
    });
    await call.answered;
    await expect.poll(() => call.statistics()?.received.packets ?? 0).toBeGreaterThan(25);
    call.hangup();
    await call.ended;
    const { received, sent } = call.statistics() ?? { received: undefined, sent: undefined };
    expect(sent?.packets).toBeGreaterThan(10);
    expect(received).toMatchObject({ errors: 0, lost: expect.any(Number), jitterMs: expect.any(Number) });
  });

  test('one-way audio is visible: sipp sends nothing', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      answer(),
      { receive: 'ACK' },
      { pauseMs: 300 },
      ...byeFromThem(),
    ]);
    await call.ended;
    await sipp.finished();
    const statistics = call.statistics();
    expect(statistics?.sent.packets).toBeGreaterThan(2);
    expect(statistics?.received).toEqual({ packets: 0, bytes: 0, errors: 0 });
  });
});

describe('grammar:', () => {
  test.each([
    ['no reason phrase', '486', []],
    ['Latin-1 in the reason phrase', '486 Occup\xe9', []],
    ['Latin-1 in Server', '486 Busy Here', ['Server: T\xe9l\xe9phone']],
    ['a Date of one digit', '486 Busy Here', ['Date: Thu, 1 Jan 2026 0:00:00 CET']],
    ['"#" in a Contact', '486 Busy Here', ['Contact: <sip:1#2@a_b>']],
    ['a line without a colon', '486 Busy Here', ['Hello']],
    ['200 headers', '486 Busy Here', Array.from({ length: 200 }, (_, index) => `X-${index}: y`)],
  ])('a rejection with %s is one', async (_what, status, lines) => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: status, lines, retransmit: true },
      { receive: 'ACK' },
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    await sipp.finished();
    expect(messagesOnly(call).slice(0, 3)).toEqual(['sent INVITE', 'received 486 INVITE', 'sent ACK']);
  });

  test('a BYE with Latin-1 in its Reason ends the call', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      answer(),
      { receive: 'ACK' },
      { request: 'BYE', cseq: 1, lines: ['Reason: Q.850;cause=16;text="Termin\xe9"'] },
      { receiveStatus: 200 },
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
    expect(call.snapshot().messages.at(-2)?.raw).toContain('text="Terminé"');
  });

  test('a request that cannot be read is rejected with 400', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      answer(),
      { receive: 'ACK' },
      { request: 'INFO', cseq: 1, lines: ['Content-Length: none'] },
      { receiveStatus: 400 },
      ...byeFromThem(2),
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
    expect(call.snapshot().messages.some(({ understood }) => understood === false)).toBe(true);
  });
});

describe('strays:', () => {
  test('responses that are not ours are discarded and noted', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { respond: '486 Busy Here', tag: 'x', lines: ['Via: SIP/2.0/UDP 127.0.0.9;branch=z9hG4bKother'] },
      answer(),
      { receive: 'ACK' },
      ...byeFromThem(),
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    await sipp.finished();
    expect(notes(call)[0]).toMatch(/^Discarded 486 Busy Here .*: it has more than one Via\.$/);
  });

  test('a late answer after the end is acknowledged, hung up and kept', async () => {
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), timers: { ...QUICK_TIMERS, t1: 20 } });
    const peer = await RawPeer.open();
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    const invite = await peer.next('INVITE');
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await call.ringing;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'cancel' });
    peer.answer(invite);
    await peer.next('ACK');
    peer.respond(await peer.next('BYE'), '200 OK');
    await expect.poll(() => messagesOnly(call).slice(-1)).toEqual(['received 200 BYE']);
    peer.close();
  });
});

describe('floods:', () => {
  test('300 provisional responses do not hide the 486', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      { times: 300, steps: [{ respond: '180 Ringing' }, { pauseMs: 1 }] },
      { respond: '486 Busy Here', retransmit: true },
      { receive: 'ACK' },
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    await sipp.finished();
    const lines = messagesOnly(call);
    expect([lines[0], ...lines.slice(-2)]).toEqual(['sent INVITE', 'received 486 INVITE', 'sent ACK']);
    expect(notes(call)).toEqual([expect.stringMatching(/^1\d\d messages before this one are not kept\.$/)]);
  });

  test('300 OPTIONS do not hide the BYE', async () => {
    const peer = await RawPeer.open();
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    const invite = await peer.next('INVITE');
    peer.answer(invite);
    await call.answered;
    for (let cseq = 1; cseq <= 300; cseq += 1) {
      peer.request(invite, 'OPTIONS', cseq);
      await peer.next('SIP/2.0 200');
    }
    peer.request(invite, 'BYE', 301);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    expect(messagesOnly(call).slice(-2)).toEqual(['received BYE', 'sent 200 BYE']);
    expect(notes(call).at(-1)).toMatch(/ messages before this one are not kept\.$/);
    peer.close();
  });
});

describe('sizes:', () => {
  const tech_headers = { 'X-Large': 'x'.repeat(1_300) };

  test('a large INVITE goes to kamailio over TCP', async () => {
    const callee = await phone('auto');
    const carrier = await proxy(callee.host, { tcp: true });
    const call = dial(userAgent, { provider: { hostname: carrier.host, tech_headers } });
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(call.snapshot().messages[0]).toMatchObject({
      transport: 'tcp',
      raw: expect.stringContaining('SIP/2.0/TCP'),
    });
    expect(notes(call)[0]).toMatch(/is sent over TCP instead of UDP\.$/);
  });

  test('a large INVITE goes over UDP, with a note, when kamailio has no TCP', async () => {
    const carrier = await proxy('127.0.0.1:9');
    const call = dial(userAgent, {
      provider: { hostname: carrier.host, tech_headers },
      destination: tel('+155500486'),
    });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    expect(notes(call)[0]).toMatch(/is sent over UDP: 127\.0\.0\.1:\d+ refuses TCP \(ECONNREFUSED\)\.$/);
  });

  test('a large response is read whole', async () => {
    const { call, sipp } = await callTo([
      { receive: 'INVITE' },
      {
        respond: '486 Busy Here',
        lines: Array.from({ length: 40 }, () => `X: ${'y'.repeat(1_000)}`),
        retransmit: true,
      },
      { receive: 'ACK' },
    ]);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    await sipp.finished();
    expect(call.snapshot().messages[1]?.raw.length).toBeGreaterThan(40_000);
  });
});

describe('SRV:', () => {
  const hostname = 'carrier.test';
  const withNames = async (zone: DnsmasqZone) => {
    const names = await startDnsmasq(zone);
    closers.push(names.close);
    await userAgent.close();
    userAgent = new UserAgent({
      allow: parseAllowList('carrier.test'),
      resolver: resolverAt([names.address]),
    });
  };
  const addresses: [string, string][] = [['a.carrier.test', '127.0.0.1']];

  test('the record of lowest priority is called', async () => {
    const carrier = await proxy('127.0.0.1:9');
    await withNames({
      srv: [
        ['_sip._udp.carrier.test', `a.carrier.test,9,20,1`],
        ['_sip._udp.carrier.test', `a.carrier.test,${carrier.port},10,1`],
      ],
      addresses,
    });
    const call = dial(userAgent, { provider: { hostname }, destination: tel('+155500486') });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    expect(messagesOnly(call)).toEqual(['sent INVITE', 'received 486 INVITE', 'sent ACK']);
  });

  test('a closed port and a 503 lead to the next records', async () => {
    const carrier = await proxy('127.0.0.1:9');
    const sipp = await startSippSteps([
      { receive: 'INVITE' },
      { respond: '503 Service Unavailable', retransmit: true },
      { receive: 'ACK' },
    ]);
    await withNames({
      srv: [
        ['_sip._udp.carrier.test', `a.carrier.test,9,1,1`],
        ['_sip._udp.carrier.test', `a.carrier.test,${sipp.port},2,1`],
        ['_sip._udp.carrier.test', `a.carrier.test,${carrier.port},3,1`],
      ],
      addresses,
    });
    const call = dial(userAgent, { provider: { hostname }, destination: tel('+155500486') });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    await sipp.finished();
    expect(messagesOnly(call)).toEqual([
      'sent INVITE',
      'local 503 INVITE',
      'sent INVITE',
      'received 503 INVITE',
      'sent ACK',
      'sent INVITE',
      'received 486 INVITE',
      'sent ACK',
    ]);
  });

  test('"." means that there is no such service', async () => {
    await withNames({ srv: [['_sip._udp.carrier.test', '']] });
    const call = dial(userAgent, { provider: { hostname } });
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(call.snapshot().messages[0]?.raw).toMatch(
      /^SIP\/2\.0 478 carrier\.test offers no SIP over UDP \(SRV "\."\)\r\n/,
    );
  });

  test('without SRV records the address decides', async () => {
    const carrier = await proxy('127.0.0.1:9');
    await withNames({ addresses: [['carrier.test', '127.0.0.1']] });
    const call = dial(userAgent, {
      provider: { hostname: `${hostname}:${carrier.port}` },
      destination: tel('+155500486'),
    });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  });
});

describe('TCP and TLS:', () => {
  test('a call over TCP goes through kamailio to baresip', async () => {
    const callee = await phone('auto');
    const carrier = await proxy(callee.host, { tcp: true });
    const call = dial(userAgent, { provider: { hostname: `${carrier.host};transport=tcp` } });
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(call.snapshot().messages[0]?.transport).toBe('tcp');
    expect(messagesOnly(call).slice(-2)).toEqual(['sent BYE', 'received 200 BYE']);
  });

  /** A key and a certificate for 127.0.0.1 that signs itself. */
  function selfSigned(): { key: string; cert: string } {
    const folder = mkdtempSync(join(tmpdir(), 'sip-tls-'));
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      execFileSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=carrier'],
          ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
        ],
        { stdio: 'ignore' },
      );
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each([
    [
      'sips:',
      (host: string) => ({ provider: { hostname: host }, destination: sip('sips:alice@phone.test') }),
    ],
    [';transport=tls', (host: string) => ({ provider: { hostname: `${host};transport=tls` } })],
  ])('%s is placed over TLS when the certificate is trusted', async (_what, input) => {
    const certificate = selfSigned();
    await userAgent.close();
    userAgent = new UserAgent({ allow: parseAllowList(''), tls: { ca: certificate.cert } });
    const peer = await StreamPeer.open(certificate);
    closers.push(() => peer.close());
    const call = dial(userAgent, input(peer.host));
    const invite = await peer.next('INVITE');
    expect(invite.text).toMatch(/^Via: SIP\/2\.0\/TLS /m);
    peer.respond(invite, '200 OK', {
      tag: 'peer',
      lines: [`Contact: <sip:peer@${peer.host};transport=tls>`],
    });
    await peer.next('ACK');
    await call.answered;
    call.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(new Set(call.snapshot().messages.map(({ transport }) => transport))).toEqual(new Set(['tls']));
    expect(peer.sockets.length).toBe(1);
  });

  test('a certificate that is not trusted is reported', async () => {
    const peer = await StreamPeer.open(selfSigned());
    closers.push(() => peer.close());
    const call = dial(userAgent, { provider: { hostname: `${peer.host};transport=tls` } });
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(call.snapshot().messages[0]?.raw).toMatch(
      /^SIP\/2\.0 503 The certificate of 127\.0\.0\.1 at 127\.0\.0\.1:\d+ is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)\r\n/,
    );
  });
});

describe('restart:', () => {
  test('calls that are answered, ringing or without any response have their outcome when it closes', async () => {
    const [talking, ringing, silent] = [await phone('auto'), await phone('manual'), await RawPeer.open()];
    const to = (host: string) =>
      dial(userAgent, { provider: { hostname: host }, destination: sip(`phone@${host}`) });
    const [answered, alerting, unanswered] = [to(talking.host), to(ringing.host), to(silent.host)];
    await answered.answered;
    await alerting.ringing;
    await silent.next('INVITE');
    await userAgent.close();
    expect([answered, alerting, unanswered].map(({ events }) => events.at(-1))).toEqual([
      'ended',
      'ended',
      'ended',
    ]);
    expect(await Promise.all([answered.ended, alerting.ended, unanswered.ended])).toEqual([
      { by: 'local', reason: 'normal' },
      { by: 'local', reason: 'cancel', sipStatus: 487 },
      { by: 'local', reason: 'cancel' },
    ]);
    expect(messagesOnly(answered).slice(-2)).toEqual(['sent BYE', 'received 200 BYE']);
    expect(messagesOnly(alerting)).toContain('sent CANCEL');
    silent.close();
  });
});
