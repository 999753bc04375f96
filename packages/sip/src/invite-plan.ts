import type { Transport } from './call-capture.ts';
import type { SipHeader } from './message.ts';
import { isToken, quote, SipSyntaxError } from './scanner.ts';
import {
  escapeUser,
  formatHostPort,
  formatSipUri,
  type HostPort,
  parseHostPort,
  parseSipUri,
  transportOfUri,
} from './uri.ts';

/** The contents and destination of an INVITE, as far as the provider and the request determine them. */
export type InvitePlan = {
  /** Always the provider, whatever the Request-URI says; over UDP unless the provider or destination says otherwise. */
  nextHop: HostPort & { transport: Transport };
  requestUri: string;
  /** From without its tag. */
  from: string;
  to: string;
  /** Privacy and P-Asserted-Identity of an anonymous call, then the provider's tech_headers. */
  headers: SipHeader[];
  /** Names of tech_headers that are left out. */
  skipped: string[];
  /** Remarks for the admin, such as a substituted transport. They contain no number. */
  notes: string[];
};

/** The call cannot be placed as requested. The message is for the admin and contains no number. */
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

// No far end accepts headers of unlimited size.
const MAX_TECH_HEADER_BYTES = 16_384;

/**
 * Plans the INVITE of a call, and rejects one that would leak a number or go elsewhere.
 *
 * @throws {InvitePlanError} when hostname, destination or source cannot be used, or the tech_headers are too long.
 */
export function planInvite({ provider, source, destination, anonymous }: InvitePlanInput): InvitePlan {
  const host = providerHostOf(provider.hostname);
  const { requestUri, transport, notes } = requestUriOf(provider, host, destination);
  const { from, headers } = callerOf(source, destination, anonymous, host.host);
  const tech = techHeadersOf(provider.tech_headers);
  const length = tech.headers.reduce(
    (sum, { name, value }) => sum + encoder.encode(name + value).byteLength,
    0,
  );
  if (length > MAX_TECH_HEADER_BYTES) throw new InvitePlanError("the provider's tech_headers are too long");
  const { port } = host;
  return {
    nextHop: { host: host.host, ...(port === undefined ? {} : { port }), transport },
    requestUri,
    from,
    to: `<${toUriOf(requestUri)}>`,
    headers: [...headers, ...tech.headers],
    skipped: tech.skipped,
    notes,
  };
}

/** A provider's `hostname`: a host, a port unless it is the default, and optionally `;transport=tcp` or `tls`. */
export type ProviderHost = HostPort & { transport?: Transport };

/**
 * Parses a provider's hostname.
 *
 * @throws {InvitePlanError} when it is not a host.
 */
export function providerHostOf(hostname: string): ProviderHost {
  const match = /^(.*?)(?:;transport=(udp|tcp|tls))?$/i.exec(hostname);
  const host = readable(() => parseHostPort(match?.[1] ?? hostname), "the provider's hostname is not a host");
  const transport = match?.[2]?.toLowerCase();
  return transport === 'udp' || transport === 'tcp' || transport === 'tls' ? { ...host, transport } : host;
}

/**
 * Returns the Request-URI. A number is dialled by the provider:
 * `sip:{prefix}{target}{postfix}@{hostname};transport=udp`. A SIP address is dialled unchanged, but still sent to the
 * provider, never to the host that it names.
 */
function requestUriOf(
  provider: InvitePlanInput['provider'],
  host: ProviderHost,
  { type, target }: Address,
): { requestUri: string; transport: Transport; notes: string[] } {
  const ofProvider = host.transport ?? 'udp';
  if (type !== 'sip') {
    const user = escapeUser(`${provider.tech_prefix}${target}${provider.tech_postfix}`);
    if (user === '') throw new InvitePlanError('the destination is empty');
    const requestUri = `sip:${user}@${formatHostPort(host)};transport=${ofProvider}`;
    return { requestUri, transport: ofProvider, notes: [] };
  }
  const { headers, ...uri } = readable(() => sipUriOf(target), 'the destination is not a SIP address');
  if (headers !== undefined) throw new InvitePlanError('the destination contains headers');
  const written = uri.parameters.get('transport');
  const supported = transportOfUri(uri);
  const wanted = uri.scheme === 'sip' && written === undefined ? ofProvider : supported;
  const transport = wanted ?? (uri.scheme === 'sips' ? 'tls' : ofProvider);
  const notes =
    wanted === undefined
      ? [`The destination asks for ${written}; ${transport.toUpperCase()} is used instead.`]
      : [];
  // A sips URI implies TLS (RFC 3261 §26.2.2, §19.1.2).
  const others = [...uri.parameters].filter(([name]) => name !== 'transport');
  const parameters = new Map(uri.scheme === 'sips' ? others : [...others, ['transport', transport]]);
  return { requestUri: formatSipUri({ ...uri, parameters }), transport, notes };
}

/** Returns the URI for To, which has neither a port nor a transport (RFC 3261 §19.1.1, table 1). */
function toUriOf(requestUri: string): string {
  const { port: _port, ...uri } = parseSipUri(requestUri);
  const parameters = new Map([...uri.parameters].filter(([name]) => !NOT_IN_TO.has(name)));
  return formatSipUri({ ...uri, parameters });
}

const NOT_IN_TO = new Set(['transport', 'maddr', 'ttl', 'lr', 'method']);

function sipUriOf(target: string) {
  return parseSipUri(/^sips?:/i.test(target) ? target : `sip:${target}`);
}

function callerOf(source: Address | null, destination: Address, anonymous: Anonymous, host: string) {
  if (anonymous !== 'yes') return { from: fromOf(source, host), headers: [] };
  const headers: SipHeader[] = [{ name: 'Privacy', value: 'id' }];
  const identity = identityOf(source);
  if (identity !== undefined) headers.push({ name: 'P-Asserted-Identity', value: `<${identity}>` });
  // Without it the carrier could neither route nor bill (RFC 3325). Only a SIP address may be called without any
  // identity.
  else if (source !== null || destination.type !== 'sip') {
    throw new InvitePlanError('an anonymous call needs a source number that starts with "+"');
  }
  return { from: '"Anonymous" <sip:anonymous@anonymous.invalid>', headers };
}

/** Returns the identity that is asserted behind an anonymous From. */
function identityOf(source: Address | null): string | undefined {
  if (source === null) return undefined;
  // RFC 3966 global-number: digits and visual separators.
  if (/^\+[\d\-.()]*\d[\d\-.()]*$/.test(source.target)) return `tel:${source.target}`;
  if (source.type !== 'sip') return undefined;
  return readable(() => formatSipUri(sipUriOf(source.target)), 'the source is not a SIP address');
}

/** Returns the source unchanged or, without one, an address that names nobody. */
function fromOf(source: Address | null, host: string): string {
  if (source === null || source.target === '') return `<sip:${formatHostPort({ host })}>`;
  const name = source.target_name === '' ? '' : `${quote(source.target_name.toWellFormed())} `;
  if (source.type !== 'sip') return `${name}<sip:${escapeUser(source.target)}@${formatHostPort({ host })}>`;
  const { headers: _headers, ...uri } = readable(
    () => sipUriOf(source.target),
    'the source is not a SIP address',
  );
  return `${name}<${formatSipUri(uri)}>`;
}

/**
 * Headers that a provider's tech_headers must not set: those that identify the caller, those that the platform itself
 * writes for its own proxies, and all that make up the message, its route and its dialog, in long and compact form.
 */
const RESERVED_NAMES = new Set([
  ...['p-asserted-identity', 'p-preferred-identity', 'privacy', 'remote-party-id'],
  ...['vb-call-id', 'vb-confbridge-id', 'vb-direction', 'vbout-codecs', 'vbout-sdp_transport'],
  ...['from', 'to', 'via', 'call-id', 'cseq', 'contact', 'route', 'record-route', 'max-forwards', 'allow'],
  ...['content-type', 'content-length', 'content-encoding', 'content-disposition', 'content-language'],
  ...['require', 'proxy-require', 'supported', 'authorization', 'proxy-authorization'],
  ...['session-expires', 'min-se', 'x'],
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
    // "(", ")", ",", CR and LF are not allowed in a token, and neither is an empty name.
    const goodName = isToken(name) && !RESERVED_NAMES.has(name.toLowerCase());
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
