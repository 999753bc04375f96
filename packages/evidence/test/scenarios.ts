import { analyzeCall, type Call, type CallAnalysis, type RtcpStats, type SipMessage } from '../src/index.ts';
import { edgeResponse, PROVIDER, providerRequest, request, response, SDP } from './sip-messages.ts';

export type Scenario = { call?: Partial<Call>; messages: SipMessage[]; rtcp?: RtcpStats };

const SECOND_HOST = '203.0.113.7:5060';
const repeatedInvites = [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500].map((at) => invite(at));

/** Calls as carriers, phones and our own edge make them; each test that needs a call of some kind takes it from here. */
export const SCENARIOS: Record<string, Scenario> = {
  'answered, ended by us': { messages: [...answered(), bye(), byeOk()] },
  'answered, ended by the far end': {
    messages: [
      ...answered(),
      providerRequest('BYE', { at: 12_000, headers: q850(16) }),
      response(200, 'OK', {
        from: '192.0.2.10:5060',
        to: PROVIDER,
        at: 12_001,
        cseq: '7 BYE',
        fromTag: 'p1',
        toTag: 'u1',
      }),
    ],
  },
  'answered and dropped by the network': {
    messages: [...answered(), providerRequest('BYE', { at: 12_000, headers: q850(38) })],
  },
  'answered, session timer expired': {
    messages: [
      ...answered(),
      providerRequest('BYE', { at: 95_000, headers: ['Reason: SIP;cause=408;text="Session timer expired"'] }),
    ],
  },
  'answered and dropped at once': { messages: [...answered(), providerRequest('BYE', { at: 5_300 })] },
  'answered without any audio': {
    messages: [...answered(), bye()],
    rtcp: { rtp_packets: 0, rtp_bytes: 0 },
  },
  'answered with audio from us only, directions known': {
    messages: [...answered(), bye()],
    rtcp: { rtp_packets: 500, rtp_packets_sent: 500, rtp_packets_received: 0 },
  },
  'answered with half of the packets': {
    messages: [...answered(), bye()],
    rtcp: { rtp_packets: 498 },
  },
  'answered with good audio': {
    messages: [...answered(), bye()],
    rtcp: { rtp_packets: 995, packet_loss_pct: 0.1, jitter: 2 },
  },
  'answered with loss': {
    messages: [...answered(), bye()],
    rtcp: { rtp_packets: 900, packet_loss_pct: 9.3 },
  },
  'answered, our ACK lost': { messages: [...answered(), ok(5_500), ok(6_500), ok(8_500), bye(37_000)] },
  'answered, never acknowledged': {
    messages: [invite(), ringing(), ok(), ok(5_500), ok(6_500), ok(8_500), bye(37_000)],
  },
  'answered at the maximum duration': {
    call: ended('timeout'),
    messages: [...answered(), bye(65_000)],
  },
  'answered after a challenge': {
    messages: [
      invite(),
      challenge(30),
      request('ACK', { at: 31 }),
      withCredentials(32),
      response(180, 'Ringing', { at: 900, cseq: '2 INVITE', branch: 'z9hG4bK2' }),
      response(200, 'OK', { at: 2_000, cseq: '2 INVITE', branch: 'z9hG4bK2', ...SDP }),
      request('ACK', { at: 2_001, cseq: '2 ACK', branch: 'z9hG4bKa' }),
      bye(9_000),
    ],
  },
  'answered at the second host': {
    messages: [
      invite(),
      response(503, 'Service Unavailable', { at: 30 }),
      request('INVITE', { at: 40, to: SECOND_HOST, branch: 'z9hG4bK2', ...SDP }),
      response(200, 'OK', { at: 3_000, from: SECOND_HOST, branch: 'z9hG4bK2', ...SDP }),
      request('ACK', { at: 3_001, to: SECOND_HOST, branch: 'z9hG4bKa' }),
      bye(9_000),
    ],
  },
  'failed at both hosts': {
    messages: [
      ...repeatedInvites.slice(0, 4),
      request('INVITE', { at: 4_000, to: SECOND_HOST, branch: 'z9hG4bK2', ...SDP }),
      response(500, 'Server Internal Error', { at: 4_100, from: SECOND_HOST, branch: 'z9hG4bK2' }),
    ],
  },
  'still ringing': { call: { status: 'ringing' }, messages: [invite(), trying(), ringing()] },
  'still dialling': { call: { status: 'dialing' }, messages: [invite(), invite(500)] },
  'in progress': { call: { status: 'progressing' }, messages: answered() },
  busy: { messages: [invite(), trying(), response(486, 'Busy Here', { at: 900, headers: q850(17) })] },
  'busy in French': { messages: [invite(), trying(), response(486, 'Occupé', { at: 900 })] },
  'busy everywhere': rejected(600, 'Busy Everywhere'),
  'busy as a gateway says it': rejected(500, 'Server Internal Error', q850(17)),
  declined: { messages: [invite(), trying(), ringing(), response(603, 'Decline', { at: 4_000 })] },
  'phone off': rejected(480, 'Temporarily Unavailable', q850(20)),
  'no answer, by the far end': {
    messages: [invite(), trying(), ringing(), response(480, 'No Answer', { at: 30_000, headers: q850(19) })],
  },
  'no answer, by our dial timeout': {
    call: ended('dialout'),
    messages: [invite(), ringing(), cancel(60_000), cancelOk(60_010), terminated(60_020)],
  },
  'no answer, with an announcement only': {
    call: ended('dialout'),
    messages: [
      invite(),
      response(183, 'Session Progress', { at: 900, ...SDP }),
      cancel(60_000),
      terminated(60_020),
    ],
  },
  'cancelled while ringing': {
    call: ended('cancel'),
    messages: [invite(), trying(), ringing(), cancel(5_000), cancelOk(5_010), terminated(5_020)],
  },
  'cancelled before ringing': {
    call: ended('cancel'),
    messages: [invite(), trying(), cancel(1_000), cancelOk(1_010), terminated(1_020)],
  },
  'cancelled, never confirmed': { call: ended('cancel'), messages: [invite(), ringing(), cancel(5_000)] },
  'answered while we cancelled': {
    call: ended('cancel'),
    messages: [invite(), ringing(), cancel(5_000), ok(5_010), ack(5_011), bye(5_012), byeOk(5_030)],
  },
  'accepted and forgotten': {
    call: ended('dialout'),
    messages: [invite(), trying(), cancel(60_000), terminated(60_020)],
  },
  'no response at all': { call: ended('failed'), messages: repeatedInvites },
  'no response, as our edge reports it': {
    messages: [...repeatedInvites, edgeResponse(408, 'Timer B fired', { at: 32_000 })],
  },
  'closed port': {
    messages: [invite(), edgeResponse(503, 'ECONNREFUSED 203.0.113.5:5060', { at: 1 })],
  },
  'no route': { messages: [invite(), edgeResponse(503, 'EHOSTUNREACH', { at: 1 })] },
  'bad certificate': { messages: [edgeResponse(503, 'TLS certificate has expired', { at: 1 })] },
  'unresolvable name': { messages: [edgeResponse(478, 'Unresolvable destination (ENOTFOUND)', { at: 1 })] },
  'not allowed to call': {
    messages: [edgeResponse(403, 'SIP_ALLOW does not include 203.0.113.5', { at: 1 })],
  },
  'our own fault': { messages: [edgeResponse(500, 'No free RTP port', { at: 1 })] },
  'no account': {
    messages: [invite(), challenge(30), edgeResponse(407, 'No account for this provider', { at: 31 })],
  },
  'unsupported digest': {
    messages: [
      invite(),
      challenge(30, '1 INVITE', 'z9hG4bK1', ', algorithm=SHA-512-256'),
      edgeResponse(407, 'Digest algorithm SHA-512-256 is not supported', { at: 31 }),
    ],
  },
  'redirect not followed, as our edge reports it': {
    messages: [
      invite(),
      response(302, 'Moved Temporarily', { at: 30, headers: ['Contact: <sip:1@198.51.100.9>'] }),
      edgeResponse(302, 'Redirect not followed', { at: 31 }),
    ],
  },
  redirected: rejected(302, 'Moved Temporarily', ['Contact: <sip:1@198.51.100.9>']),
  'asked for credentials': { messages: [invite(), challenge(30), request('ACK', { at: 31 })] },
  'asked for an unknown digest': {
    messages: [invite(), challenge(30, '1 INVITE', 'z9hG4bK1', ', algorithm=SHA-512-256')],
  },
  'wrong password': {
    messages: [invite(), challenge(30), withCredentials(32), challenge(60, '2 INVITE', 'z9hG4bK2')],
  },
  'stale forever': {
    messages: [
      invite(),
      challenge(30),
      withCredentials(32),
      challenge(60, '2 INVITE', 'z9hG4bK2', ', stale=true'),
    ],
  },
  'credentials rejected with 403': rejected(403, 'Invalid credentials'),
  'rejected after credentials': {
    messages: [
      invite(),
      challenge(30),
      withCredentials(32),
      response(403, 'Forbidden', { at: 60, cseq: '2 INVITE', branch: 'z9hG4bK2' }),
    ],
  },
  'rejected after an announcement': {
    messages: [
      invite(),
      response(183, 'Session Progress', { at: 900, ...SDP }),
      response(404, 'Not Found', { at: 6_000 }),
    ],
  },
  'answered while we cancelled, and left up': {
    call: ended('cancel'),
    messages: [invite(), ringing(), cancel(5_000), ok(5_010), ok(5_510)],
  },
  'ended by us without a response to the BYE': {
    messages: [...answered(), ...[15_000, 15_500, 16_500, 18_500].map((at) => bye(at))],
  },
  'answered and then silent': {
    messages: [
      ...answered(),
      request('OPTIONS', { at: 35_000, branch: 'z9hG4bKo', cseq: '2 OPTIONS' }),
      edgeResponse(408, 'No response to OPTIONS', { at: 67_000, branch: 'z9hG4bKo', cseq: '2 OPTIONS' }),
      bye(67_001),
    ],
  },
  'answered with poor audio': { messages: [...answered(), bye()], rtcp: { rtp_packets: 1_000, mos: 2.14 } },
  'source not allowed': rejected(403, 'Forbidden'),
  'source not allowed, in words': rejected(403, 'Caller ID not allowed'),
  'destination not allowed': rejected(403, 'Destination blocked'),
  'no credit': rejected(402, 'Payment Required'),
  'no credit, as 403': rejected(403, 'Forbidden', ['Warning: 399 carrier "Insufficient balance"']),
  'too many calls': rejected(503, 'Maximum calls exceeded'),
  'number unknown': rejected(404, 'Not Found'),
  'number unallocated': rejected(404, 'Not Found', q850(1)),
  'number incomplete': rejected(484, 'Address Incomplete', q850(28)),
  'no circuit behind 480': rejected(480, 'Temporarily Unavailable', q850(34)),
  'timeout further on': rejected(408, 'Request Timeout'),
  'bad request': rejected(400, 'Bad Request', ['Warning: 399 sbc "Missing P-Charging-Vector"']),
  'unsupported body': rejected(415, 'Unsupported Media Type'),
  'bad extension': rejected(420, 'Bad Extension', ['Unsupported: 100rel']),
  'interval too brief': rejected(423, 'Interval Too Brief', ['Min-Expires: 60']),
  'session interval too small': rejected(422, 'Session Interval Too Small', ['Min-SE: 90']),
  'lost dialog': rejected(481, 'Call/Transaction Does Not Exist'),
  loop: rejected(482, 'Loop Detected'),
  'too many hops': rejected(483, 'Too Many Hops'),
  'provider cannot resolve': rejected(478, 'Unresolvable destination (478/SL)'),
  'ended by the provider with 487': rejected(487, 'Request Terminated'),
  'no common codec': rejected(488, 'Not Acceptable Here', ['Warning: 305 sbc "Incompatible media format"']),
  glare: rejected(491, 'Request Pending'),
  'server error': rejected(500, 'Server Internal Error'),
  overloaded: rejected(503, 'Service Unavailable', ['Retry-After: 30']),
  'gateway timeout': rejected(504, 'Server Time-out'),
  'does not exist': rejected(604, 'Does Not Exist Anywhere'),
  unwanted: rejected(607, 'Unwanted'),
  'filtered as spam': rejected(608, 'Rejected'),
  'unregistered 4xx': rejected(499, 'Carrier special'),
  'unregistered 6xx': rejected(699, ''),
  'anonymity not allowed': rejected(433, 'Anonymity Disallowed'),
  forked: {
    messages: [
      invite(),
      response(180, 'Ringing', { at: 900, toTag: 'phone-a' }),
      response(180, 'Ringing', { at: 950, toTag: 'phone-b' }),
      response(200, 'OK', { at: 4_000, toTag: 'phone-b', ...SDP }),
      request('ACK', { at: 4_001, toTag: 'phone-b', branch: 'z9hG4bKa' }),
      response(200, 'OK', { at: 4_050, toTag: 'phone-a', ...SDP }),
      bye(9_000),
    ],
  },
  'held by the far end': {
    messages: [
      ...answered(),
      providerRequest('INVITE', { at: 7_000, body: `${SDP.body}a=sendonly\r\n` }),
      providerRequest('BYE', { at: 12_000 }),
    ],
  },
  'nothing captured, failed': { call: ended('failed', 'remote'), messages: [] },
  'nothing captured, busy': { call: ended('busy', 'remote'), messages: [] },
  'nothing captured, answered': {
    call: {
      ...ended('normal', 'remote'),
      tm_create: '2026-04-21 23:15:00.000000',
      tm_ringing: '2026-04-21T23:15:01.500000Z',
      tm_progressing: '2026-04-21 23:15:05.000000',
      tm_hangup: '2026-04-21 23:15:15.250000',
    },
    messages: [],
  },
  'nothing captured, dial timeout without ringing': { call: ended('dialout'), messages: [] },
  'nothing known': { messages: [] },
};

/** Returns what the package says of a scenario; one without messages is a 404 of the platform. */
export function analyzeScenario(name: string): CallAnalysis {
  const { call = {}, messages, rtcp = null } = scenario(name);
  const analysis = messages.length === 0 ? null : { sip_messages: messages, rtcp_stats: rtcp };
  return analyzeCall({ id: '1', ...call }, analysis);
}

function invite(at = 0) {
  return request('INVITE', { at, ...SDP });
}

function trying(at = 20) {
  return response(100, 'Trying', { at });
}

function ringing(at = 1_800) {
  return response(180, 'Ringing', { at });
}

function ok(at = 5_000) {
  return response(200, 'OK', { at, ...SDP });
}

function ack(at = 5_001) {
  return request('ACK', { at, branch: 'z9hG4bKack' });
}

function bye(at = 15_000, headers: string[] = []) {
  return request('BYE', { at, branch: 'z9hG4bKbye', cseq: '2 BYE', headers });
}

function byeOk(at = 15_020) {
  return response(200, 'OK', { at, branch: 'z9hG4bKbye', cseq: '2 BYE' });
}

function answered() {
  return [invite(), trying(), ringing(), ok(), ack()];
}

function rejected(status: number, phrase: string, headers: string[] = []): Scenario {
  return {
    messages: [
      invite(),
      trying(),
      response(status, phrase, { at: 100, headers }),
      request('ACK', { at: 101 }),
    ],
  };
}

function q850(cause: number) {
  return [`Reason: Q.850;cause=${cause}`];
}

function challenge(at: number, cseq = '1 INVITE', branch = 'z9hG4bK1', more = '') {
  return response(407, 'Proxy Authentication Required', {
    ...{ at, cseq, branch },
    headers: [`Proxy-Authenticate: Digest realm="carrier.example", nonce="n"${more}`],
  });
}

function withCredentials(at: number) {
  return request('INVITE', {
    ...{ at, cseq: '2 INVITE', branch: 'z9hG4bK2' },
    headers: ['Proxy-Authorization: Digest username="u", realm="carrier.example", response="redacted"'],
    body: SDP.body,
  });
}

function cancel(at: number) {
  return request('CANCEL', { at });
}

function cancelOk(at: number) {
  return response(200, 'OK', { at, cseq: '1 CANCEL' });
}

function terminated(at: number) {
  return response(487, 'Request Terminated', { at });
}

function ended(reason: string, by = 'local'): Partial<Call> {
  return {
    status: 'hangup',
    hangup_reason: reason,
    hangup_by: by,
  };
}

export function scenario(name: string): Scenario {
  const found = SCENARIOS[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}
