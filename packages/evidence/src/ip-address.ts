/** Returns the 4 or 16 bytes of an IP address, ignoring brackets and zone, or undefined if it is not one. */
export function addressBytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const address = bareAddress(text);
  const bytes = address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
  return bytes && Uint8Array.from(bytes);
}

function bareAddress(text: string): string {
  return text
    .trim()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
}

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split('.');
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return bytes.length === 4 && bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function ipv6Bytes(text: string): number[] | undefined {
  const address = shortestIPv6(text);
  if (address === undefined) return undefined;
  const [before = [], after = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

/**
 * Returns an IPv6 address (RFC 4291 §2.2) in its shortest form (RFC 5952), as the URL parser writes it: in lower case,
 * with at most one `::` and no IPv4 address.
 */
function shortestIPv6(text: string): string | undefined {
  const url = `http://[${text}]`;
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.slice(1, -1);
}

/**
 * Returns whether the address cannot be reached from outside its own network (RFC 1918, 3927, 4193, 6598, loopback,
 * unspecified).
 */
export function isPrivateAddress(text: string): boolean {
  const address = bareAddress(text);
  if (address.includes(':')) return PRIVATE_IPV6.test(shortestIPv6(address) ?? '');
  const [a, b = 0] = ipv4Bytes(address) ?? [];
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168)
  );
}

/** Unspecified, loopback, unique local (fc00::/7) and link-local (fe80::/10). */
const PRIVATE_IPV6 = /^(?:::1?$|f[cd][\da-f]{2}:|fe[89ab][\da-f]:)/;
