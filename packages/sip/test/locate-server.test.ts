import { describe, expect, test } from 'vitest';
import {
  locateServer,
  NoAddressError,
  orderSrvRecords,
  type Resolver,
  type SrvRecord,
} from '../src/locate-server.ts';

function srv(name: string, port: number, priority: number, weight: number): SrvRecord {
  return {
    name,
    port,
    priority,
    weight,
  };
}

/** Answers from a table, ENOTFOUND for anything else. */
function resolver(names: Record<string, SrvRecord[] | string[]>): Resolver {
  const lookUp = async <T>(name: string): Promise<T[]> => {
    const found = names[name];
    if (found === undefined) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
    return found as T[];
  };
  return { srv: lookUp<SrvRecord>, addresses: lookUp<string> };
}

const NAMES = resolver({
  '_sip._udp.srv.example.com': [
    srv('late.example.com', 5061, 20, 9),
    srv('first.example.com', 5062, 10, 0),
    srv('gone.example.com', 5063, 15, 1),
  ],
  '_sip._tcp.srv.example.com': [srv('first.example.com', 5064, 1, 1)],
  '_sips._tcp.srv.example.com': [srv('first.example.com', 5065, 1, 1)],
  '_sip._udp.none.example.com': [srv('', 0, 0, 0)],
  '_sip._udp.dot.example.com': [srv('.', 0, 0, 0)],
  '_sip._udp.dead.example.com': [srv('gone.example.com', 5060, 1, 1)],
  'first.example.com': ['192.0.2.1', '2001:db8::1'],
  'late.example.com': ['192.0.2.2'],
  'plain.example.com': ['192.0.2.3', '192.0.2.4'],
  'none.example.com': ['192.0.2.5'],
  'srv.example.com': ['192.0.2.6'],
});

describe('a next hop is located', () => {
  test.each([
    ['as an IP address', { host: '192.0.2.9' }, 'udp', ['192.0.2.9 5060']],
    ['as an IPv6 address with a port', { host: '2001:db8::9', port: 5070 }, 'udp', ['2001:db8::9 5070']],
    ['over TLS at port 5061', { host: '192.0.2.9' }, 'tls', ['192.0.2.9 5061']],
    ['by name and port, without SRV', { host: 'srv.example.com', port: 5070 }, 'udp', ['192.0.2.6 5070']],
    [
      'by its SRV records in order of priority, each with all its addresses',
      { host: 'srv.example.com' },
      'udp',
      ['192.0.2.1 5062', '2001:db8::1 5062', '192.0.2.2 5061'],
    ],
    ['by the SRV records of TCP', { host: 'srv.example.com' }, 'tcp', ['192.0.2.1 5064', '2001:db8::1 5064']],
    ['by the SRV records of TLS', { host: 'srv.example.com' }, 'tls', ['192.0.2.1 5065', '2001:db8::1 5065']],
    [
      'by all its addresses without SRV records',
      { host: 'plain.example.com' },
      'udp',
      ['192.0.2.3 5060', '192.0.2.4 5060'],
    ],
  ] as const)('%s', async (_what, host, transport, expected) => {
    const targets = await locateServer({ ...host, transport }, NAMES);
    expect(targets.map(({ address, port }) => `${address} ${port}`)).toEqual(expected);
    expect(new Set(targets.map(({ name }) => name))).toEqual(new Set([host.host]));
  });

  test.each([
    ['whose SRV record is "."', 'none.example.com', 'none.example.com offers no SIP over UDP (SRV ".")'],
    [
      'whose SRV record is "." as written',
      'dot.example.com',
      'dot.example.com offers no SIP over UDP (SRV ".")',
    ],
    [
      'whose SRV targets are unknown',
      'dead.example.com',
      'None of the SRV targets of dead.example.com has an address',
    ],
    ['that is unknown', 'unknown.example.com', 'unknown.example.com has no address (ENOTFOUND)'],
  ])('unless its name is one %s', async (_what, host, message) => {
    const located = locateServer({ host, transport: 'udp' }, NAMES);
    await expect(located).rejects.toThrow(NoAddressError);
    await expect(located).rejects.toThrow(message);
  });
});

describe('SRV records of one priority', () => {
  const records = [srv('a', 1, 1, 0), srv('b', 1, 1, 30), srv('c', 1, 1, 70), srv('z', 1, 0, 0)];

  test.each([
    [0, 'zabc'],
    [0.2, 'zbca'],
    [0.9, 'zcba'],
  ])('with the random number %d are tried in the order %s', (random, expected) => {
    const order = orderSrvRecords(records, () => random).map(({ name }) => name);
    expect(order.join('')).toBe(expected);
  });

  test('are chosen as often as their weights say', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    let first = 0;
    for (let turn = 0; turn < 1_000; turn += 1) {
      if (orderSrvRecords([srv('b', 1, 1, 25), srv('c', 1, 1, 75)], random)[0]?.name === 'c') first += 1;
    }
    expect(first).toBeGreaterThan(700);
    expect(first).toBeLessThan(800);
  });
});
