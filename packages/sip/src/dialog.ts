import type { Endpoint, Transport } from './call-capture.ts';
import type { NextHop } from './locate-server.ts';
import { headerValue, type SipHeader, type SipRequest, type SipResponse } from './message.ts';
import { tagOf } from './name-address.ts';
import { contactHeader, newBranch, type OutgoingRequest, USER_AGENT, viaHeader } from './outgoing-request.ts';
import { SipSyntaxError } from './scanner.ts';
import { formatSipUri, parseSipUri, type SipUri, transportOfUri } from './uri.ts';

/** The state of a dialog (RFC 3261 §12). */
type DialogState = {
  callId: string;
  localTag: string;
  /** Absent for a far end that predates RFC 3261 (§12.1.2). */
  remoteTag: string | undefined;
  /** Our From and the far end's To, including tags. */
  localHeader: string;
  remoteHeader: string;
  /** The far end's own address. */
  remoteTarget: string;
  /** The proxies that stay on the path, nearest first. */
  routeSet: string[];
  localSequence: number;
};

/** A dialog between us and one far end (RFC 3261 §12). */
export class Dialog {
  readonly #state: DialogState;
  remoteSequence: number | undefined;

  private constructor(state: DialogState) {
    this.#state = state;
  }

  /**
   * Returns the dialog that a 2xx to our INVITE creates (§12.1.2). Without a Contact, requests are sent to where the
   * INVITE was. The Call-ID is ours, whatever the response says.
   */
  static ofClient(invite: OutgoingRequest, response: SipResponse): Dialog {
    return new Dialog({
      callId: invite.callId,
      localTag: invite.localTag,
      remoteTag: tagOf(response.to),
      localHeader: headerValue(invite, 'From'),
      remoteHeader: headerValue(response, 'To'),
      remoteTarget: withoutHeaders(response.contacts[0]?.uri ?? invite.uri),
      routeSet: response.recordRoutes.map(({ uri }) => uri).toReversed(),
      localSequence: invite.cseq,
    });
  }

  /** Returns the dialog that our 2xx to an INVITE creates (§12.1.1). */
  static ofServer(invite: SipRequest, localTag: string): Dialog {
    return new Dialog({
      callId: invite.callId,
      localTag,
      remoteTag: tagOf(invite.from),
      localHeader: `${headerValue(invite, 'To')};tag=${localTag}`,
      remoteHeader: headerValue(invite, 'From'),
      remoteTarget: withoutHeaders(invite.contacts[0]?.uri ?? invite.from.uri),
      routeSet: invite.recordRoutes.map(({ uri }) => uri),
      localSequence: 0,
    });
  }

  get remoteTag(): string | undefined {
    return this.#state.remoteTag;
  }

  /** Updates the far end's address from the Contact of a re-INVITE (§12.2.1.2, §12.2.2). */
  refreshTarget(message: SipRequest | SipResponse): void {
    const [contact] = message.contacts;
    if (contact !== undefined) this.#state.remoteTarget = withoutHeaders(contact.uri);
  }

  /**
   * Returns where requests within the dialog are sent.
   *
   * @throws {SipSyntaxError} when that cannot be reached by SIP over a supported transport.
   */
  nextHop(): NextHop {
    return nextHopOfUri(parseSipUri(this.#path().nextHop));
  }

  /**
   * Returns a request within the dialog (§12.2.1.1). ACK takes the number of its INVITE, any other method the next one.
   */
  createRequest(
    method: string,
    local: Endpoint,
    transport: Transport,
    options: { headers?: (uri: string) => SipHeader[]; body?: Uint8Array; cseq?: number } = {},
  ): OutgoingRequest {
    const state = this.#state;
    if (method !== 'ACK') state.localSequence += 1;
    const cseq = options.cseq ?? state.localSequence;
    const { requestUri, routes } = this.#path();
    const branch = newBranch();
    return {
      method,
      uri: requestUri,
      branch,
      sentBy: local,
      callId: state.callId,
      localTag: state.localTag,
      cseq,
      headers: [
        viaHeader(local, transport, branch),
        ...routes.map((route) => ({ name: 'Route', value: `<${route}>` })),
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: state.localHeader },
        { name: 'To', value: state.remoteHeader },
        { name: 'Call-ID', value: state.callId },
        { name: 'CSeq', value: `${cseq} ${method}` },
        ...(method === 'BYE' ? [] : [contactHeader(local, transport)]),
        { name: 'User-Agent', value: USER_AGENT },
        ...(options.headers?.(requestUri) ?? []),
      ],
      ...(options.body === undefined ? {} : { body: options.body }),
    };
  }

  /** Loose and strict routing (§12.2.1.1). */
  #path(): { requestUri: string; routes: string[]; nextHop: string } {
    const { remoteTarget, routeSet } = this.#state;
    const [first, ...others] = routeSet;
    if (first === undefined) return { requestUri: remoteTarget, routes: [], nextHop: remoteTarget };
    if (isLoose(first)) return { requestUri: remoteTarget, routes: routeSet, nextHop: first };
    return { requestUri: withoutHeaders(first), routes: [...others, remoteTarget], nextHop: first };
  }
}

/**
 * Returns the next hop that a SIP URI names: its `maddr` or host, its port, and TLS for `sips:` or `transport=tls`.
 *
 * @throws {SipSyntaxError} for a transport that is not supported.
 */
function nextHopOfUri(uri: SipUri): NextHop {
  const host = uri.parameters.get('maddr') ?? uri.host;
  const transport = transportOfUri(uri);
  if (transport === undefined)
    throw new SipSyntaxError('next hop asks for a transport that is not supported');
  return { host, transport, ...(uri.port === undefined ? {} : { port: uri.port }) };
}

function isLoose(route: string): boolean {
  return !isSip(route) || parseSipUri(route).parameters.has('lr');
}

/** Returns the URI without headers, which are not allowed in a Request-URI (RFC 3261 §19.1.1). */
function withoutHeaders(uri: string): string {
  if (!isSip(uri)) return uri;
  const { headers: _headers, ...rest } = parseSipUri(uri);
  return formatSipUri(rest);
}

function isSip(uri: string): boolean {
  return /^sips?:/i.test(uri);
}
