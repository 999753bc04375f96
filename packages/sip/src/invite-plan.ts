import type { SipHeader } from './message.ts';
import { quote, SipSyntaxError, tokenPattern } from './scanner.ts';
import {
  escapeUser,
  formatHostPort,
  formatSipUri,
  type HostPort,
  parseHostPort,
  parseSipUri,
} from './uri.ts';

/** What an INVITE says and where it goes, as far as the provider and the request decide it. */
export type InvitePlan = {
  /** The provider, and nothing else, whatever the Request-URI says. */
  nextHop: HostPort;
  requestUri: string;
  /** Without its tag. */
  from: string;
  to: string;
  headers: SipHeader[];
  /** Names of tech_headers that are left out. */
  skipped: string[];
};

/** The call cannot be placed as it was asked for. Its message is for the admin and holds no number. */
export class InvitePlanError extends Error {
  override name = 'InvitePlanError';
}

/** Who calls or is called, as the API writes it. */
export type Address = { type: string; target: string; target_name: string };

/** Whether the caller's number is hidden; `auto` and the empty string mean `no`. */
export type Anonymous = 'yes' | 'no' | 'auto' | '';

/** What an INVITE depends on; the provider's fields are those of the platform's Provider. */
export type InvitePlanInput = {
  provider: {
    hostname: string;
    tech_prefix: string;
    tech_postfix: string;
    tech_headers: Readonly<Record<string, string>>;
  };
  source: Address | null;
  destination: Address;
  anonymous: Anonymous;
};

// An INVITE has to fit into one datagram, and no far end reads headers without end.
const longestTechHeaders = 16_384;

/** Throws InvitePlanError: better no call than one that leaks a number or goes to another place. */
export function planInvite({ provider, source, destination, anonymous }: InvitePlanInput): InvitePlan {
  const nextHop = readable(() => parseHostPort(provider.hostname), "the provider's hostname is no host");
  const requestUri = requestUriOf(provider, nextHop, destination);
  const { from, headers } = callerOf(source, destination, anonymous, nextHop.host);
  const tech = techHeadersOf(provider.tech_headers);
  const length = tech.headers.reduce(
    (sum, { name, value }) => sum + encoder.encode(name + value).byteLength,
    0,
  );
  if (length > longestTechHeaders) throw new InvitePlanError("the provider's tech_headers are too long");
  return {
    nextHop,
    requestUri,
    from,
    to: `<${requestUri.replace(/;transport=udp$/, '')}>`,
    headers: [...headers, ...tech.headers],
    skipped: tech.skipped,
  };
}

/**
 * A number is the provider's to dial: `sip:{prefix}{target}{postfix}@{hostname};transport=udp`. A SIP address is dialled
 * as it is, but still sent to the provider, never to the host that it names.
 */
function requestUriOf(
  provider: InvitePlanInput['provider'],
  nextHop: HostPort,
  { type, target }: Address,
): string {
  if (type !== 'sip') {
    const user = escapeUser(`${provider.tech_prefix}${target}${provider.tech_postfix}`);
    if (user === '') throw new InvitePlanError('the destination is empty');
    return `sip:${user}@${formatHostPort(nextHop)};transport=udp`;
  }
  const { headers, ...uri } = readable(() => sipUriOf(target), 'the destination is no SIP address');
  if (headers !== undefined) throw new InvitePlanError('the destination carries headers');
  // It promises TLS all the way (RFC 3261 26.2.2), which UDP cannot keep.
  if (uri.scheme === 'sips') throw new InvitePlanError('the destination asks for TLS');
  return formatSipUri({ ...uri, parameters: new Map([...uri.parameters, ['transport', 'udp']]) });
}

function sipUriOf(target: string) {
  return parseSipUri(/^sips?:/i.test(target) ? target : `sip:${target}`);
}

function callerOf(source: Address | null, destination: Address, anonymous: Anonymous, host: string) {
  if (anonymous !== 'yes') return { from: fromOf(source, host), headers: [] };
  const headers: SipHeader[] = [{ name: 'Privacy', value: 'id' }];
  const identity = identityOf(source);
  if (identity !== undefined) headers.push({ name: 'P-Asserted-Identity', value: `<${identity}>` });
  // Without it the carrier could neither route nor bill (RFC 3325). Only a SIP address may be called by nobody at all.
  else if (source !== null || destination.type !== 'sip') {
    throw new InvitePlanError('an anonymous call needs a source number that starts with "+"');
  }
  return { from: '"Anonymous" <sip:anonymous@anonymous.invalid>', headers };
}

/** Who is asserted behind an anonymous From. */
function identityOf(source: Address | null): string | undefined {
  if (source === null) return undefined;
  // RFC 3966 global-number: digits and visual separators.
  if (/^\+[\d\-.()]*\d[\d\-.()]*$/.test(source.target)) return `tel:${source.target}`;
  if (source.type !== 'sip') return undefined;
  return readable(() => formatSipUri(sipUriOf(source.target)), 'the source is no SIP address');
}

/** The source as it is; without one, an address that names nobody. */
function fromOf(source: Address | null, host: string): string {
  if (source === null || source.target === '') return `<sip:${formatHostPort({ host })}>`;
  const name = source.target_name === '' ? '' : `${quote(source.target_name.toWellFormed())} `;
  if (source.type !== 'sip') return `${name}<sip:${escapeUser(source.target)}@${formatHostPort({ host })}>`;
  const { headers: _headers, ...uri } = readable(
    () => sipUriOf(source.target),
    'the source is no SIP address',
  );
  return `${name}<${formatSipUri(uri)}>`;
}

/**
 * What a provider's tech_headers must not set: who calls, what the platform itself writes for its own proxies, and all
 * that makes up the message, its way and its dialog, in full and in short form.
 */
const reservedNames = new Set([
  ...['p-asserted-identity', 'p-preferred-identity', 'privacy', 'remote-party-id'],
  ...['vb-call-id', 'vb-confbridge-id', 'vb-direction', 'vbout-codecs', 'vbout-sdp_transport'],
  ...['from', 'to', 'via', 'call-id', 'cseq', 'contact', 'route', 'record-route', 'max-forwards', 'allow'],
  ...['content-type', 'content-length', 'content-encoding', 'content-disposition', 'content-language'],
  ...['require', 'proxy-require', 'supported', 'authorization', 'proxy-authorization'],
  ...['f', 't', 'v', 'i', 'm', 'c', 'l', 'e', 'k'],
]);

const encoder = new TextEncoder();

function techHeadersOf(techHeaders: Readonly<Record<string, string>>): {
  headers: SipHeader[];
  skipped: string[];
} {
  const headers: SipHeader[] = [];
  const skipped: string[] = [];
  for (const [name, value] of Object.entries(techHeaders)) {
    tokenPattern.lastIndex = 0;
    // "(", ")", ",", CR and LF are not of a token, nor is the empty name.
    const goodName = tokenPattern.exec(name)?.[0] === name && !reservedNames.has(name.toLowerCase());
    if (goodName && isOneLine(value)) headers.push({ name, value: value.toWellFormed() });
    else skipped.push(name);
  }
  return { headers, skipped };
}

function isOneLine(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value);
}

function readable<T>(read: () => T, otherwise: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SipSyntaxError) throw new InvitePlanError(otherwise);
    throw error;
  }
}
