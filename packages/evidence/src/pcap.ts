import { microsecondsOf } from './instant.ts';
import { addressBytes } from './ip-address.ts';
import type { SipMessage } from './platform-records.ts';

/** LINKTYPE_RAW: each packet begins with its IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101;
const UDP = 17;
const UDP_HEADER_LENGTH = 8;
const MAX_DATAGRAM = 65_535;
const MAX_IPV4_PAYLOAD = MAX_DATAGRAM - 20 - UDP_HEADER_LENGTH;
const MAX_IPV6_PAYLOAD = MAX_DATAGRAM - UDP_HEADER_LENGTH;

/**
 * Returns the messages as a capture file (libpcap, microseconds) that tshark, Wireshark and sngrep open. Every message
 * is one UDP datagram between the addresses and ports of the capture, even if it travelled over TCP or TLS: segments
 * and handshakes were not recorded and are not invented. Messages keep their order; one without a readable time gets
 * that of the message before it, one without readable addresses is shown between 0.0.0.0 and 0.0.0.0, and one that does
 * not fit into a datagram is truncated.
 */
export function pcapOf(messages: readonly SipMessage[]): Uint8Array<ArrayBuffer> {
  let time = 0;
  const packets = messages.map((message) => {
    time = microsecondsOf(message.timestamp) ?? time;
    return { time: Math.max(time, 0), bytes: packetOf(message) };
  });
  const length = packets.reduce((sum, { bytes }) => sum + 16 + bytes.byteLength, 24);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, MAX_DATAGRAM + 40);
  view.setUint32(20, LINKTYPE_RAW);
  let at = 24;
  for (const packet of packets) {
    view.setUint32(at, Math.floor(packet.time / 1_000_000));
    view.setUint32(at + 4, packet.time % 1_000_000);
    view.setUint32(at + 8, packet.bytes.byteLength);
    view.setUint32(at + 12, packet.bytes.byteLength);
    file.set(packet.bytes, at + 16);
    at += 16 + packet.bytes.byteLength;
  }
  return file;
}

function packetOf(message: SipMessage): Uint8Array {
  const source = addressBytes(message.src_ip);
  const destination = addressBytes(message.dst_ip);
  const payload = new TextEncoder().encode(typeof message.raw === 'string' ? message.raw : '');
  const ports = { source: portOf(message.src_port), destination: portOf(message.dst_port) };
  if (source?.length === 16 || destination?.length === 16) {
    return ipv6Packet(toIPv6(source), toIPv6(destination), ports, payload.subarray(0, MAX_IPV6_PAYLOAD));
  }
  const unknown = new Uint8Array(4);
  return ipv4Packet(source ?? unknown, destination ?? unknown, ports, payload.subarray(0, MAX_IPV4_PAYLOAD));
}

type Ports = { source: number; destination: number };

function portOf(port: unknown): number {
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0;
}

/** An IPv4 address next to an IPv6 one is written as IPv4-mapped (RFC 4291 §2.5.5.2). */
function toIPv6(address: Uint8Array | undefined): Uint8Array {
  if (address?.length === 16) return address;
  const mapped = new Uint8Array(16);
  if (address === undefined) return mapped;
  mapped.set([0xff, 0xff], 10);
  mapped.set(address, 12);
  return mapped;
}

/** RFC 791. */
function ipv4Packet(source: Uint8Array, destination: Uint8Array, ports: Ports, payload: Uint8Array) {
  const packet = new Uint8Array(20 + UDP_HEADER_LENGTH + payload.byteLength);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.byteLength);
  view.setUint16(6, 0x4000); // Don't fragment: the identification may then be 0 (RFC 6864 §4.1).
  view.setUint8(8, 64);
  view.setUint8(9, UDP);
  packet.set(source, 12);
  packet.set(destination, 16);
  view.setUint16(10, checksumOf([packet.subarray(0, 20)]));
  writeUdp(packet.subarray(20), source, destination, ports, payload);
  return packet;
}

/** RFC 8200. */
function ipv6Packet(source: Uint8Array, destination: Uint8Array, ports: Ports, payload: Uint8Array) {
  const packet = new Uint8Array(40 + UDP_HEADER_LENGTH + payload.byteLength);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, packet.byteLength - 40);
  view.setUint8(6, UDP);
  view.setUint8(7, 64);
  packet.set(source, 8);
  packet.set(destination, 24);
  writeUdp(packet.subarray(40), source, destination, ports, payload);
  return packet;
}

/** RFC 768, with the checksum that IPv6 requires. */
function writeUdp(
  datagram: Uint8Array,
  source: Uint8Array,
  destination: Uint8Array,
  ports: Ports,
  payload: Uint8Array,
) {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  view.setUint16(0, ports.source);
  view.setUint16(2, ports.destination);
  view.setUint16(4, datagram.byteLength);
  datagram.set(payload, UDP_HEADER_LENGTH);
  // The pseudo-header repeats source, destination, length and protocol; its sum is the same for both versions of IP.
  const tail = new Uint8Array([0, UDP, datagram.byteLength >> 8, datagram.byteLength & 0xff]);
  view.setUint16(6, checksumOf([source, destination, tail, datagram]) || 0xffff);
}

/** Returns the Internet checksum (RFC 1071). Every part except the last has an even length. */
function checksumOf(parts: Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
