/** The timers of RFC 3261 appendix A, table 4, in milliseconds. B, F, H and J are 64 * T1. */
export type SipTimers = {
  /** T1: time to the first retransmission, an estimate of the round-trip time. */
  t1: number;
  /** T2: the maximum interval between retransmissions of anything except INVITE. */
  t2: number;
  /** T4, and so timer K: how long a message may stay in the network. */
  t4: number;
  /** Timer D: how long a rejected INVITE responds to retransmitted rejections with ACK. */
  d: number;
};

/** The defaults of that table; timer D is its minimum for an unreliable transport. */
export const DEFAULT_TIMERS: SipTimers = { t1: 500, t2: 4_000, t4: 5_000, d: 32_000 };

/** Returns 64 * T1: timers B and F, and how long the far end may retransmit (H, J). */
export function timerB(timers: SipTimers): number {
  return 64 * timers.t1;
}
