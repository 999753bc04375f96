import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';
import { SipSyntaxError } from '../src/scanner.ts';
import { readUnreadable, rejectionOf } from '../src/unreadable-message.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, wire } from './call-fixture.ts';
import { header, RawPeer, type Seen } from './raw-peer.ts';

const BYE = [
  'BYE sip:us@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK1',
  'f: <sip:them@127.0.0.1>;tag=theirs',
  'To: <sip:us@127.0.0.1',
  'i: call',
  'CSeq: 1 BYE',
  'no header at all',
];

describe('an unreadable message', () => {
  test('still shows which call it belongs to', () => {
    expect(readUnreadable(BYE.join('\r\n'))).toEqual({
      kind: 'request',
      method: 'BYE',
      callId: 'call',
      lines: [
        { name: 'via', value: 'SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK1' },
        { name: 'from', value: '<sip:them@127.0.0.1>;tag=theirs' },
        { name: 'to', value: '<sip:us@127.0.0.1' },
        { name: 'call-id', value: 'call' },
        { name: 'cseq', value: '1 BYE' },
      ],
    });
  });

  test.each([
    ['', 'neither'],
    ['hello', 'neither'],
    ['\r\n\r\n', 'neither'],
    ['SIP/2.0 999 What', 'response'],
    ['sip/9 hello', 'response'],
    ['INVITE sip:a b SIP/2.0', 'request'],
  ])('%j is a %s', (text, kind) => {
    expect(readUnreadable(text).kind).toBe(kind);
  });

  test('is rejected with its own header fields', () => {
    const origin = { address: '127.0.0.1', port: 5_070 };
    const rejection = rejectionOf(readUnreadable(BYE.join('\n')), origin, new SipSyntaxError('bad <To>'));
    expect(Buffer.from(rejection ?? []).toString()).toMatch(
      new RegExp(
        [
          '^SIP/2.0 400 Bad Request \\(bad <To>\\)',
          'Via: SIP/2.0/UDP 127.0.0.1:9;rport=5070;branch=z9hG4bK1;received=127.0.0.1',
          'From: <sip:them@127.0.0.1>;tag=theirs',
          'To: <sip:us@127.0.0.1;tag=[0-9a-f]+',
          'Call-ID: call',
          'CSeq: 1 BYE',
          'Server: ProviderCall/0.1',
          'Content-Length: 0',
          '',
          '$',
        ].join('\r\n'),
      ),
    );
  });

  test.each([
    ['without a Via', BYE.filter((line) => !line.startsWith('Via'))],
    ['without a Call-ID', BYE.filter((line) => !line.startsWith('i:'))],
    [
      'with a control character where it would be sent back',
      BYE.map((line) => line.replace('theirs', 'th\u0000')),
    ],
  ])('%s is not rejected', (_what, lines) => {
    const error = new SipSyntaxError('bad');
    const origin = { address: '127.0.0.1', port: 5_070 };
    expect(rejectionOf(readUnreadable(lines.join('\r\n')), origin, error)).toBeUndefined();
  });
});

describe('nothing disappears:', () => {
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

  async function establish() {
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    const invite = await peer.next('INVITE');
    peer.answer(invite);
    await peer.next('ACK');
    await call.answered;
    return { call, invite };
  }

  /** The response of a peer whose habits are not RFC 3261's. */
  const respond = (invite: Seen, statusLine: string, ...lines: string[]) => {
    const text = [
      statusLine,
      `Via: ${header(invite, 'Via')}`,
      `From: ${header(invite, 'From')}`,
      `To: ${header(invite, 'To')};tag=peer`,
      `Call-ID: ${header(invite, 'Call-ID')}`,
      `CSeq: ${header(invite, 'CSeq')}`,
      ...lines,
      'Content-Length: 0',
      '',
      '',
    ];
    return (newline: string) => peer.sendRaw(Buffer.from(text.join(newline), 'latin1'), invite.from.port);
  };

  test.each([
    ['Latin-1 in the reason phrase', 'SIP/2.0 486 Occupé', [], '\r\n'],
    ['no reason phrase', 'SIP/2.0 486', [], '\r\n'],
    ['an empty reason phrase', 'SIP/2.0 486 ', [], '\r\n'],
    ['Latin-1 in Server', 'SIP/2.0 486 Busy Here', ['Server: Téléphone'], '\r\n'],
    ['a Date of one digit', 'SIP/2.0 486 Busy Here', ['Date: Thu, 1 Jan 2026 1:00:00 CET'], '\r\n'],
    ['bare line feeds', 'SIP/2.0 486 Busy Here', [], '\n'],
    ['a line without a colon', 'SIP/2.0 486 Busy Here', ['Hello'], '\r\n'],
    ['300 headers', 'SIP/2.0 486 Busy Here', Array.from({ length: 300 }, () => 'X: y'), '\r\n'],
    ['a header of 40,000 characters', 'SIP/2.0 486 Busy Here', [`X: ${'y'.repeat(40_000)}`], '\r\n'],
    ['"#" in a Contact', 'SIP/2.0 486 Busy Here', ['Contact: <sip:1#2@a_b>'], '\r\n'],
  ])('a rejection with %s is a rejection', async (_what, statusLine, lines, newline) => {
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    respond(await peer.next('INVITE'), statusLine, ...lines)(newline);
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
    await peer.next('ACK');
    const { messages } = call.snapshot();
    expect(messages[1]?.raw.startsWith(statusLine.trimEnd())).toBe(true);
    expect(messages[1]).not.toHaveProperty('understood');
  });

  test.each([
    ['a Contact that cannot be read', 'Contact: <sip:a b@127.0.0.1>'],
    ['a Record-Route that cannot be read', 'Record-Route: sip:127.0.0.1'],
  ])('an answer with %s is acknowledged and hung up', async (_what, line) => {
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    respond(await peer.next('INVITE'), 'SIP/2.0 200 OK', line)('\r\n');
    await peer.next('ACK');
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(call.snapshot().notes[0]?.text).toContain('which cannot be done');
  });

  test('a BYE with Latin-1 in its Reason ends the call', async () => {
    const { call, invite } = await establish();
    const bye = [
      `BYE ${header(invite, 'Contact').slice(1, -1)} SIP/2.0`,
      `Via: SIP/2.0/UDP ${peer.host};branch=z9hG4bKbye`,
      `From: ${header(invite, 'To')};tag=peer`,
      `To: ${header(invite, 'From')}`,
      `Call-ID: ${header(invite, 'Call-ID')}`,
      'CSeq: 1 BYE',
      'Reason: Q.850;cause=16;text="Terminé"',
      '',
      '',
    ].join('\r\n');
    peer.sendRaw(Buffer.from(bye, 'latin1'), invite.from.port);
    await peer.next('SIP/2.0 200');
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    expect(call.snapshot().messages.at(-2)?.raw).toBe(bye);
  });

  test('a request that cannot be read is rejected with 400 and kept', async () => {
    const { call, invite } = await establish();
    const bad = [
      `BYE ${header(invite, 'Contact').slice(1, -1)} SIP/2.0`,
      `Via: SIP/2.0/UDP ${peer.host};branch=z9hG4bKbad`,
      `From: "unbalanced <sip:peer@127.0.0.1>;tag=peer`,
      `To: ${header(invite, 'From')}`,
      `Call-ID: ${header(invite, 'Call-ID')}`,
      'CSeq: 1 BYE',
      '',
      '',
    ].join('\r\n');
    peer.sendRaw(bad, invite.from.port);
    const rejection = await peer.next('SIP/2.0 400');
    expect([header(rejection, 'Call-ID'), header(rejection, 'CSeq')]).toEqual([
      header(invite, 'Call-ID'),
      '1 BYE',
    ]);
    expect(wire(call.snapshot()).slice(-3)).toEqual([
      'received BYE',
      expect.stringContaining('was not understood: unbalanced quote'),
      'sent 400 BYE',
    ]);
    const kept = call.snapshot().messages.find(({ understood }) => understood === false);
    expect(kept).toMatchObject({ raw: bad, why: expect.stringMatching(/^not understood: unbalanced quote/) });
    expect(call.events).toEqual(['answered']);
  });

  test('a response that cannot be read is kept, and does not count', async () => {
    const call = dial(userAgent, { provider: { hostname: peer.host } });
    const invite = await peer.next('INVITE');
    respond(invite, 'SIP/2.0 999 Beyond')('\r\n');
    await expect.poll(() => call.snapshot().messages[1]?.understood).toBe(false);
    peer.respond(invite, '486 Busy Here', { tag: 'peer' });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  });

  test.each([
    ['INVITE sip:us@127.0.0.1 SIP/3.0', '505'],
    ['INVITE sip:us@127.0.0.1?Route=x SIP/2.0', '400'],
  ])('%s is rejected with %s', async (line, status) => {
    const { invite } = await establish();
    const lines = ['f: <sip:a@b>;tag=1', 't: <sip:us@127.0.0.1>', 'i: other', 'CSeq: 1 INVITE', '', ''];
    peer.sendRaw(
      [line, `v: SIP/2.0/UDP ${peer.host};branch=z9hG4bKv`, ...lines].join('\r\n'),
      invite.from.port,
    );
    await peer.next(`SIP/2.0 ${status} `);
  });

  test('an ACK that cannot be read gets no response', async () => {
    const { invite } = await establish();
    const lines = ['f: <sip:a@b', 't: <sip:us@127.0.0.1>', 'i: other', 'CSeq: 1 ACK', '', ''];
    peer.sendRaw(
      ['ACK sip:us@127.0.0.1 SIP/2.0', `v: SIP/2.0/UDP ${peer.host};branch=z9hG4bKa`, ...lines].join('\r\n'),
      invite.from.port,
    );
    // Whatever came before it has been read once this is answered.
    peer.request(invite, 'OPTIONS', 1);
    await peer.next('SIP/2.0 200');
    expect(peer.count('SIP/2.0 400')).toBe(0);
  });
});
