/**
 * IPv4 and IPv6 addresses as text. `node:net` could do the same, but the message grammar also runs in a browser.
 */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4_PATTERN = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const GROUP_PATTERN = /^[0-9A-Fa-f]{1,4}$/;
// The longest form, with an IPv4 address as the last two groups.
const MAX_LENGTH = 45;

/** Returns 4 or 6, or 0 for text that is not an IP address. A zone (`%eth0`) is not accepted. */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (IPV4_PATTERN.test(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

/** Returns 4 or 6 for a socket's address, where anything without a colon is IPv4. */
export function familyOfAddress(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

function isIPv6(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1)?.at(-1);
  const embedsIPv4 = last !== undefined && IPV4_PATTERN.test(last);
  if (embedsIPv4) groups.at(-1)?.pop();
  const count = groups.reduce((sum, half) => sum + half.length, embedsIPv4 ? 2 : 0);
  const isComplete = halves.length === 2 ? count <= 7 : count === 8;
  return isComplete && groups.flat().every((group) => GROUP_PATTERN.test(group));
}
