import { parseAllowList } from '../src/allow-list.ts';
import { CallCapture } from '../src/call-capture.ts';
import { SYSTEM_CLOCK } from '../src/clock.ts';
import { planInvite } from '../src/invite-plan.ts';
import { UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, provider, tel } from './call-fixture.ts';
import { header, RawPeer, type Seen } from './raw-peer.ts';

type MutationResult = {
  sent: number;
  /** Messages after which nothing was captured, reported or responded to. */
  lost: string[];
};

/** What a mutation puts into a message: what its grammar is made of, and what is not in it. */
export const INSERTIONS = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '"',
  '<',
  '>',
  ';',
  ',',
  '=',
  '\\',
  '%',
  ':',
  '@',
  '/',
  ' ',
  '\u0000',
  'é',
  'SIP/2.0 ',
];

/**
 * Sends mutated messages of a call to a user agent that has that call, one at a time, and watches that each of them leaves
 * a trace: in the call's capture, in a report of what was discarded, or by a response.
 */
export async function sendMutatedMessages(count: number, seed: number): Promise<MutationResult> {
  const random = createRandom(seed);
  const peer = await RawPeer.open();
  peer.oblige();
  const watch = { traces: 0 };
  const userAgent = new UserAgent({
    allow: parseAllowList(''),
    timers: CALM_TIMERS,
    onStray: () => {
      watch.traces += 1;
    },
  });
  const result: MutationResult = { sent: 0, lost: [] };
  let call = await establish(userAgent, peer, watch);
  try {
    while (result.sent < count) {
      if (call.ended() || call.isWorn()) {
        call.hangup();
        call = await establish(userAgent, peer, watch);
      }
      const originals = call.messages;
      const message = mutate(originals[random(originals.length)] ?? Buffer.alloc(0), random);
      const before = watch.traces + peer.all.length;
      peer.sendRaw(message, call.invite.from.port);
      result.sent += 1;
      await call.probe(result.sent);
      const isKeepAlive = /^[\r\n \0]*$/.test(message.toString('latin1'));
      if (!isKeepAlive && watch.traces + peer.all.length - before <= PROBE_TRACES) {
        result.lost.push(message.toString('latin1'));
      }
      peer.forget();
    }
  } finally {
    await userAgent.close();
    peer.close();
  }
  return result;
}

/** A generator of the same numbers every time (Park and Miller). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 16_807) % 2_147_483_647;
    return state % below;
  };
}

/** Cuts pieces out of a message and puts others in. */
function mutate(original: Buffer, random: (below: number) => number): Buffer {
  let bytes = original;
  for (let turn = random(4); turn >= 0; turn -= 1) {
    const at = random(bytes.length + 1);
    const insertion =
      random(2) === 0
        ? Buffer.from(INSERTIONS[random(INSERTIONS.length)] ?? '', 'latin1')
        : Buffer.from(Array.from({ length: random(6) }, () => random(256)));
    bytes = Buffer.concat([bytes.subarray(0, at), insertion, bytes.subarray(at + random(12))]);
  }
  return bytes;
}

/** A probe is reported as outside a call and responded to. */
const PROBE_TRACES = 2;

async function establish(userAgent: UserAgent, peer: RawPeer, watch: { traces: number }) {
  const capture = new CallCapture(SYSTEM_CLOCK, () => {
    watch.traces += 1;
  });
  const {
    auth_password: _password,
    auth_username: _username,
    codecs,
    ...carrier
  } = provider({ hostname: peer.host });
  const plan = planInvite({ provider: carrier, source: tel('+1'), destination: tel('+2'), anonymous: '' });
  let hasEnded = false;
  const answered = Promise.withResolvers<void>();
  const call = userAgent.invite(
    { ...plan, codecs, credentials: undefined, dialTimeoutMs: 60_000, maxDurationMs: 600_000, capture },
    {
      ringing() {},
      answered: () => answered.resolve(),
      ended: () => {
        hasEnded = true;
      },
    },
  );
  const invite = await peer.next('INVITE');
  peer.answer(invite);
  await answered.promise;
  let probes = 0;
  return {
    invite,
    messages: messagesOf(invite, peer),
    ended: () => hasEnded,
    /** A call of many messages has many dialogs and says less about new ones. */
    isWorn: () => probes >= 500,
    hangup: () => call.hangup(),
    /** Whatever came before it has been read once this is responded to; it belongs to no call. */
    async probe(number: number) {
      probes += 1;
      const text = [
        'OPTIONS sip:us@127.0.0.1 SIP/2.0',
        `Via: SIP/2.0/UDP ${peer.host};branch=z9hG4bKprobe${number}`,
        'From: <sip:probe@127.0.0.1>;tag=probe',
        'To: <sip:us@127.0.0.1>',
        `Call-ID: probe${number}`,
        'CSeq: 1 OPTIONS',
        '',
        '',
      ].join('\r\n');
      peer.sendRaw(text, invite.from.port);
      await peer.nextMatching((seen) => header(seen, 'Call-ID') === `probe${number}`);
    },
  };
}

/** Everything that the far end may send within a call. */
function messagesOf(invite: Seen, peer: RawPeer): Buffer[] {
  const sdp =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';
  const response = (statusLine: string, cseq = header(invite, 'CSeq')) => [
    `SIP/2.0 ${statusLine}`,
    `Via: ${header(invite, 'Via')}`,
    `From: ${header(invite, 'From')}`,
    `To: ${header(invite, 'To')};tag=peer`,
    `Call-ID: ${header(invite, 'Call-ID')}`,
    `CSeq: ${cseq}`,
    `Contact: "Peer" <sip:peer@${peer.host};ob>;expires=60`,
    `Record-Route: <sip:${peer.host};lr>`,
    'Server: peer',
  ];
  const request = (method: string, cseq: number) => [
    `${method} ${header(invite, 'Contact').slice(1, -1)} SIP/2.0`,
    `Via: SIP/2.0/UDP ${peer.host};branch=z9hG4bKpeer${method};rport`,
    `From: ${header(invite, 'To')};tag=peer`,
    `To: ${header(invite, 'From')}`,
    `Call-ID: ${header(invite, 'Call-ID')}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:peer@${peer.host}>`,
    'Session-Expires: 1800;refresher=uas',
  ];
  return [
    response('100 Trying'),
    response('180 Ringing'),
    [...response('200 OK'), 'Content-Type: application/sdp', `Content-Length: ${sdp.length}`],
    [
      ...response('407 Proxy Authentication Required'),
      'Proxy-Authenticate: Digest realm="a", nonce="b", qop="auth"',
    ],
    [...response('486 Busy Here'), 'Reason: Q.850;cause=17;text="busy"'],
    [...request('INVITE', 1), 'Content-Type: application/sdp', `Content-Length: ${sdp.length}`],
    request('OPTIONS', 2),
    request('INFO', 3),
    request('BYE', 4),
    request('ACK', 1),
  ].map((lines, index) => {
    const body = index === 2 || index === 5 ? sdp : '';
    return Buffer.from([...lines, '', body].join('\r\n'), 'latin1');
  });
}
