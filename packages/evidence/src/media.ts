import type { CallFacts } from './call-facts.ts';
import { isPrivateAddress } from './ip-address.ts';
import type { ReadMessage } from './read-message.ts';

/** A shorter call may not have lasted long enough for its media to be measured. */
const MIN_TALK_MS = 2_000;
/** G.711 and most other codecs send a packet every 20 ms (RFC 3551 §4.2). */
const PACKETS_PER_SECOND = 50;

/**
 * Returns a description of what is wrong with an answered call's media, or undefined if nothing is known to be wrong.
 */
export function mediaFault(facts: Pick<CallFacts, 'analysis' | 'talkMs' | 'final'>): string | undefined {
  const { analysis, talkMs, final } = facts;
  const stats = analysis?.rtcp_stats;
  if (stats === undefined || stats === null || talkMs === undefined || talkMs < MIN_TALK_MS) return undefined;
  const hint = final === undefined ? '' : addressHint(final);
  const { rtp_packets_sent: sent, rtp_packets_received: received, rtp_packets: both } = stats;
  // The platform sends 0 for what was not reported to it; only if nothing was measured can there have been no packets.
  const isMeasured = [stats.mos, stats.jitter, stats.rtt].some((value) => value !== undefined && value > 0);
  if ((both === 0 && !isMeasured) || (sent === 0 && received === 0)) {
    return `no audio in either direction (0 RTP packets)${hint}, so our side or the provider's may be at fault; check the firewall between us and the provider's media addresses`;
  }
  if (received === 0) {
    return `no audio from the provider (0 RTP packets received)${hint}, so the provider or a firewall on the way is at fault; check that its media may reach us`;
  }
  if (sent === 0) {
    return 'no audio from us (0 RTP packets sent), so we are at fault; check that our media may leave';
  }
  if (sent === undefined && received === undefined && both !== undefined && looksOneWay(both, talkMs)) {
    return `audio that is perhaps one-way (${both} RTP packets, about what one direction has)${hint}; listen to a call, and check the firewall between the media addresses if one side hears nothing`;
  }
  const loss = stats.packet_loss_pct;
  if (loss !== undefined && loss >= 5) {
    return `${round(loss)} % of the packets lost, so audio was poor; check the path to the provider's media addresses`;
  }
  if (stats.mos !== undefined && stats.mos >= 1 && stats.mos < 3) {
    return `poor audio (MOS ${round(stats.mos)}); check the path to the provider's media addresses`;
  }
  return undefined;
}

/**
 * The platform counts both directions together, so a one-way call has about half of the packets that both would have
 * sent.
 */
function looksOneWay(packets: number, talkMs: number): boolean {
  const oneWay = (talkMs / 1_000) * PACKETS_PER_SECOND;
  return packets > oneWay * 0.7 && packets < oneWay * 1.3;
}

function addressHint(message: ReadMessage): string {
  const address = mediaAddress(message);
  if (address === undefined || !isPrivateAddress(address) || isPrivateAddress(message.sourceIp)) return '';
  return `, and its session description names ${address}, which only its own network reaches`;
}

/**
 * Returns the address at which a message's session description wants to receive audio (RFC 4566 §5.7), if there is one.
 */
export function mediaAddress({ body }: Pick<ReadMessage, 'body'>): string | undefined {
  return /^c=IN IP[46] ([0-9A-Fa-f.:]{2,45})/m.exec(body)?.[1];
}

/** Returns the direction of a session description's audio, as seen by its sender; undefined without one. */
export function mediaDirection({ body }: Pick<ReadMessage, 'body'>): string | undefined {
  const audio = /^m=audio (\d{1,5})/m.exec(body);
  if (audio === null) return undefined;
  if (audio[1] === '0') return 'rejected';
  if (/^c=IN IP4 0\.0\.0\.0/m.test(body)) return 'inactive';
  return /^a=(sendonly|recvonly|inactive|sendrecv)\b/m.exec(body)?.[1] ?? 'sendrecv';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
