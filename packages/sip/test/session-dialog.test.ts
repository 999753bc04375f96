import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AllowList, parseAllowList } from '../src/allow-list.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, dial, wire } from './call-fixture.ts';
import { header, RawPeer, uriOf } from './raw-peer.ts';

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

describe('forked answers', () => {
  test('the first stands, the others are hung up', async () => {
    const { running, invite } = await establish({}, { tag: 'first' });
    peer.answer(invite, { tag: 'second' });
    expect(header(await peer.next('ACK'), 'To')).toContain('tag=second');
    const bye = await peer.next('BYE');
    expect(header(bye, 'To')).toContain('tag=second');
    peer.respond(bye, '200 OK');
    peer.request(invite, 'BYE', 1, { tag: 'second' });
    await peer.next('SIP/2.0 200');
    expect(running.events).toEqual(['answered']);
    peer.request(invite, 'BYE', 1, { tag: 'first', branch: 'z9hG4bKfirst' });
    expect(await running.ended).toEqual({ by: 'remote', reason: 'normal' });
  });
});

describe('routes', () => {
  test('Record-Route is followed in reverse, loosely', async () => {
    const proxy = await RawPeer.open();
    const running = call();
    peer.answer(await peer.next('INVITE'), {
      contact: '<sip:callee@192.0.2.9:5070;ob?X=1>',
      lines: [`Record-Route: <sip:192.0.2.8;lr>, <sip:${proxy.host};lr;ftag=1>`],
    });
    const ack = await proxy.next('ACK');
    await running.answered;
    expect(uriOf(ack)).toBe('sip:callee@192.0.2.9:5070;ob');
    expect(ack.text.match(/^Route: .*(?=\r)/gm)).toEqual([
      `Route: <sip:${proxy.host};lr;ftag=1>`,
      'Route: <sip:192.0.2.8;lr>',
    ]);
    running.hangup();
    const bye = await proxy.next('BYE');
    expect(uriOf(bye)).toBe('sip:callee@192.0.2.9:5070;ob');
    proxy.respond(bye, '200 OK');
    expect(await running.ended).toEqual({ by: 'local', reason: 'normal' });
    proxy.close();
  });

  test('a strict router gets its own address as Request-URI', async () => {
    const proxy = await RawPeer.open();
    const running = call();
    peer.answer(await peer.next('INVITE'), {
      contact: '<sip:callee@192.0.2.9>',
      lines: [`Record-Route: <sip:${proxy.host}>`],
    });
    const ack = await proxy.next('ACK');
    expect(uriOf(ack)).toBe(`sip:${proxy.host}`);
    expect(header(ack, 'Route')).toBe('<sip:callee@192.0.2.9>');
    await running.answered;
    running.hangup();
    proxy.respond(await proxy.next('BYE'), '200 OK');
    await running.ended;
    proxy.close();
  });

  test.each([
    ['Contact', { contact: '<sip:callee@192.0.2.9>' }],
    ['Record-Route', { lines: ['Record-Route: <sip:192.0.2.8;lr>'] }],
    ['maddr', { contact: '<sip:callee@127.0.0.1;maddr=192.0.2.9>' }],
    ['a name that leads there', { contact: '<sip:callee@elsewhere.example.com>' }],
    ['0.0.0.0', { contact: '<sip:callee@0.0.0.0>' }],
    ['a transport that we do not speak', { contact: '<sip:callee@127.0.0.1;transport=tcp>' }],
    ['a scheme that is not SIP', { contact: '<tel:+14155551234>' }],
    ['a route that is not SIP', { lines: ['Record-Route: <http://127.0.0.1>'] }],
  ])(
    'an answer that leads elsewhere by %s ends the call along the path that it came by',
    async (_what, answer) => {
      const strict = new UserAgent({
        allow: parseAllowList(''),
        timers: CALM_TIMERS,
        resolver: { srv: async () => [], addresses: async () => ['192.0.2.9'] },
      });
      const running = dial(strict, { provider: { hostname: peer.host } });
      peer.answer(await peer.next('INVITE'), answer);
      await peer.next('ACK');
      peer.respond(await peer.next('BYE'), '200 OK');
      expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
      expect(running.events).toEqual(['ended']);
      const { messages } = running.snapshot();
      const sent = messages.filter(({ destination }) => destination.port === peer.port);
      expect(sent.map(({ raw }) => raw.split(' ', 1)[0])).toEqual(['INVITE', 'ACK', 'BYE']);
      expect(messages.length).toBe(5);
      expect(
        wire(running.snapshot()).some((line) => line.startsWith('note The far end asks for requests to go')),
      ).toBe(true);
      await strict.close();
    },
  );

  test('an address that may not be dialled is not accepted from either', async () => {
    const only: AllowList = {
      loopbackOnly: true,
      allows: (address) => address === '127.0.0.1',
      allowsHost: (_host, address) => address === '127.0.0.1',
    };
    await userAgent.close();
    userAgent = new UserAgent({ allow: only, timers: CALM_TIMERS });
    const { running, invite } = await establish();
    const stranger = await RawPeer.open(0, '127.0.0.2');
    stranger.request(invite, 'BYE', 1);
    // Whatever came before it has been read once this is answered.
    const neighbour = await RawPeer.open();
    neighbour.request(invite, 'OPTIONS', 2);
    await neighbour.next('SIP/2.0 200');
    expect([running.events, stranger.all]).toEqual([['answered'], []]);
    stranger.close();
    neighbour.close();
  });

  test('a provider that SIP_ALLOW does not name is not dialled', async () => {
    const running = call({ provider: { hostname: '192.0.2.1:5060' } });
    expect(await running.ended).toEqual({ by: 'local', reason: 'failed' });
    expect(wire(running.snapshot())).toEqual(['local 403 INVITE']);
    const local = { address: '127.0.0.1', port: expect.any(Number) };
    expect(running.snapshot().messages).toEqual([
      {
        at: expect.any(Number),
        transport: 'udp',
        source: local,
        destination: local,
        raw: expect.any(String),
      },
    ]);
    expect(running.snapshot().messages[0]?.raw).toMatch(
      /^SIP\/2\.0 403 SIP_ALLOW does not name 192\.0\.2\.1:5060\r\n[\s\S]*^Warning: 399 127\.0\.0\.1:\d+ "SIP_ALLOW does not name 192\.0\.2\.1:5060"\r\n/m,
    );
  });
});
