import { expect, test } from 'vitest';
import type { RtcpStats } from '../src/index.ts';
import { mediaAddress, mediaDirection, mediaFault } from '../src/media.ts';

function fault(rtcp_stats: RtcpStats | null, talkMs: number | undefined = 10_000) {
  return mediaFault({ analysis: { sip_messages: [], rtcp_stats }, talkMs, final: undefined });
}

test.each([
  ['no statistics', null],
  ['nothing measured', {}],
  ['two-way audio', { rtp_packets: 1_000 }],
  ['two-way audio, directions apart', { rtp_packets_sent: 500, rtp_packets_received: 480 }],
  ['silence suppression on one side', { rtp_packets_sent: 500, rtp_packets_received: 20 }],
  ['a good MOS', { rtp_packets: 990, mos: 4.2 }],
  ['no MOS in spite of a 0', { rtp_packets: 990, mos: 0 }],
  ['a MOS without counters', { rtp_packets: 0, rtp_bytes: 0, mos: 3.8, jitter: 0, rtt: 0 }],
  ['a jitter without counters', { rtp_packets: 0, mos: 0, jitter: 7, rtt: 0 }],
  ['a round-trip time without counters', { rtp_packets: 0, rtt: 260_682 }],
  ['little loss', { rtp_packets: 990, packet_loss_pct: 1 }],
])('%s is not a fault', (_, stats) => {
  expect(fault(stats)).toBeUndefined();
});

test.each([
  ['no audio in either direction', { rtp_packets: 0 }],
  ['no audio in either direction', { rtp_packets: 0, mos: 0, jitter: 0, rtt: 0 }],
  ['no audio in either direction', { rtp_packets_sent: 0, rtp_packets_received: 0 }],
  ['no audio from the provider', { rtp_packets_sent: 500, rtp_packets_received: 0 }],
  ['no audio from us', { rtp_packets_sent: 0, rtp_packets_received: 500 }],
  ['perhaps one-way', { rtp_packets: 500 }],
  ['poor audio (MOS 2.1)', { rtp_packets: 990, mos: 2.14 }],
  ['7.5 % of the packets lost', { rtp_packets: 990, packet_loss_pct: 7.46 }],
])('%s is a fault', (text, stats) => {
  expect(fault(stats)).toContain(text);
});

test('a call too short to measure, or not answered, has no fault', () => {
  expect(fault({ rtp_packets: 0 }, 1_000)).toBeUndefined();
  expect(mediaFault({ analysis: undefined, talkMs: undefined, final: undefined })).toBeUndefined();
});

test.each([
  ['m=audio 4000 RTP/AVP 0\r\n', 'sendrecv'],
  ['m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n', 'sendonly'],
  ['m=audio 4000 RTP/AVP 0\na=inactive', 'inactive'],
  ['c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n', 'inactive'],
  ['m=audio 0 RTP/AVP 0\r\n', 'rejected'],
  ['', undefined],
  ['v=0\r\n', undefined],
])('the audio of %j is %s', (body, direction) => {
  expect(mediaDirection({ body })).toBe(direction);
});

test.each([
  ['c=IN IP4 10.0.0.1\r\n', '10.0.0.1'],
  ['c=IN IP6 2001:db8::1\r\n', '2001:db8::1'],
  ['c=IN IP4 host.example\r\n', undefined],
])('the media address of %j is %s', (body, address) => {
  expect(mediaAddress({ body })).toBe(address);
});
