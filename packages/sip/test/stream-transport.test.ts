import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { parseAllowList } from '../src/allow-list.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, sip, wire } from './call-fixture.ts';
import { freeServerPort } from './peers/free-port.ts';
import { StreamPeer } from './stream-peer.ts';

let peer: StreamPeer;
let port: number;
let userAgent: UserAgent;

beforeEach(async () => {
  peer = await StreamPeer.open();
  port = await freeServerPort();
  userAgent = new UserAgent({ allow: parseAllowList(''), port, timers: CALM_TIMERS });
});

afterEach(async () => {
  await userAgent.close();
  await peer.close();
});

function call() {
  return dial(userAgent, { provider: { hostname: `${peer.host};transport=tcp` } });
}

/** Places a call, which the far end answers. */
async function establish() {
  const running = call();
  const invite = await peer.next('INVITE');
  peer.respond(invite, '200 OK', {
    tag: 'peer',
    lines: [`Contact: <sip:peer@${peer.host};transport=tcp>`],
  });
  await peer.next('ACK');
  await running.answered;
  return { running, invite };
}

describe('a call over TCP', () => {
  test('has all its messages on one connection', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    expect(invite.text).toMatch(/^INVITE sip:\+821012345678@127\.0\.0\.1:\d+;transport=tcp SIP\/2\.0\r\n/);
    peer.respond(invite, '180 Ringing', { tag: 'peer' });
    await running.ringing;
    peer.respond(invite, '200 OK', {
      tag: 'peer',
      lines: [`Contact: <sip:peer@${peer.host};transport=tcp>`],
    });
    await peer.next('ACK');
    await running.answered;
    running.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(peer.sockets.length).toBe(1);
    expect(wire(running.snapshot()).filter((line) => !line.startsWith('note'))).toEqual([
      'sent INVITE',
      'received 180 INVITE',
      'received 200 INVITE',
      'sent ACK',
      'sent BYE',
      'received 200 BYE',
    ]);
    expect(new Set(running.snapshot().messages.map(({ transport }) => transport))).toEqual(new Set(['tcp']));
  });

  test.each([
    { otherProgram: 'nobody else', isTaken: false },
    { otherProgram: 'another program', isTaken: true },
  ])(
    'is hung up by a connection of the far end to our Contact, when $otherProgram has our port over TCP',
    async ({ isTaken }) => {
      const other = createServer((socket) => socket.destroy());
      if (isTaken) await once(other.listen(port, '127.0.0.1'), 'listening');
      onTestFinished(() => void other.close());
      const { running, invite } = await establish();
      const [, host, contactPort] = /^Contact: <sip:([\d.]+):(\d+);transport=tcp>/m.exec(invite.text) ?? [];
      expect(Number(contactPort) === port).toBe(!isTaken);
      const back = connect(Number(contactPort), host);
      const field = (name: string) => new RegExp(`^${name}: (.*)\\r$`, 'm').exec(invite.text)?.[1];
      back.write(
        [
          `BYE sip:${host}:${contactPort};transport=tcp SIP/2.0`,
          `Via: SIP/2.0/TCP ${peer.host};branch=z9hG4bKback`,
          `From: ${field('To')};tag=peer`,
          `To: ${field('From')}`,
          `Call-ID: ${field('Call-ID')}`,
          'CSeq: 1 BYE',
          'Content-Length: 0',
          '',
          '',
        ].join('\r\n'),
      );
      const response = await new Promise<string>((resolve) =>
        back.once('data', (bytes) => resolve(String(bytes))),
      );
      expect(response).toMatch(/^SIP\/2\.0 200 OK\r\n/);
      expect(await running.ended).toEqual({ by: 'remote', reason: 'normal' });
      back.destroy();
    },
  );

  test('is hung up on a new connection when the first one was closed', async () => {
    const { running, invite } = await establish();
    const closed = new Promise((resolve) => invite.socket.once('close', resolve));
    invite.socket.end();
    await closed;
    running.hangup();
    const bye = await peer.next('BYE');
    expect(bye.socket).not.toBe(invite.socket);
    peer.respond(bye, '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
  });

  test('uses the connection that exists for a Contact that cannot be connected', async () => {
    const running = call();
    const invite = await peer.next('INVITE');
    peer.respond(invite, '200 OK', { tag: 'peer', lines: ['Contact: <sip:peer@127.0.0.1:9;transport=tcp>'] });
    await peer.next('ACK sip:peer@127.0.0.1:9;transport=tcp ');
    await running.answered;
    expect(running.snapshot().notes[0]?.text).toBe(
      '127.0.0.1:9 refuses TCP (ECONNREFUSED); the connection that exists is used.',
    );
    running.hangup();
    peer.respond(await peer.next('BYE'), '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(peer.sockets.length).toBe(1);
  });

  test('fails at once when the connection is lost before any response', async () => {
    const running = call();
    (await peer.next('INVITE')).socket.destroy();
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(wire(running.snapshot())).toEqual(['sent INVITE', 'local 503 INVITE']);
  });

  test('fails at once when the port is closed', async () => {
    const running = dial(userAgent, { provider: { hostname: '127.0.0.1:9;transport=tcp' } });
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(running.snapshot().messages[0]?.raw).toMatch(
      /^SIP\/2\.0 503 127\.0\.0\.1:9 refuses TCP \(ECONNREFUSED\)\r\n/,
    );
  });

  test('is placed for a destination that asks for it', async () => {
    const running = dial(userAgent, {
      provider: { hostname: peer.host },
      destination: sip('sip:alice@phone.example.com;transport=tcp'),
    });
    peer.respond(await peer.next('INVITE sip:alice@phone.example.com;transport=tcp '), '486 Busy Here', {
      tag: 'a',
    });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  });
});

test('a keep-alive over TCP gets its pong', async () => {
  const running = call();
  const { socket } = await peer.next('INVITE');
  const pong = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes))));
  socket.write('\r\n\r\n');
  expect(await pong).toBe('\r\n');
  running.hangup();
  socket.destroy();
  await running.ended;
});

test('a ping over TCP returns the response', async () => {
  const pinged = userAgent.ping({ host: '127.0.0.1', port: peer.port, transport: 'tcp' }, 5_000);
  peer.respond(await peer.next('OPTIONS'), '200 OK', { tag: 'a' });
  expect(await pinged).toEqual({ by: 'remote', status: 200, reasonPhrase: 'OK' });
});
