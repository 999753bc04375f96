type Count = { packets: number; bytes: number };

/**
 * The counters of one call's RTP and RTCP ports. Values that were not measured are absent: loss and jitter require
 * received packets, and the round-trip time requires a report from the far end about our stream.
 */
export type RtpStatistics = {
  sent: Count;
  received: Count & {
    /** Packets missing from the received stream, out of those expected (RFC 3550 A.3). */
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

  /**
   * `timestamp` is in units of the codec's clock, `arrivalMs` by ours; without a timestamp the jitter does not change.
   */
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
      // Timestamps wrap at 2^32; a difference of that size is not a delay.
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

  /** In units of the codec's clock, as RTCP reports it. */
  get jitter(): number {
    return this.#jitter;
  }

  get jitterMs(): number {
    return (this.#jitter * 1_000) / this.#clockRate;
  }
}
