import { isIP } from 'node:net';

export type MediaAddress = { address: string; port: number };

/** What an answer agreed to. */
export type AgreedMedia = MediaAddress & {
  payloadType: number;
  /** Whether the far end listens. */
  listens: boolean;
};

type Codec = { name: string; payloadType: number; clock: number };

/** The codecs that can be offered: RFC 3551 table 4, and dynamic numbers for the others. */
const codecs: Codec[] = [
  { name: 'PCMU', payloadType: 0, clock: 8000 },
  { name: 'GSM', payloadType: 3, clock: 8000 },
  { name: 'PCMA', payloadType: 8, clock: 8000 },
  { name: 'G722', payloadType: 9, clock: 8000 },
  { name: 'G729', payloadType: 18, clock: 8000 },
  { name: 'OPUS', payloadType: 96, clock: 48000 },
];

/** A provider's `codecs` ("PCMU,PCMA") as those we can offer, in its order; G.711 when it names none that we know. */
export function codecsNamed(names: string): Codec[] {
  const wanted = names.split(',').map((name) => name.trim().toUpperCase());
  const known = wanted.flatMap((name) => codecs.filter((codec) => codec.name === name));
  return known.length > 0
    ? [...new Set(known)]
    : codecs.filter(({ name }) => name === 'PCMU' || name === 'PCMA');
}

/** An SDP offer of one audio stream (RFC 8866, RFC 3264 5). */
export function audioOffer(local: MediaAddress, providerCodecs: string, sessionId: number): Uint8Array {
  const offered = codecsNamed(providerCodecs);
  const where = `IN ${isIP(local.address) === 6 ? 'IP6' : 'IP4'} ${local.address}`;
  const lines = [
    'v=0',
    `o=- ${sessionId} 1 ${where}`,
    's=-',
    `c=${where}`,
    't=0 0',
    `m=audio ${local.port} RTP/AVP ${[...offered.map(({ payloadType }) => payloadType), 101].join(' ')}`,
    ...offered.map(
      ({ name, payloadType, clock }) =>
        `a=rtpmap:${payloadType} ${name === 'OPUS' ? 'opus' : name}/${clock}${name === 'OPUS' ? '/2' : ''}`,
    ),
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=sendrecv',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

const largestAnswer = 8_192;

/** The audio stream of an SDP answer; undefined when there is none, it was refused, or it cannot be read. */
export function agreedAudio(body: Uint8Array): AgreedMedia | undefined {
  if (body.byteLength > largestAnswer) return undefined;
  let address = '';
  let direction = 'sendrecv';
  let media: { port: number; payloadType: number } | undefined;
  let section: 'session' | 'audio' | 'other' = 'session';
  for (const line of Buffer.from(body).toString('latin1').split(/\r?\n/)) {
    if (line.startsWith('m=')) {
      const match = /^m=audio (\d{1,5})(?:\/\d+)? RTP\/AVP (\d{1,3})(?: |$)/.exec(line);
      section = match !== null && media === undefined ? 'audio' : 'other';
      if (section === 'audio') media = { port: Number(match?.[1]), payloadType: Number(match?.[2]) };
    } else if (section !== 'other') {
      address = /^c=IN IP[46] ([0-9A-Fa-f:.]{2,45})$/.exec(line)?.[1] ?? address;
      direction = /^a=(sendrecv|sendonly|recvonly|inactive)$/.exec(line)?.[1] ?? direction;
    }
  }
  if (media === undefined || media.port < 1 || media.port > 65_535 || isIP(address) === 0) return undefined;
  return { ...media, address, listens: direction === 'sendrecv' || direction === 'recvonly' };
}
