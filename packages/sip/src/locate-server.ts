import { lookup, Resolver as NodeResolver, resolveSrv } from 'node:dns/promises';
import type { Endpoint, Transport } from './call-capture.ts';
import { ipFamily } from './ip-address.ts';
import type { HostPort } from './uri.ts';

/** Where a request goes, before it is resolved. */
export type NextHop = HostPort & { transport: Transport };

/** One address of a next hop. */
export type Target = Endpoint & {
  transport: Transport;
  /** The name that a TLS certificate must be issued for (RFC 5922). */
  name: string;
};

export type SrvRecord = { name: string; port: number; priority: number; weight: number };

export type Resolver = {
  srv(name: string): Promise<SrvRecord[]>;
  addresses(host: string): Promise<string[]>;
};

/** A name cannot be resolved; the message says which, and can be used as a reason phrase. */
export class NoAddressError extends Error {
  override name = 'NoAddressError';
}

/** The operating system's own resolver. */
export const SYSTEM_RESOLVER: Resolver = {
  srv: resolveSrv,
  addresses: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};

/** Returns a resolver that queries these name servers, each as `address:port`. */
export function resolverAt(servers: string[]): Resolver {
  const resolver = new NodeResolver({ timeout: 2_000, tries: 2 });
  resolver.setServers(servers);
  return {
    srv: (name) => resolver.resolveSrv(name),
    addresses: async (host) => {
      const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const found = [ipv4, ipv6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      if (found.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
      return found;
    },
  };
}

const SRV_PREFIXES = { udp: '_sip._udp.', tcp: '_sip._tcp.', tls: '_sips._tcp.' } as const;
const DEFAULT_PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const;
// More addresses than this could not all be tried within a dial timeout.
const MAX_TARGETS = 16;

/**
 * Returns the addresses of a next hop, in order of preference (RFC 3263 §4.2, §4.3). An IP address is used as it is,
 * and a name with a port by its addresses. A name alone is looked up by its SRV records, by priority and then at random
 * by weight (RFC 2782), each with all its addresses; without SRV records, its addresses are used with the default port.
 *
 * The transport is known (UDP unless the URI says otherwise), so NAPTR is not queried.
 *
 * @throws {NoAddressError} when nothing can be resolved or the SRV record says that there is no such service.
 */
export async function locateServer(
  { host, port, transport }: NextHop,
  resolver: Resolver,
  random: () => number = Math.random,
): Promise<Target[]> {
  const target = (address: string, targetPort: number): Target => ({
    address,
    port: targetPort,
    transport,
    name: host,
  });
  if (ipFamily(host) !== 0) return [target(host, port ?? DEFAULT_PORTS[transport])];
  if (port !== undefined) return (await addressesOf(host, resolver)).map((address) => target(address, port));
  const records = await srvRecordsOf(`${SRV_PREFIXES[transport]}${host}`, resolver);
  if (records.length === 0) {
    return (await addressesOf(host, resolver)).map((address) => target(address, DEFAULT_PORTS[transport]));
  }
  if (records.every(({ name }) => name === '' || name === '.')) {
    throw new NoAddressError(`${host} offers no SIP over ${transport.toUpperCase()} (SRV ".")`);
  }
  const targets: Target[] = [];
  for (const record of orderSrvRecords(records, random)) {
    if (targets.length >= MAX_TARGETS) break;
    const addresses = await addressesOf(record.name, resolver).catch(() => []);
    targets.push(...addresses.map((address) => target(address, record.port)));
  }
  if (targets.length === 0) throw new NoAddressError(`None of the SRV targets of ${host} has an address`);
  return targets.slice(0, MAX_TARGETS);
}

/** Returns the records in the order in which they are to be tried: by priority, then at random by weight (RFC 2782). */
export function orderSrvRecords(records: SrvRecord[], random: () => number): SrvRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  return priorities.flatMap((wanted) => {
    // Records of weight 0 come first, so that they have a small chance of being chosen.
    const left = records
      .filter(({ priority }) => priority === wanted)
      .toSorted((a, b) => Math.sign(a.weight) - Math.sign(b.weight));
    const ordered: SrvRecord[] = [];
    while (left.length > 0) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      const chosen = random() * total;
      let sum = 0;
      const index = left.findIndex(({ weight }) => {
        sum += weight;
        return sum >= chosen;
      });
      ordered.push(...left.splice(Math.max(index, 0), 1));
    }
    return ordered;
  });
}

async function addressesOf(host: string, resolver: Resolver): Promise<string[]> {
  let addresses: string[];
  try {
    addresses = await resolver.addresses(host);
  } catch (error) {
    throw new NoAddressError(`${host} has no address${codeOf(error)}`, { cause: error });
  }
  if (addresses.length === 0) throw new NoAddressError(`${host} has no address`);
  return addresses;
}

/**
 * Returns the SRV records of a name. If the name server fails, that counts as having none, so that the addresses are
 * used.
 */
async function srvRecordsOf(name: string, resolver: Resolver): Promise<SrvRecord[]> {
  return await resolver.srv(name).catch(() => []);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? ` (${error.code})`
    : '';
}
