import type { SipMessage } from '../src/index.ts';

const US = '192.0.2.10:5060';
export const PROVIDER = '203.0.113.5:5060';

type Details = {
  /** Milliseconds after 23:15:00. */
  at: number;
  from?: string;
  to?: string;
  callId?: string;
  branch?: string;
  cseq?: string;
  fromTag?: string;
  /** '' for none. */
  toTag?: string;
  headers?: string[];
  transport?: string;
  body?: string;
};

/** A request of ours, by default the provider's. */
export function request(method: string, details: Details): SipMessage {
  const { toTag = method === 'INVITE' || method === 'CANCEL' ? '' : 'p1', to = PROVIDER } = details;
  const start = `${method} sip:+821012345678@${to} SIP/2.0`;
  return message(start, method, { from: US, to, ...details, toTag, cseq: details.cseq ?? `1 ${method}` });
}

/** A response of the provider to our INVITE. */
export function response(status: number, phrase: string, details: Details): SipMessage {
  const { toTag = status === 100 ? '' : 'p1', cseq = '1 INVITE' } = details;
  const line = `SIP/2.0 ${status} ${phrase}`;
  return message(line, String(status), { from: PROVIDER, to: US, ...details, toTag, cseq });
}

/** What our edge responds in the provider's place: from us to us. */
export function edgeResponse(status: number, phrase: string, details: Details): SipMessage {
  const warning = `Warning: 399 edge "${phrase}"`;
  return response(status, phrase, { from: US, to: US, toTag: 'edge', ...details, headers: [warning] });
}

/** A request of the provider in the dialog that we set up. */
export function providerRequest(method: string, details: Details): SipMessage {
  const swapped = { from: PROVIDER, to: US, fromTag: 'p1', toTag: 'u1', branch: 'z9hG4bKprovider' };
  return request(method, { cseq: `7 ${method}`, ...swapped, ...details });
}

function message(startLine: string, method: string, details: Details): SipMessage {
  const { at, from = US, to = PROVIDER, callId = 'call-1@192.0.2.10', branch = 'z9hG4bK1' } = details;
  const { cseq, fromTag = 'u1', toTag = '', headers = [], transport = 'UDP', body = '' } = details;
  const raw = [
    startLine,
    `Via: SIP/2.0/${transport} ${US};branch=${branch};rport`,
    `From: "Test" <sip:+14155551234@192.0.2.10>;tag=${fromTag}`,
    `To: <sip:+821012345678@203.0.113.5>${toTag === '' ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    ...headers,
    `Content-Length: ${new TextEncoder().encode(body).byteLength}`,
    '',
    body,
  ].join('\r\n');
  const [srcIp, srcPort] = endpoint(from);
  const [dstIp, dstPort] = endpoint(to);
  const ports = { src_ip: srcIp, src_port: srcPort, dst_ip: dstIp, dst_port: dstPort };
  return { timestamp: timestampAt(at), method, ...ports, raw };
}

/** `2026-04-21T23:15:00.000000Z` and so many milliseconds. */
export function timestampAt(milliseconds: number): string {
  return new Date(Date.UTC(2026, 3, 21, 23, 15) + milliseconds).toISOString().replace('Z', '000Z');
}

function endpoint(text: string): [ip: string, port: number] {
  const colon = text.lastIndexOf(':');
  return [text.slice(0, colon).replace(/^\[|\]$/g, ''), Number(text.slice(colon + 1))];
}

const SDP_LINES = ['v=0', 'o=- 1 1 IN IP4 203.0.113.6', 's=-', 'c=IN IP4 203.0.113.6', 't=0 0'];

export const SDP = {
  headers: ['Content-Type: application/sdp'],
  body: [...SDP_LINES, 'm=audio 40000 RTP/AVP 0', ''].join('\r\n'),
};
