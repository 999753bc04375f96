import { parse, type SessionDescription, write } from 'sdp-transform';
import type { Endpoint } from './call-capture.ts';
import { familyOfAddress, ipFamily } from './ip-address.ts';

type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An audio stream as described by the far end. */
export type RemoteAudio = Endpoint & {
  /** The payload type of the first codec that we offered or support. */
  payloadType: number;
  clockRate: number;
  codec: string;
  /** From the far end's point of view: it listens with `sendrecv` and `recvonly`. */
  direction: MediaDirection;
};

export type Codec = { name: string; payloadType: number; clockRate: number; encoding?: number };

/** Our side of a session: where we receive, and the version of its description (RFC 3264 §8). */
export type LocalSession = { id: number; version: number; address: string; port: number };

/** The codecs that can be offered: RFC 3551 table 4, and dynamic numbers for the others. */
const CODECS: Codec[] = [
  { name: 'PCMU', payloadType: 0, clockRate: 8_000 },
  { name: 'GSM', payloadType: 3, clockRate: 8_000 },
  { name: 'PCMA', payloadType: 8, clockRate: 8_000 },
  { name: 'G722', payloadType: 9, clockRate: 8_000 },
  { name: 'G729', payloadType: 18, clockRate: 8_000 },
  { name: 'opus', payloadType: 96, clockRate: 48_000, encoding: 2 },
];
const FALLBACK_CODECS = CODECS.filter(({ name }) => name === 'PCMU' || name === 'PCMA');
const TELEPHONE_EVENT: Codec = { name: 'telephone-event', payloadType: 101, clockRate: 8_000 };

const MAX_BODY_BYTES = 16_384;
const MAX_PORT = 65_535;
/** An RTP packet has seven bits for it (RFC 3550 §5.1). */
const MAX_PAYLOAD_TYPE = 127;

/**
 * Returns the codecs named by a provider's `codecs` ("PCMU,PCMA"), in that order, and the names that we do not know. If
 * it names none that we know, G.711 is offered instead.
 */
export function codecsNamed(names: string): { codecs: Codec[]; unknown: string[] } {
  const wanted = names.split(',').flatMap((name) => name.trim() || []);
  const codecs = new Set<Codec>();
  const unknown: string[] = [];
  for (const name of wanted) {
    const codec = CODECS.find((known) => known.name.toUpperCase() === name.toUpperCase());
    if (codec === undefined) unknown.push(name);
    else codecs.add(codec);
  }
  return { codecs: codecs.size > 0 ? [...codecs] : FALLBACK_CODECS, unknown };
}

/** Returns an offer of one audio stream (RFC 8866, RFC 3264 §5). */
export function formatOffer(local: LocalSession, codecs: Codec[]): Uint8Array {
  return formatSession(local, [audioMedia(local, codecs, 'sendrecv')]);
}

/**
 * Returns the answer to an offer within a call (RFC 3264 §6): the first audio stream with a known codec is accepted,
 * and every other stream is rejected with port 0. Returns undefined if no stream can be accepted, which means a 488.
 */
export function formatAnswer(
  offer: Uint8Array,
  local: LocalSession,
): { body: Uint8Array; remote: RemoteAudio } | undefined {
  const offers = parseMedia(offer);
  const accepted = offers.findIndex((media) => audioOf(media) !== undefined);
  const media = offers[accepted];
  const remote = media === undefined ? undefined : audioOf(media);
  if (remote === undefined) return undefined;
  const codec = {
    name: remote.codec,
    payloadType: remote.payloadType,
    clockRate: remote.clockRate,
    ...(remote.codec === 'opus' ? { encoding: 2 } : {}),
  };
  const answers = offers.map((offered, index) =>
    index === accepted ? audioMedia(local, [codec], mirrored(remote.direction), offered) : rejected(offered),
  );
  return { body: formatSession(local, answers), remote };
}

/** Returns the audio stream of an answer, or undefined if there is none, it was rejected or it cannot be read. */
export function parseAudio(body: Uint8Array): RemoteAudio | undefined {
  for (const media of parseMedia(body)) {
    const audio = audioOf(media);
    if (audio !== undefined) return audio;
  }
  return undefined;
}

/** Returns whether the far end wants to receive what we send. */
export function listens({ address, direction }: RemoteAudio): boolean {
  // RFC 2543 used 0.0.0.0 to put a call on hold.
  return (direction === 'sendrecv' || direction === 'recvonly') && address !== '0.0.0.0';
}

/** Returns the direction that answers an offered one (RFC 3264 §6.1). */
function mirrored(direction: MediaDirection): MediaDirection {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}

type Media = SessionDescription['media'][number];

/** What is read of the far end's media description; undefined, or left out of a list, is what cannot be read. */
type RemoteMedia = {
  type: string | undefined;
  port: number | undefined;
  protocol: string | undefined;
  payloadTypes: number[];
  rtpmaps: { payloadType: number | undefined; codec: string | undefined }[];
  /** Its own address and direction or else, as for the session as a whole, the session's. */
  address: string | undefined;
  direction: MediaDirection;
};

function parseMedia(body: Uint8Array): RemoteMedia[] {
  const session = parseSession(body);
  return session?.media.map((media) => readMedia(session, media)) ?? [];
}

function parseSession(body: Uint8Array): SessionDescription | undefined {
  if (body.byteLength === 0 || body.byteLength > MAX_BODY_BYTES) return undefined;
  try {
    return parse(Buffer.from(body).toString('latin1'));
  } catch {
    // The library promises nothing about malformed text.
    return undefined;
  }
}

function readMedia(session: SessionDescription, media: Media): RemoteMedia {
  // A malformed m= line leaves these undefined, whatever the library's types say.
  const { connection, payloads, port, protocol, type }: Partial<Media> = media;
  return {
    type: textOf(type),
    port: integerOf(port, MAX_PORT),
    protocol: textOf(protocol),
    payloadTypes: (textOf(payloads) ?? '')
      .split(' ')
      .flatMap((text) => integerOf(text, MAX_PAYLOAD_TYPE) ?? []),
    rtpmaps: media.rtp.map(({ codec, payload }) => ({
      payloadType: integerOf(payload, MAX_PAYLOAD_TYPE),
      codec: textOf(codec),
    })),
    address: textOf((connection ?? session.connection)?.ip),
    direction: directionOf(media) ?? directionOf(session) ?? 'sendrecv',
  };
}

/**
 * A value as the library reads it, whatever its types say: anything that looks like a number is one, even an address or
 * a codec, and `08000` or nothing at all is text, even for a port.
 */
type Value = string | number | undefined;

function textOf(value: Value): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}

function integerOf(value: Value, max: number): number | undefined {
  const text = textOf(value);
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const integer = Number(text);
  return integer <= max ? integer : undefined;
}

function audioOf(media: RemoteMedia): RemoteAudio | undefined {
  const { address, direction, port, protocol, type } = media;
  if (type !== 'audio' || protocol !== 'RTP/AVP' || address === undefined || ipFamily(address) === 0)
    return undefined;
  // A rejected stream has port 0.
  if (port === undefined || port === 0) return undefined;
  const codec = media.payloadTypes
    .map((payloadType) => codecOf(media, payloadType))
    .find((known) => known !== undefined);
  if (codec === undefined) return undefined;
  const { clockRate, name, payloadType } = codec;
  return { address, port, payloadType, clockRate, codec: name, direction };
}

/** Returns the codec of a payload type: a dynamic one is defined by its rtpmap, a static one needs none. */
function codecOf({ rtpmaps }: RemoteMedia, payloadType: number): Codec | undefined {
  const mapped = rtpmaps.find((rtpmap) => rtpmap.payloadType === payloadType);
  if (mapped === undefined)
    return CODECS.find((codec) => codec.payloadType === payloadType && payloadType < 96);
  const known = CODECS.find(({ name }) => name.toUpperCase() === mapped.codec?.toUpperCase());
  return known === undefined ? undefined : { ...known, payloadType };
}

function directionOf({ direction }: { direction?: string | undefined }): MediaDirection | undefined {
  switch (direction) {
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      return direction;
    default:
      return undefined;
  }
}

function audioMedia(
  local: LocalSession,
  codecs: Codec[],
  direction: MediaDirection,
  offered?: RemoteMedia,
): Media {
  const eventType =
    offered === undefined
      ? TELEPHONE_EVENT.payloadType
      : offered.rtpmaps.find(({ codec }) => codec === TELEPHONE_EVENT.name)?.payloadType;
  const all = eventType === undefined ? codecs : [...codecs, { ...TELEPHONE_EVENT, payloadType: eventType }];
  return {
    type: 'audio',
    port: local.port,
    protocol: 'RTP/AVP',
    payloads: all.map(({ payloadType }) => payloadType).join(' '),
    rtp: all.map(({ clockRate, encoding, name, payloadType }) => ({
      payload: payloadType,
      codec: name,
      rate: clockRate,
      ...(encoding === undefined ? {} : { encoding }),
    })),
    fmtp: eventType === undefined ? [] : [{ payload: eventType, config: '0-16' }],
    ptime: 20,
    direction,
  };
}

/** Returns the description of a rejected stream, which keeps its place in the answer, with port 0 (RFC 3264 §6). */
function rejected({ payloadTypes, protocol, type }: RemoteMedia): Media {
  return {
    type: type ?? 'audio',
    port: 0,
    protocol: protocol ?? 'RTP/AVP',
    payloads: payloadTypes.join(' ') || '0',
    rtp: [],
    fmtp: [],
  };
}

function formatSession(local: LocalSession, media: Media[]): Uint8Array {
  const version = familyOfAddress(local.address);
  const session: SessionDescription = {
    version: 0,
    origin: {
      username: '-',
      sessionId: local.id,
      sessionVersion: local.version,
      netType: 'IN',
      ipVer: version,
      address: local.address,
    },
    name: '-',
    connection: { version, ip: local.address },
    timing: { start: 0, stop: 0 },
    media,
  };
  return Buffer.from(write(session));
}
