import type { Endpoint, Transport } from './call-capture.ts';
import { formatHostPort } from './uri.ts';

/** A path to a peer over one transport. */
export type Hop = Endpoint & {
  readonly transport: Transport;
  /** Our own address, at which the peer can reach us. */
  readonly local: Endpoint;
  /** False once the connection is lost; a path for datagrams has none to lose. */
  readonly isOpen: boolean;
  /** `failed` is called if these particular bytes cannot be sent. */
  send(bytes: Uint8Array, failed?: (code: string) => void): void;
  /** Releases the path; it is closed some time after its last user has done so. */
  release(): void;
};

/** A message as received. */
export type Arrival = {
  bytes: Uint8Array;
  transport: Transport;
  source: Endpoint;
  local: Endpoint;
  /** Sends a response as RFC 3261 §18.2.2 requires, to the `port` that the Via names; returns where it was sent. */
  respond(bytes: Uint8Array, port: number): Endpoint;
};

export type TransportEvents = {
  received(arrival: Arrival): void;
  /**
   * Called when nobody is there: because of ICMP over UDP, or else a lost connection. `code` is the system's, such as
   * ECONNREFUSED.
   */
  unreachable(peer: Endpoint & { transport: Transport }, code: string): void;
};

/** Returns the code of a system or TLS error, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}

/**
 * A host cannot be reached: 478 without an address, 403 when SIP_ALLOW does not name it, 500 for a fault of this machine, 503 for
 * anything else.
 */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
  readonly status: 403 | 478 | 500 | 503;

  constructor(status: 403 | 478 | 500 | 503, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Returns why a request over this transport failed, in a form that can be used as a reason phrase. */
export function transportFailureText(
  peer: Endpoint & { transport: Transport },
  code: string,
  name = peer.address,
): string {
  const where = formatHostPort({ host: peer.address, port: peer.port });
  const transport = peer.transport.toUpperCase();
  if (code === 'ECONNREFUSED') return `${where} refuses ${transport} (ECONNREFUSED)`;
  if (peer.transport === 'tls' && /CERT|SIGNED|SIGNATURE|ERR_TLS/.test(code)) {
    return `The certificate of ${name} at ${where} is not accepted (${code})`;
  }
  return `${where} cannot be reached over ${transport} (${code})`;
}
