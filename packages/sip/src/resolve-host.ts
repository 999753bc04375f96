import { lookup, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { HostPort } from './uri.ts';

export type Destination = { address: string; port: number };

export type Resolver = {
  srv(name: string): Promise<{ name: string; port: number; priority: number; weight: number }[]>;
  address(host: string): Promise<string>;
};

export const systemResolver: Resolver = {
  srv: resolveSrv,
  address: async (host) => (await lookup(host)).address,
};

/**
 * Where a host is reached over UDP (RFC 3263 4.2): a number as it stands; a name with a port by its address; a name alone
 * by its SRV record of lowest priority, else by its address and port 5060. Rejects when the name is not known.
 */
export async function resolveHost({ host, port }: HostPort, resolver: Resolver): Promise<Destination> {
  if (isIP(host) !== 0) return { address: host, port: port ?? 5060 };
  if (port !== undefined) return { address: await resolver.address(host), port };
  // No record and no answer from the name server mean the same here: the address decides.
  const records = await resolver.srv(`_sip._udp.${host}`).catch(() => []);
  const best = records.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)[0];
  if (best === undefined || best.name === '') return { address: await resolver.address(host), port: 5060 };
  return { address: await resolver.address(best.name), port: best.port };
}
