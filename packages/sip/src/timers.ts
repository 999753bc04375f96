/** The timers of RFC 3261 17.1, table 4, in milliseconds. B, F and everything of 64 * T1 follow from `t1`. */
export type SipTimers = {
  /** T1: the first retransmission; the round trip that is assumed. */
  t1: number;
  /** T2: the longest time between retransmissions of anything but INVITE. */
  t2: number;
  /** T4, and so timer K: how long a message may stay in the network. */
  t4: number;
  /** Timer D: how long a refused INVITE answers retransmitted refusals with ACK. */
  d: number;
};

export const defaultTimers: SipTimers = { t1: 500, t2: 4_000, t4: 5_000, d: 32_000 };

/** Timers B and F, and how long the far end may repeat what it sends. */
export function giveUpAfter(timers: SipTimers): number {
  return 64 * timers.t1;
}
