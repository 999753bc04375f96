import { expect, test } from 'vitest';
import { resolveHost } from '../src/resolve-host.ts';

const srv = (name: string, port: number, priority: number, weight: number) => ({
  name,
  port,
  priority,
  weight,
});
const resolver = {
  srv: async (name: string) => {
    if (name !== '_sip._udp.srv.example.com') throw new Error('ENODATA');
    return [
      srv('late.example.com', 5061, 20, 9),
      srv('light.example.com', 5062, 10, 1),
      srv('best.example.com', 5063, 10, 5),
    ];
  },
  address: async (host: string) => (host === 'best.example.com' ? '192.0.2.3' : '192.0.2.1'),
};

test.each([
  ['a number', { host: '192.0.2.9' }, { address: '192.0.2.9', port: 5060 }],
  ['an IPv6 number with a port', { host: '2001:db8::1', port: 5070 }, { address: '2001:db8::1', port: 5070 }],
  [
    'a name with a port, without SRV',
    { host: 'srv.example.com', port: 5070 },
    { address: '192.0.2.1', port: 5070 },
  ],
  ['a name by its best SRV record', { host: 'srv.example.com' }, { address: '192.0.2.3', port: 5063 }],
  ['a name without SRV', { host: 'plain.example.com' }, { address: '192.0.2.1', port: 5060 }],
])('%s', async (_what, target, expected) => {
  expect(await resolveHost(target, resolver)).toEqual(expected);
});
