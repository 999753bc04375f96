type Count = { packets: number; bytes: number };

/**
 * What was counted on one call's RTP and RTCP ports. What was not measured is absent: loss and jitter need received
 * packets, the round trip needs a report of the far end about our stream.
 */
export type RtpStatistics = {
  sent: Count;
  received: Count & {
    /** Packets missing in the received stream, of those expected (RFC 3550 A.3). */
    lost?: number;
    lostPercent?: number;
    /** Milliseconds (RFC 3550 A.8). */
    jitterMs?: number;
    /** Packets on the RTP port that are not RTP. */
    errors: number;
  };
  rtcp: { sent: Count; received: Count & { errors: number }; roundTripMs?: number };
};

// RFC 3550 A.1.
const SEQUENCE_CYCLE = 65_536;
const MAX_DROPOUT = 3_000;

/** One received stream, by its SSRC: sequence numbers, loss and jitter (RFC 3550 A.1, A.3, A.8). */
export class ReceivedStream {
  readonly ssrc: number;
  readonly #clockRate: number;
  readonly #baseSequence: number;
  #maxSequence: number;
  #cycles = 0;
  #packets = 0;
  #transit: number | undefined;
  #jitter = 0;

  constructor(ssrc: number, sequence: number, clockRate: number) {
    this.ssrc = ssrc;
    this.#clockRate = clockRate;
    this.#baseSequence = sequence;
    this.#maxSequence = sequence;
  }

  /** `timestamp` in units of the codec's clock, `arrivalMs` by ours; without a timestamp the jitter stays as it is. */
  add(sequence: number, timestamp: number | undefined, arrivalMs: number): void {
    this.#packets += 1;
    const ahead = (sequence - this.#maxSequence + SEQUENCE_CYCLE) % SEQUENCE_CYCLE;
    if (ahead > 0 && ahead < MAX_DROPOUT) {
      if (sequence < this.#maxSequence) this.#cycles += SEQUENCE_CYCLE;
      this.#maxSequence = sequence;
    }
    if (timestamp === undefined) return;
    const transit = (arrivalMs / 1_000) * this.#clockRate - timestamp;
    if (this.#transit !== undefined) {
      // Timestamps wrap at 2^32; a difference of that size is no delay.
      const difference = Math.abs(transit - this.#transit) % 2 ** 32;
      const distance = Math.min(difference, 2 ** 32 - difference);
      this.#jitter += (distance - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  get packets(): number {
    return this.#packets;
  }

  get expected(): number {
    return this.#cycles + this.#maxSequence - this.#baseSequence + 1;
  }

  /** Negative when packets were duplicated. */
  get lost(): number {
    return this.expected - this.#packets;
  }

  get extendedMaxSequence(): number {
    return this.#cycles + this.#maxSequence;
  }

  /** In units of the clock, as RTCP reports it. */
  get jitter(): number {
    return this.#jitter;
  }

  get jitterMs(): number {
    return (this.#jitter * 1_000) / this.#clockRate;
  }
}
