import { headerValues, type SipHeader, type SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { newBranch, viaHeader } from './outgoing-request.ts';
import { SipSyntaxError } from './scanner.ts';
import { formatSipUri, type HostPort, parseSipUri, type SipUri } from './uri.ts';

/** What an answered INVITE set up between us and one far end (RFC 3261 12.1.2). */
export type Dialog = {
  callId: string;
  /** Our From, tag included. */
  localHeader: string;
  /** The far end's To, tag included. */
  remoteHeader: string;
  remoteTag: string;
  /** The far end's own address. */
  remoteTarget: string;
  /** The proxies that want to stay in the way, the nearest first. */
  routes: string[];
  localSequence: number;
  remoteSequence: number | undefined;
};

/**
 * The dialog that a 2xx to our INVITE opens. A far end from before RFC 3261 gives no tag (12.1.2 asks to bear with it);
 * one that gives no Contact is asked for where it was found.
 */
export function dialogOf(invite: OutgoingRequest, response: SipResponse): Dialog {
  const remoteTag = tagOf(response.to) ?? '';
  const remoteTarget = withoutHeaders(response.contacts[0]?.uri ?? invite.uri);
  return {
    callId: response.callId,
    localHeader: headerValues(invite, 'From')[0] ?? '',
    remoteHeader: headerValues(response, 'To')[0] ?? '',
    remoteTag,
    remoteTarget,
    routes: response.recordRoutes.map(({ uri }) => uri).toReversed(),
    localSequence: invite.cseq,
    remoteSequence: undefined,
  };
}

type Path = { requestUri: string; routes: string[] /** Where the packet goes. */; nextHop: string };

/** Loose and strict routing (RFC 3261 12.2.1.1). */
function pathOf(dialog: Dialog): Path {
  const [first, ...others] = dialog.routes;
  if (first === undefined)
    return { requestUri: dialog.remoteTarget, routes: [], nextHop: dialog.remoteTarget };
  if (isLoose(first)) return { requestUri: dialog.remoteTarget, routes: dialog.routes, nextHop: first };
  return { requestUri: withoutHeaders(first), routes: [...others, dialog.remoteTarget], nextHop: first };
}

function isLoose(route: string): boolean {
  return !isSip(route) || parseSipUri(route).parameters.has('lr');
}

/** Headers of a URI are not for a Request-URI (RFC 3261 19.1.1). */
function withoutHeaders(uri: string): string {
  if (!isSip(uri)) return uri;
  const { headers: _headers, ...rest } = parseSipUri(uri);
  return formatSipUri(rest);
}

function isSip(uri: string): boolean {
  return /^sips?:/i.test(uri);
}

/** Where requests within the dialog have to be sent. Throws SipSyntaxError when that is no place reachable over UDP. */
export function nextHopOf(dialog: Dialog): HostPort {
  return hostPortOf(parseSipUri(pathOf(dialog).nextHop));
}

function hostPortOf(uri: SipUri): HostPort {
  const transport = uri.parameters.get('transport')?.toLowerCase() ?? 'udp';
  if (uri.scheme === 'sips' || transport !== 'udp') throw new SipSyntaxError('next hop is not for UDP');
  const host = uri.parameters.get('maddr') ?? uri.host;
  return uri.port === undefined ? { host } : { host, port: uri.port };
}

/** A request within the dialog (RFC 3261 12.2.1.1). ACK takes the INVITE's number, any other method the next one. */
export function requestInDialog(
  dialog: Dialog,
  method: string,
  local: HostPort,
  more: (uri: string) => SipHeader[],
): OutgoingRequest {
  if (method !== 'ACK') dialog.localSequence += 1;
  const { requestUri, routes } = pathOf(dialog);
  const branch = newBranch();
  return {
    method,
    uri: requestUri,
    branch,
    cseq: dialog.localSequence,
    headers: [
      viaHeader(local, branch),
      ...routes.map((route) => ({ name: 'Route', value: `<${route}>` })),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: dialog.localHeader },
      { name: 'To', value: dialog.remoteHeader },
      { name: 'Call-ID', value: dialog.callId },
      { name: 'CSeq', value: `${dialog.localSequence} ${method}` },
      ...more(requestUri),
    ],
  };
}
