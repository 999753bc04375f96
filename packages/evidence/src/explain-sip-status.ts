import type { Explanation, ExplanationRow } from './explanation.ts';

/** Name, text, and the source unless it is RFC 3261, whose sections follow the order of its statuses. */
type StatusRow = ExplanationRow | readonly [name: string, text: string];

const STATUSES: Readonly<Record<number, StatusRow>> = {
  100: ['Trying', 'The next hop has received the request and is working on it.'],
  180: ['Ringing', 'The called phone is alerting its user.'],
  181: ['Call Is Being Forwarded', 'The call is being forwarded to another destination.'],
  182: ['Queued', 'The called party is not available at the moment and the call waits in a queue.'],
  183: [
    'Session Progress',
    'The call makes progress; with a session description the caller may hear tones or announcements before the answer.',
  ],
  199: [
    'Early Dialog Terminated',
    'One branch of a forked call has ended while others continue.',
    'RFC 6228',
  ],
  200: ['OK', 'The request succeeded; for an INVITE the call was answered.'],
  202: ['Accepted', 'The request was accepted and is still being processed.', 'RFC 6665 §8.3.1'],
  204: ['No Notification', 'The request succeeded and no notification follows.', 'RFC 5839 §7.1'],
  300: ['Multiple Choices', 'The address leads to several destinations, and the caller must choose one.'],
  301: ['Moved Permanently', 'The called party is now at the address in Contact.'],
  302: ['Moved Temporarily', 'The called party is for the moment at the address in Contact.'],
  305: ['Use Proxy', 'The call has to be made through the proxy in Contact.'],
  380: ['Alternative Service', 'The call failed, and the body describes another service that is possible.'],
  400: ['Bad Request', 'The request could not be understood because of its syntax.'],
  401: ['Unauthorized', 'The server asks for credentials.'],
  402: ['Payment Required', 'Reserved for future use; carriers send it when an account has no credit.'],
  403: [
    'Forbidden',
    'The server understood the request and refuses it; credentials do not help and it should not be repeated.',
  ],
  404: ['Not Found', 'The server knows for certain that the called number or user does not exist there.'],
  405: ['Method Not Allowed', 'The method is not allowed for this address.'],
  406: ['Not Acceptable', 'The response could only have a form that the Accept header rules out.'],
  407: ['Proxy Authentication Required', 'The proxy asks for credentials.'],
  408: [
    'Request Timeout',
    'The server did not find the called party, or get a response from further on, in time.',
  ],
  410: ['Gone', 'The called party is no longer there, and no other address is known.'],
  412: ['Conditional Request Failed', 'The precondition in the request does not hold.', 'RFC 3903 §11.2.1'],
  413: ['Request Entity Too Large', 'The body is larger than the server is willing to process.'],
  414: ['Request-URI Too Long', 'The dialled address is longer than the server is willing to read.'],
  415: ['Unsupported Media Type', 'The server does not support the type of the body.'],
  416: ['Unsupported URI Scheme', 'The server does not know the scheme of the dialled address.'],
  417: ['Unknown Resource-Priority', 'The resource priority is not known there.', 'RFC 4412 §4.6.2'],
  420: [
    'Bad Extension',
    'The server does not support an extension that Require or Proxy-Require demands; Unsupported names it.',
  ],
  421: [
    'Extension Required',
    'The server needs an extension that the request does not offer; Require names it.',
  ],
  422: [
    'Session Interval Too Small',
    'The session timer is shorter than the server allows; Min-SE gives the minimum.',
    'RFC 4028 §6',
  ],
  423: [
    'Interval Too Brief',
    'The expiration is shorter than the server allows; Min-Expires gives the minimum.',
  ],
  424: ['Bad Location Information', 'The location in the request is malformed or missing.', 'RFC 6442 §4.3'],
  425: ['Bad Alert Message', 'The alert in the request is malformed or cannot be read.', 'RFC 8876 §5.1'],
  428: ['Use Identity Header', 'The server requires an Identity header (STIR).', 'RFC 8224 §6.2.2'],
  429: ['Provide Referrer Identity', 'The referrer has to identify itself.', 'RFC 3892 §5'],
  430: ['Flow Failed', 'The connection towards the called party has failed.', 'RFC 5626 §11.5'],
  433: [
    'Anonymity Disallowed',
    'The called party does not accept calls that hide their origin.',
    'RFC 5079 §5',
  ],
  436: [
    'Bad Identity Info',
    'The certificate of the Identity header could not be fetched.',
    'RFC 8224 §6.2.2',
  ],
  437: [
    'Unsupported Credential',
    'The certificate of the Identity header is not trusted there.',
    'RFC 8224 §6.2.2',
  ],
  438: ['Invalid Identity Header', 'The signature in the Identity header is not valid.', 'RFC 8224 §6.2.2'],
  439: ['First Hop Lacks Outbound Support', 'The first hop does not support outbound.', 'RFC 5626 §11.6'],
  440: ['Max-Breadth Exceeded', 'The call would have been forked to too many destinations.', 'RFC 5393'],
  469: ['Bad Info Package', 'The package of an INFO request is not known there.', 'RFC 6086'],
  470: ['Consent Needed', 'The recipient has not consented to receive this request.', 'RFC 5360 §5.9.2'],
  476: [
    'Unresolvable Destination',
    'Not a registered status: a Kamailio proxy could not resolve the next hop.',
    'Kamailio, TM module',
  ],
  477: [
    'Send Failed',
    'Not a registered status: a Kamailio proxy could not send to the next hop.',
    'Kamailio, TM module',
  ],
  478: [
    'Unresolvable Destination',
    'Not a registered status: a Kamailio proxy could not resolve the next hop to an address.',
    'Kamailio, TM module',
  ],
  480: [
    'Temporarily Unavailable',
    'The called party was reached but is not available at the moment, for example not registered or not answering.',
  ],
  481: [
    'Call/Transaction Does Not Exist',
    'The server does not know the call or transaction that the request belongs to.',
  ],
  482: ['Loop Detected', 'The request came back to a server that had already handled it.'],
  483: ['Too Many Hops', 'The request passed through more servers than Max-Forwards allows.'],
  484: ['Address Incomplete', 'The dialled number is incomplete.'],
  485: ['Ambiguous', 'The dialled address fits several destinations.'],
  486: ['Busy Here', 'The called phone is busy.'],
  487: ['Request Terminated', 'The call was ended before its answer, by a CANCEL or BYE.'],
  488: [
    'Not Acceptable Here',
    'The called side rejects the offered media, usually because no codec is common to both.',
  ],
  489: ['Bad Event', 'The event package is not known there.', 'RFC 6665 §8.3.2'],
  491: [
    'Request Pending',
    'A request of the other side in the same call was still pending: both sides sent one at the same time.',
  ],
  493: ['Undecipherable', 'The body is encrypted and the recipient cannot decrypt it.'],
  494: [
    'Security Agreement Required',
    'The server requires a negotiated security mechanism.',
    'RFC 3329 §2.3.1',
  ],
  500: ['Server Internal Error', 'The server met an unexpected condition.'],
  501: ['Not Implemented', 'The server does not support what the request needs.'],
  502: ['Bad Gateway', 'The server received an invalid response from the server behind it.'],
  503: [
    'Service Unavailable',
    'The server is overloaded, under maintenance or has no free circuit, and cannot process the call at the moment.',
  ],
  504: ['Server Time-out', 'A server behind this one did not respond in time.'],
  505: ['Version Not Supported', 'The server does not support this version of SIP.'],
  513: ['Message Too Large', 'The message is longer than the server can process.'],
  555: ['Push Notification Service Not Supported', 'The push service is not supported.', 'RFC 8599'],
  580: [
    'Precondition Failure',
    'A precondition of the session, such as reserved bandwidth, could not be met.',
    'RFC 3312',
  ],
  600: ['Busy Everywhere', 'The called party is busy at every one of its phones.'],
  603: ['Decline', 'The called party does not want to take the call.'],
  604: ['Does Not Exist Anywhere', 'The called number or user does not exist anywhere.'],
  606: ['Not Acceptable', 'The called party was reached but no part of the offered session is acceptable.'],
  607: ['Unwanted', 'The called party marked the call as unwanted.', 'RFC 8197'],
  608: ['Rejected', 'An intermediary, such as a spam filter, rejected the call.', 'RFC 8688'],
};

const CLASSES: Readonly<Record<number, ExplanationRow>> = {
  1: [
    'Provisional',
    'An unregistered provisional status: the call makes progress (a recipient treats it as 183).',
    'RFC 3261 §8.1.3.2',
  ],
  2: ['Success', 'An unregistered success (a recipient treats it as 200).', 'RFC 3261 §8.1.3.2'],
  3: ['Redirection', 'An unregistered redirection (a recipient treats it as 300).', 'RFC 3261 §8.1.3.2'],
  4: [
    'Request Failure',
    'An unregistered failure: this server will not process this request (a recipient treats it as 400).',
    'RFC 3261 §8.1.3.2',
  ],
  5: [
    'Server Failure',
    'An unregistered failure of the server itself (a recipient treats it as 500).',
    'RFC 3261 §8.1.3.2',
  ],
  6: [
    'Global Failure',
    'An unregistered failure that holds for every server (a recipient treats it as 600).',
    'RFC 3261 §8.1.3.2',
  ],
};

/**
 * Returns what a SIP status means, or undefined outside 100 to 699. An unregistered status is explained by its class.
 */
export function explainSipStatus(code: number): Explanation | undefined {
  const row = STATUSES[code] ?? (Number.isInteger(code) ? CLASSES[Math.floor(code / 100)] : undefined);
  if (row === undefined) return undefined;
  const [name, text, source = sectionOf(code)] = row;
  return { name, text, source };
}

/** Returns the section of RFC 3261: §21 has a subsection for each class, and that has one for each of its statuses. */
function sectionOf(code: number): string {
  const statusClass = Math.floor(code / 100);
  const statuses = Object.keys(STATUSES).filter(
    (status) => status.startsWith(String(statusClass)) && STATUSES[Number(status)]?.length === 2,
  );
  return `RFC 3261 §21.${statusClass}.${statuses.indexOf(String(code)) + 1}`;
}
