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

/**
 * RFC 4291 §2.2: eight groups, at most one `::` for any number of missing groups, and possibly an IPv4 address as the
 * last two.
 */
function ipv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half, at) => groupBytes(half, at === halves.length - 1));
  if (before === undefined) return undefined;
  if (halves.length === 1) return before.length === 16 ? Uint8Array.from(before) : undefined;
  if (after === undefined || before.length + after.length > 14) return undefined;
  const zeros = new Array<number>(16 - before.length - after.length).fill(0);
  return Uint8Array.from([...before, ...zeros, ...after]);
}

function groupBytes(half: string, mayEndInIPv4: boolean): number[] | undefined {
  if (half === '') return [];
  const groups = half.split(':');
  const bytes: number[] = [];
  for (const [position, group] of groups.entries()) {
    const isLast = mayEndInIPv4 && position === groups.length - 1;
    const embedded = isLast ? ipv4Bytes(group) : undefined;
    if (embedded !== undefined) bytes.push(...embedded);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
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
