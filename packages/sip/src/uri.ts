import { ipFamily } from './ip-address.ts';
import { type Parameters, SipSyntaxError } from './scanner.ts';

export type HostPort = {
  /** A name, an IPv4 address or an IPv6 address without brackets. */
  host: string;
  port?: number;
};

export type SipUri = HostPort & {
  scheme: 'sip' | 'sips';
  /** As written, with its escapes. */
  user?: string;
  password?: string;
  parameters: Parameters;
  /** What follows the question mark, as written. */
  headers?: string;
};

// RFC 3261 25.1. Each repeats one character class, so that matching is linear.
const userPattern = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;
const passwordPattern = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
const parameterPattern = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const headerNamePattern = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})+$/;
const headerValuePattern = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;
const absolutePattern = /^[A-Za-z][A-Za-z0-9+\-.]*:(?:[A-Za-z0-9\-_.!~*'();/?:@&=+$,]|%[0-9A-Fa-f]{2})+$/;
const labelPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

/** `host[:port]` (RFC 3261 25.1 hostport). Throws SipSyntaxError. */
export function parseHostPort(text: string): HostPort {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text);
  const written = match?.[1];
  if (written === undefined) throw new SipSyntaxError('bad host');
  const host = parseHost(written);
  if (match?.[2] === undefined) return { host };
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) throw new SipSyntaxError('bad port');
  return { host, port };
}

function parseHost(text: string): string {
  if (text.startsWith('[')) {
    const address = text.slice(1, -1);
    if (ipFamily(address) !== 6) throw new SipSyntaxError('bad IPv6 address');
    return address;
  }
  if (ipFamily(text) === 4) return text;
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  const top = labels.at(-1) ?? '';
  if (text.length > 255 || !labels.every((label) => labelPattern.test(label)) || !/^[A-Za-z]/.test(top)) {
    throw new SipSyntaxError('bad host name');
  }
  return text.toLowerCase();
}

export function formatHostPort({ host, port }: HostPort): string {
  const written = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? written : `${written}:${port}`;
}

/** A SIP or SIPS URI (RFC 3261 19.1). Throws SipSyntaxError. */
export function parseSipUri(text: string): SipUri {
  const scheme = /^(sips?):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') throw new SipSyntaxError('not a SIP URI');
  const rest = text.slice(scheme.length + 1);
  // "@" is escaped everywhere else in a SIP URI, so the only one ends the user.
  const at = rest.indexOf('@');
  const user = at < 0 ? {} : parseUserInfo(rest.slice(0, at));
  const [beforeHeaders = '', ...headerParts] = rest.slice(at + 1).split('?');
  const [hostPort = '', ...parameterParts] = beforeHeaders.split(';');
  const uri: SipUri = {
    scheme,
    ...user,
    ...parseHostPort(hostPort),
    parameters: parseParameters(parameterParts),
  };
  if (headerParts.length === 0) return uri;
  const headers = headerParts.join('?');
  for (const header of headers.split('&')) {
    const equals = header.indexOf('=');
    if (
      !headerNamePattern.test(header.slice(0, equals)) ||
      !headerValuePattern.test(header.slice(equals + 1))
    ) {
      throw new SipSyntaxError('bad header in a URI');
    }
  }
  return { ...uri, headers };
}

function parseUserInfo(text: string): { user: string; password?: string } {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  if (!userPattern.test(user)) throw new SipSyntaxError('bad user');
  if (colon < 0) return { user };
  const password = text.slice(colon + 1);
  if (!passwordPattern.test(password)) throw new SipSyntaxError('bad password');
  return { user, password };
}

function parseParameters(parts: string[]): Parameters {
  const parameters = new Map<string, string | undefined>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? undefined : part.slice(equals + 1);
    const good = parameterPattern.test(name) && (value === undefined || parameterPattern.test(value));
    if (!good || parameters.has(name)) throw new SipSyntaxError('bad URI parameter');
    parameters.set(name, value);
  }
  return parameters;
}

export function formatSipUri(uri: SipUri): string {
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const parameters = [...uri.parameters].map(([name, value]) =>
    value === undefined ? `;${name}` : `;${name}=${value}`,
  );
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${formatHostPort(uri)}${parameters.join('')}${headers}`;
}

/** Refuses what is no URI of any scheme; a SIP URI is looked at in full. Throws SipSyntaxError. */
export function checkUri(text: string): void {
  if (/^sips?:/i.test(text)) parseSipUri(text);
  else if (!absolutePattern.test(text)) throw new SipSyntaxError('not a URI');
}

/** Any text as the user part of a SIP URI: what the grammar does not allow there is percent-encoded. */
export function escapeUser(text: string): string {
  // A lone surrogate has no UTF-8 form; encodeURIComponent would throw on it.
  return Array.from(text.toWellFormed(), (character) =>
    /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]$/.test(character) ? character : encodeURIComponent(character),
  ).join('');
}

/** The user part that `escapeUser` or a peer wrote, as text. */
export function unescapeUser(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    // %FF and the like: allowed by the grammar, no UTF-8.
    return user;
  }
}
