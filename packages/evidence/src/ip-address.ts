/** Returns the 4 or 16 bytes of an IP address, ignoring brackets and zone, or undefined if it is not one. */
export function addressBytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const address = text
    .trim()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return bytes.length === 4 && bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : undefined;
}

/** RFC 4291 §2.2, read by the URL parser, which leaves at most one `::` and no IPv4 address. */
function ipv6Bytes(text: string): Uint8Array | undefined {
  const url = `http://[${text}]`;
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return undefined;
  const [before = [], after = []] = new URL(url).hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/**
 * Returns whether the address cannot be reached from outside its own network (RFC 1918, 3927, 4193, 6598, loopback,
 * unspecified).
 */
export function isPrivateAddress(text: string): boolean {
  const bytes = addressBytes(text);
  const [a = 0, b = 0] = bytes ?? [];
  if (bytes?.length === 4) {
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
  if (bytes?.length !== 16) return false;
  const loopback = bytes.every((byte, at) => (at < 15 ? byte === 0 : byte <= 1));
  return loopback || (a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80);
}
