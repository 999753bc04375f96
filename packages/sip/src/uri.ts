import type { Transport } from './call-capture.ts';
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
  /** The part after the question mark, as written. */
  headers?: string;
};

// RFC 3261 §25.1. Each repeats one character class, so that matching is linear.
// "#" must be escaped in a user part, but telephone systems send it unescaped.
const USER_PATTERN = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD_PATTERN = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
const PARAMETER_PATTERN = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const HEADER_NAME_PATTERN = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})+$/;
const HEADER_VALUE_PATTERN = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;
const ABSOLUTE_PATTERN = /^[A-Za-z][A-Za-z0-9+\-.]*:(?:[A-Za-z0-9\-_.!~*'();/?:@&=+$,]|%[0-9A-Fa-f]{2})+$/;
// RFC 3261 does not allow "_" in a host name, but many in use contain it.
const LABEL_PATTERN = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;

/**
 * Parses `host[:port]` (RFC 3261 §25.1 hostport).
 *
 * @throws {SipSyntaxError} when it is not one
 */
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
  if (
    text.length > 255 ||
    !labels.every((label) => LABEL_PATTERN.test(label)) ||
    !/(?:^|\.)[A-Za-z][^.]*\.?$/.test(text)
  ) {
    throw new SipSyntaxError('bad host name');
  }
  return text.toLowerCase();
}

/** Returns `host[:port]`, an IPv6 address in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  const written = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? written : `${written}:${port}`;
}

/**
 * Parses a SIP or SIPS URI (RFC 3261 §19.1).
 *
 * @throws {SipSyntaxError} when it is neither, or any part of it is malformed
 */
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
      !HEADER_NAME_PATTERN.test(header.slice(0, equals)) ||
      !HEADER_VALUE_PATTERN.test(header.slice(equals + 1))
    ) {
      throw new SipSyntaxError('bad header in a URI');
    }
  }
  return { ...uri, headers };
}

function parseUserInfo(text: string): { user: string; password?: string } {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  if (!USER_PATTERN.test(user)) throw new SipSyntaxError('bad user');
  if (colon < 0) return { user };
  const password = text.slice(colon + 1);
  if (!PASSWORD_PATTERN.test(password)) throw new SipSyntaxError('bad password');
  return { user, password };
}

function parseParameters(parts: string[]): Parameters {
  const parameters = new Map<string, string | undefined>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? undefined : part.slice(equals + 1);
    const good = PARAMETER_PATTERN.test(name) && (value === undefined || PARAMETER_PATTERN.test(value));
    if (!good || parameters.has(name)) throw new SipSyntaxError('bad URI parameter');
    parameters.set(name, value);
  }
  return parameters;
}

/** Returns a SIP URI as text: the reverse of `parseSipUri`. */
export function formatSipUri(uri: SipUri): string {
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const parameters = [...uri.parameters].map(([name, value]) =>
    value === undefined ? `;${name}` : `;${name}=${value}`,
  );
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${formatHostPort(uri)}${parameters.join('')}${headers}`;
}

/**
 * Checks that a text is a URI of any scheme; a SIP URI is checked completely.
 *
 * @throws {SipSyntaxError} when it is not one
 */
export function checkUri(text: string): void {
  if (/^sips?:/i.test(text)) parseSipUri(text);
  else if (!ABSOLUTE_PATTERN.test(text)) throw new SipSyntaxError('not a URI');
}

/** Returns any text as the user part of a SIP URI: characters that the grammar does not allow are percent-encoded. */
export function escapeUser(text: string): string {
  // A lone surrogate has no UTF-8 form; encodeURIComponent would throw on it.
  return Array.from(text.toWellFormed(), (character) =>
    /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]$/.test(character) ? character : encodeURIComponent(character),
  ).join('');
}

/** Returns, as text, a user part written by `escapeUser` or a peer. */
export function unescapeUser(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    // %FF and the like are allowed by the grammar, but are not UTF-8.
    return user;
  }
}

/** Returns the transport that a SIP URI asks for, UDP by default, or undefined for one that is not supported. */
export function transportOfUri(uri: SipUri): Transport | undefined {
  const transport = uri.parameters.get('transport')?.toLowerCase();
  if (uri.scheme === 'sips' && (transport === undefined || transport === 'tcp')) return 'tls';
  if (transport === undefined) return 'udp';
  if (transport !== 'udp' && transport !== 'tcp' && transport !== 'tls') return undefined;
  return uri.scheme === 'sips' && transport !== 'tls' ? undefined : transport;
}
