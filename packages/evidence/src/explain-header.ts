import { type Explanation, type ExplanationRow, explanationOf } from './explanation.ts';
import { longName } from './read-message.ts';

const HEADERS: ReadonlyMap<string, ExplanationRow> = new Map(
  (
    [
      ['Accept', 'The types of body that the sender can read.', 'RFC 3261 §20.1'],
      ['Accept-Contact', 'What kind of phone the caller would like to reach.', 'RFC 3841 §9.2'],
      [
        'Alert-Info',
        'A ring tone for the called phone, or a ringback tone for the caller.',
        'RFC 3261 §20.4',
      ],
      ['Allow', 'The methods that the sender supports.', 'RFC 3261 §20.5'],
      ['Allow-Events', 'The event packages that the sender supports.', 'RFC 6665 §8.2.2'],
      [
        'Authorization',
        'The credentials with which the sender responds to a 401; the digest response itself is not kept here.',
        'RFC 3261 §20.7',
      ],
      [
        'Call-ID',
        'Identifies the call; all of its messages on one leg carry the same value.',
        'RFC 3261 §20.8',
      ],
      ['Call-Info', 'More about the caller or called party, such as a picture or a card.', 'RFC 3261 §20.9'],
      ['Contact', 'Where the sender can be reached directly for the rest of the call.', 'RFC 3261 §20.10'],
      ['Content-Length', 'The size of the body in bytes.', 'RFC 3261 §20.14'],
      [
        'Content-Type',
        'The type of the body; application/sdp is the description of the media.',
        'RFC 3261 §20.15',
      ],
      [
        'CSeq',
        'A number and method that pair a response with its request and put requests in order.',
        'RFC 3261 §20.16',
      ],
      ['Date', 'When the message was first sent.', 'RFC 3261 §20.17'],
      ['Diversion', 'Who forwarded the call, and why, before it came here.', 'RFC 5806'],
      ['Error-Info', 'Where more about the error can be found, such as an announcement.', 'RFC 3261 §20.18'],
      ['Expires', 'After how many seconds the message or its content expires.', 'RFC 3261 §20.19'],
      [
        'From',
        'Who the caller claims to be; the called phone displays it, and a carrier may check it against an allow list.',
        'RFC 3261 §20.20',
      ],
      ['Geolocation', 'Where the caller is.', 'RFC 6442 §4.1'],
      ['History-Info', 'The destinations to which the call was addressed before.', 'RFC 7044'],
      [
        'Identity',
        'A signature by which the originating carrier vouches for the calling number (STIR/SHAKEN).',
        'RFC 8224 §4',
      ],
      [
        'Max-Forwards',
        'How many more servers may forward the request; 0 ends it with 483.',
        'RFC 3261 §20.22',
      ],
      ['Min-Expires', 'The shortest expiration the server accepts.', 'RFC 3261 §20.23'],
      ['Min-SE', 'The shortest session timer the sender accepts, in seconds.', 'RFC 4028 §5'],
      [
        'P-Asserted-Identity',
        'The calling number that the sender vouches for among networks that trust each other; carriers route and bill by it, also when From is anonymous.',
        'RFC 3325 §9.1',
      ],
      ['P-Charging-Vector', 'Identifies the call for charging between IMS networks.', 'RFC 7315 §4.6'],
      ['P-Early-Media', 'Whether early media is authorized in each direction.', 'RFC 5009'],
      [
        'P-Preferred-Identity',
        'Which of its numbers the caller would like the network to assert.',
        'RFC 3325 §9.2',
      ],
      [
        'Privacy',
        'What the network must hide from the called party; id means the asserted identity.',
        'RFC 3323 §4.2, RFC 3325 §9.3',
      ],
      ['Proxy-Authenticate', 'The challenge of a proxy: realm, nonce and algorithm.', 'RFC 3261 §20.27'],
      [
        'Proxy-Authorization',
        'The credentials with which the sender responds to a 407; the digest response itself is not kept here.',
        'RFC 3261 §20.28',
      ],
      ['Proxy-Require', 'Extensions that every proxy on the way must support.', 'RFC 3261 §20.29'],
      ['RAck', 'Names the provisional response that a PRACK acknowledges.', 'RFC 3262 §7.2'],
      [
        'Reason',
        'Why the request was sent or the call refused, often the cause of the telephone network (Q.850).',
        'RFC 3326 §2, RFC 6432',
      ],
      ['Record-Route', 'A proxy that wants to stay on the path for the rest of the call.', 'RFC 3261 §20.30'],
      ['Refer-To', 'The destination to which the call is to be transferred.', 'RFC 3515 §2.1'],
      ['Referred-By', 'Who asked for the transfer.', 'RFC 3892 §3'],
      [
        'Remote-Party-ID',
        "The caller's identity as older equipment carries it; P-Asserted-Identity replaced it.",
        'draft-ietf-sip-privacy-04',
      ],
      ['Replaces', 'The existing call that this one takes the place of.', 'RFC 3891 §6.1'],
      ['Require', 'Extensions that the other side must support, or respond with 420.', 'RFC 3261 §20.32'],
      ['Retry-After', 'After how many seconds another attempt makes sense.', 'RFC 3261 §20.33'],
      ['Route', 'The proxies through which the request has to pass.', 'RFC 3261 §20.34'],
      ['RSeq', 'Numbers a provisional response that has to be acknowledged.', 'RFC 3262 §7.1'],
      ['Server', 'The software that generated the response.', 'RFC 3261 §20.35'],
      [
        'Session-Expires',
        'The session timer: without a refresh within this many seconds the call is considered dead.',
        'RFC 4028 §4',
      ],
      ['Subject', 'What the call is about.', 'RFC 3261 §20.36'],
      ['Supported', 'Extensions that the sender supports.', 'RFC 3261 §20.37'],
      [
        'To',
        'Whom the call is meant for; its tag appears with the first response and identifies the answering side.',
        'RFC 3261 §20.39',
      ],
      ['Unsupported', 'The required extensions that the sender does not support.', 'RFC 3261 §20.40'],
      ['User-Agent', 'The software that generated the request.', 'RFC 3261 §20.41'],
      [
        'Via',
        'The hops that the request took, the latest at the top; responses return along them.',
        'RFC 3261 §20.42',
      ],
      [
        'Warning',
        'More about a failure, in words and with a code: 3xx concerns the session description, 399 is free text.',
        'RFC 3261 §20.43',
      ],
      ['WWW-Authenticate', 'The challenge of the server: realm, nonce and algorithm.', 'RFC 3261 §20.44'],
      ['VB-CALL-ID', "The platform's own id of the call.", 'VoIPBIN'],
    ] satisfies ExplanationRow[]
  ).map((row) => [row[0].toLowerCase(), row]),
);

/**
 * Returns what a SIP header means, or undefined if it is not known here. The name's case is ignored, and compact names
 * are understood.
 */
export function explainHeader(name: string): Explanation | undefined {
  const row = HEADERS.get(longName(name));
  return row === undefined ? undefined : explanationOf(row);
}
