import type { CallCapture } from './call-capture.ts';
import type { CallCore } from './call-core.ts';
import { type Dialog, nextHopOf, requestInDialog } from './dialog.ts';
import type { DigestSession } from './digest.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { requestBytes } from './outgoing-request.ts';
import type { Hop } from './udp-transport.ts';

/** One far end that answered an INVITE with 2xx. A forked INVITE may have several. */
export class AnsweredLeg {
  readonly dialog: Dialog;
  readonly #core: CallCore;
  readonly #capture: CallCapture;
  readonly #digest: DigestSession;
  readonly #way: Promise<{ hop: Hop; asAsked: boolean }>;
  #held: Hop | undefined;
  #ack: { bytes: Uint8Array; hop: Hop } | undefined;

  /** `fallback` is the hop that the answer came along. */
  constructor(core: CallCore, capture: CallCapture, digest: DigestSession, dialog: Dialog, fallback: Hop) {
    this.#core = core;
    this.#capture = capture;
    this.#digest = digest;
    this.dialog = dialog;
    this.#way = this.#findWay(fallback);
  }

  /**
   * Sends the ACK (RFC 3261 13.2.2.4). False when the far end wants requests to go where they must not or cannot: then
   * the ACK takes the way that the answer came along, so that a BYE can follow and no phone stays off the hook.
   */
  async acknowledge(invite: OutgoingRequest): Promise<boolean> {
    const { hop, asAsked } = await this.#way;
    const credentials = invite.headers.filter(({ name }) => /^(Proxy-)?Authorization$/.test(name));
    const request = requestInDialog(this.dialog, 'ACK', hostPort(hop), () => credentials);
    this.#ack = { bytes: requestBytes(request), hop };
    this.acknowledgeAgain();
    return asAsked;
  }

  /** The far end repeats its 2xx: our ACK was lost. */
  acknowledgeAgain(): void {
    // Not yet sent at all: the first one is on its way.
    if (this.#ack !== undefined) this.#core.send(this.#ack.bytes, this.#ack.hop, this.#capture);
  }

  /** Sends BYE and waits for its answer, or until nobody can be expected to give one any more. */
  async bye(): Promise<void> {
    const { hop } = await this.#way;
    this.#digest.begin();
    await new Promise<void>((resolve) => this.#sendBye(hop, resolve));
  }

  release(): void {
    this.#held?.release();
  }

  #sendBye(hop: Hop, done: () => void): void {
    const request = requestInDialog(this.dialog, 'BYE', hostPort(hop), (uri) =>
      this.#digest.headers('BYE', uri),
    );
    this.#core.request(request, hop, this.#capture, {
      response: (response) => {
        if (response.status < 200) return;
        if (this.#digest.accept(response)) this.#sendBye(hop, done);
        else done();
      },
      failed: done,
    });
  }

  async #findWay(fallback: Hop): Promise<{ hop: Hop; asAsked: boolean }> {
    try {
      const hop = await this.#core.reach(nextHopOf(this.dialog));
      this.#held = hop;
      return { hop, asAsked: true };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#capture.note(
        `The answer asks for requests to go elsewhere, which cannot be done (${why}); the call ends.`,
      );
      return { hop: fallback, asAsked: false };
    }
  }
}

function hostPort(hop: Hop) {
  return { host: hop.local.address, port: hop.local.port };
}
