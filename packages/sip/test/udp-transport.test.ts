import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Arrival } from '../src/transport.ts';
import { UdpTransport } from '../src/udp-transport.ts';
import { RawPeer } from './raw-peer.ts';

let transport: UdpTransport;
let arrivals: Arrival[];
let unreachable: string[];
let peer: RawPeer;

beforeEach(async () => {
  arrivals = [];
  unreachable = [];
  peer = await RawPeer.open();
  transport = new UdpTransport(
    { port: 0, loopbackOnly: true },
    {
      received: (arrival) => arrivals.push(arrival),
      unreachable: ({ address, port }, code) => unreachable.push(`${address}:${port} ${code}`),
    },
  );
});

afterEach(async () => {
  await transport.close();
  peer.close();
});

describe('the UDP transport', () => {
  test('sends to every peer from one port', async () => {
    const other = await RawPeer.open();
    for (const { port } of [peer, other])
      (await transport.acquire({ address: '127.0.0.1', port })).send(Buffer.from('hello'));
    const [first, second] = [await peer.next('hello'), await other.next('hello')];
    expect(first.from.port).toBe(second.from.port);
    expect(first.from.port).toBe(await transport.port());
    other.close();
  });

  test('receives from a peer it is connected to and from any other, and responds from the same port', async () => {
    const hop = await transport.acquire({ address: '127.0.0.1', port: peer.port });
    const stranger = await RawPeer.open();
    peer.sendRaw('from the peer', hop.local.port);
    stranger.sendRaw('from a stranger', hop.local.port);
    await expect
      .poll(() => arrivals.map(({ source }) => source.port).toSorted())
      .toEqual([peer.port, stranger.port].toSorted());
    for (const { respond, source } of arrivals) respond(Buffer.from('response'), source.port);
    expect([(await peer.next('response')).from.port, (await stranger.next('response')).from.port]).toEqual([
      hop.local.port,
      hop.local.port,
    ]);
    stranger.close();
  });

  test('reports a closed port at once', async () => {
    const { port } = peer;
    peer.close();
    const hop = await transport.acquire({ address: '127.0.0.1', port });
    hop.send(Buffer.from('hello'));
    await expect.poll(() => unreachable).toContain(`127.0.0.1:${port} ECONNREFUSED`);
  });

  test('reports bytes that do not fit into a datagram to whoever sent them', async () => {
    const hop = await transport.acquire({ address: '127.0.0.1', port: peer.port });
    const failed = new Promise<string>((resolve) => hop.send(Buffer.alloc(70_000), resolve));
    expect(await failed).toBe('EMSGSIZE');
    expect(unreachable).toEqual([]);
  });

  test('survives a sender at port 0, which cannot be sent a response', async () => {
    peer.sendRaw('hello', await transport.port());
    await expect.poll(() => arrivals.length).toBe(1);
    for (const port of [0, peer.port]) arrivals[0]?.respond(Buffer.from(`response to ${port}`), port);
    await peer.next(`response to ${peer.port}`);
  });

  test('cannot be acquired once it is closed, nor when its port is taken', async () => {
    const taken = createSocket('udp4');
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const other = new UdpTransport(
      { port: taken.address().port, loopbackOnly: true },
      { received() {}, unreachable() {} },
    );
    const target = { address: '127.0.0.1', port: peer.port };
    await expect(other.acquire(target)).rejects.toThrow('EADDRINUSE');
    await other.close();
    taken.close();
    await transport.close();
    await expect(transport.acquire(target)).rejects.toThrow('closed');
  });
});
