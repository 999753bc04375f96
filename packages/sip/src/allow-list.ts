import { BlockList, isIP } from 'node:net';

export type AllowList = {
  /** Whether only this machine itself may be dialled. */
  readonly loopbackOnly: boolean;
  /** Whether a packet may be sent to, or accepted from, this IP address. */
  allows(address: string): boolean;
  /** The same for a host as written, once it has been resolved to this address. */
  allowsHost(host: string, address: string): boolean;
};

const LOOPBACK = [
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
] as const;

/**
 * Returns where SIP and RTP may go: always to loopback, and otherwise only to what `SIP_ALLOW` names: host names,
 * addresses and networks (`sip.example.com, 192.0.2.7, 198.51.100.0/24`).
 *
 * A named host stands for the addresses that it was resolved to, so that its Contact may contain the address itself.
 *
 * @throws {Error} naming the first entry that cannot be read
 */
export function parseAllowList(text: string): AllowList {
  const networks = new BlockList();
  for (const [network, prefix, family] of LOOPBACK) networks.addSubnet(network, prefix, family);
  const hosts = new Set<string>();
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  for (const entry of entries) addEntry(entry, networks, hosts);
  // A host may have many, changing addresses; keeping the latest ones is enough, and bounded.
  const found = new BoundedSet(1_000);

  const allows = (address: string) => {
    const family = isIP(address);
    return family !== 0 && (networks.check(address, family === 6 ? 'ipv6' : 'ipv4') || found.has(address));
  };
  return {
    loopbackOnly: entries.length === 0,
    allows,
    allowsHost(host, address) {
      if (isIP(host) === 0 && hosts.has(host.toLowerCase())) found.add(address);
      return allows(address);
    },
  };
}

function addEntry(entry: string, networks: BlockList, hosts: Set<string>): void {
  const [address = '', prefixText, ...more] = entry.split('/');
  const family = isIP(address);
  if (family === 0) {
    if (prefixText !== undefined || !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(entry))
      throw unreadable(entry);
    hosts.add(entry.toLowerCase());
    return;
  }
  const maxPrefix = family === 6 ? 128 : 32;
  const prefix = prefixText === undefined ? maxPrefix : Number(prefixText);
  if (more.length > 0 || prefixText === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > maxPrefix) {
    throw unreadable(entry);
  }
  networks.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
}

function unreadable(entry: string): Error {
  return new Error(`SIP_ALLOW: "${entry}" is not a host name, an address or a network`);
}

class BoundedSet {
  readonly #items = new Set<string>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }

  add(item: string): void {
    this.#items.delete(item);
    this.#items.add(item);
    const [oldest] = this.#items;
    if (this.#items.size > this.#max && oldest !== undefined) this.#items.delete(oldest);
  }
}
