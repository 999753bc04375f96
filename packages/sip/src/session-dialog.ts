import type { CallCapture, Endpoint } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import type { ClientTransaction, TransactionFailure } from './client-transaction.ts';
import type { Dialog } from './dialog.ts';
import type { DigestSession } from './digest.ts';
import type { SipHeader, SipResponse } from './message.ts';
import { type OutgoingRequest, requestBytes } from './outgoing-request.ts';
import { SipSyntaxError } from './scanner.ts';
import { type Hop, UnreachableError } from './transport.ts';

/** Enough even for a day of refreshes, because only the latest INVITEs can still be retransmitted. */
const MAX_INVITES = 8;

type Path = {
  hop: Hop;
  /** False if the far end asks for requests to be sent where they must not or cannot go. */
  isAsRequested: boolean;
};

export type RequestOutcome =
  | { response: SipResponse; request: OutgoingRequest }
  | { failure: TransactionFailure; request: OutgoingRequest };

/** A far end that answered an INVITE with 2xx, and the path to it. A forked INVITE may have several. */
export class SessionDialog {
  readonly dialog: Dialog;
  readonly #core: CallCore;
  readonly #capture: CallCapture;
  readonly #digest: DigestSession;
  /** The hop by which the 2xx arrived. */
  readonly #fallback: Hop;
  #path: Promise<Path>;
  readonly #held = new Set<Hop>();
  readonly #acks = new Map<number, { bytes: Uint8Array; hop: Hop }>();
  /** Our re-INVITEs by branch; a 2xx to one of them may be retransmitted. */
  readonly #invites = new Map<string, OutgoingRequest>();
  #pending: ClientTransaction | undefined;

  constructor(
    core: CallCore,
    capture: CallCapture,
    digest: DigestSession,
    dialog: Dialog,
    options: { fallback: Hop; routingProblem: string | undefined },
  ) {
    this.#core = core;
    this.#capture = capture;
    this.#digest = digest;
    this.#fallback = options.fallback;
    this.dialog = dialog;
    this.#path = this.#findPath(options.routingProblem);
  }

  async local(): Promise<Endpoint> {
    return (await this.#path).hop.local;
  }

  async hop(): Promise<Hop> {
    return (await this.#path).hop;
  }

  /**
   * Sends the ACK of a 2xx (RFC 3261 §13.2.2.4). Returns false if the far end asks for requests to be sent where they
   * must not or cannot go. The ACK is then sent along the path of the 2xx, so that a BYE can follow and no phone stays
   * off the hook.
   */
  async acknowledge(invite: OutgoingRequest): Promise<boolean> {
    const { hop, isAsRequested } = await this.#path;
    const credentials = invite.headers.filter(({ name }) => /^(Proxy-)?Authorization$/.test(name));
    const ack = this.dialog.createRequest('ACK', hop.local, hop.transport, {
      headers: () => credentials,
      cseq: invite.cseq,
    });
    this.#acks.set(invite.cseq, { bytes: requestBytes(ack), hop });
    this.acknowledgeAgain(invite.cseq);
    return isAsRequested;
  }

  /** Sends the ACK again, because the far end has retransmitted its 2xx. */
  acknowledgeAgain(cseq: number): void {
    // If it has not been sent yet, the first one is about to be.
    const ack = this.#acks.get(cseq);
    if (ack !== undefined) this.#core.send(ack.bytes, ack.hop, this.#capture);
  }

  /** Sends a request and waits for its final response; a challenge is answered. */
  async request(
    method: string,
    options: { headers?: SipHeader[]; body?: Uint8Array } = {},
  ): Promise<RequestOutcome> {
    const hop = await this.#openHop();
    this.#digest.begin();
    for (;;) {
      const request = this.dialog.createRequest(method, hop.local, hop.transport, {
        headers: (uri) => [...this.#digest.headers(method, uri), ...(options.headers ?? [])],
        ...(options.body === undefined ? {} : { body: options.body }),
      });
      if (method === 'INVITE') this.#rememberInvite(request);
      const outcome = await this.#send(request, hop);
      if ('failure' in outcome || !this.#digest.accept(outcome.response).shouldRepeat) return outcome;
    }
  }

  /** Returns our re-INVITE with this branch. */
  inviteOf(branch: string): OutgoingRequest | undefined {
    return this.#invites.get(branch);
  }

  /** Sends BYE and waits for its response, or until none is to be expected any more. */
  async bye(): Promise<void> {
    await this.request('BYE');
    this.#pending = undefined;
  }

  /** Makes the next request go to the far end's new address. */
  targetRefreshed(): void {
    this.#path = this.#findPath(undefined);
  }

  release(): void {
    this.#pending?.dispose();
    for (const hop of this.#held) hop.release();
    this.#held.clear();
  }

  /**
   * Opens the path again if necessary: a connection may have been closed while idle, and a BYE must not get lost for
   * that reason.
   */
  async #openHop(): Promise<Hop> {
    const { hop } = await this.#path;
    if (hop.isOpen) return hop;
    this.#path = this.#findPath(undefined);
    return (await this.#path).hop;
  }

  #rememberInvite(invite: OutgoingRequest): void {
    const [oldest] = this.#invites.keys();
    if (this.#invites.size >= MAX_INVITES && oldest !== undefined) {
      this.#invites.delete(oldest);
    }
    this.#invites.set(invite.branch, invite);
  }

  #send(request: OutgoingRequest, hop: Hop): Promise<RequestOutcome> {
    const { promise, resolve } = Promise.withResolvers<RequestOutcome>();
    this.#pending = this.#core.request(request, hop, this.#capture, {
      response: (response) => {
        if (response.status >= 200) resolve({ response, request });
      },
      failed: (failure) => resolve({ failure, request }),
    });
    return promise;
  }

  async #findPath(routingProblem: string | undefined): Promise<Path> {
    try {
      if (routingProblem !== undefined) throw new SipSyntaxError(routingProblem);
      const hop = await this.#openFirst();
      this.#held.add(hop);
      return { hop, isAsRequested: true };
    } catch (error) {
      if (!(error instanceof UnreachableError) && !(error instanceof SipSyntaxError)) throw error;
      if (
        error instanceof UnreachableError &&
        error.status === 503 &&
        this.#fallback.isOpen &&
        this.#fallback.transport !== 'udp'
      ) {
        // Far ends behind a NAT name an address that cannot be connected to; they listen on the existing connection.
        this.#capture.note(`${error.message}; the connection that exists is used.`);
        return { hop: this.#fallback, isAsRequested: true };
      }
      this.#capture.note(
        `The far end asks for requests to go elsewhere, which cannot be done (${error.message}); the call ends.`,
      );
      return { hop: this.#fallback, isAsRequested: false };
    }
  }

  async #openFirst(): Promise<Hop> {
    const targets = await this.#core.locate(this.dialog.nextHop());
    let problem: unknown;
    for (const target of targets) {
      try {
        return await this.#core.open(target);
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }
}
