import { parseAllowList } from '../src/allow-list.ts';
import { CallCapture } from '../src/call-capture.ts';
import { SYSTEM_CLOCK } from '../src/clock.ts';
import { planInvite } from '../src/invite-plan.ts';
import { type Resolver, UserAgent } from '../src/user-agent.ts';
import { CALM_TIMERS, provider, tel } from './call-fixture.ts';
import { header, RawPeer, type Seen } from './raw-peer.ts';

type MutationResult = {
  sent: number;
  /** Messages after which nothing was captured, reported or responded to. */
  lost: string[];
  /** Errors that nothing expected, with the messages that caused those that the user agent survived. */
  errors: string[];
  /** Whether the user agent places a call after all of them. */
  stillCalls: boolean;
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

/** What a mutation makes of a value, whether or not it was a number. */
const NUMBERS = ['', '0', '5', '09', '-1', '1.5', '1e3', '65536', '99999999999999999999', 'Infinity'];

/** What a mutation puts into a header's value. */
const CONTROLS = ['\u0000', '\u0001', '\t', '\u000b', '\r', '\u001b', '\u007f', '\\\u0001'];

/** Names are not looked up, whatever a mutation makes of an address. */
const NO_RESOLVER: Resolver = {
  srv: () => Promise.reject(new Error('ENOTFOUND')),
  addresses: () => Promise.reject(new Error('ENOTFOUND')),
};

type Watch = { traces: number; errors: string[] };

/**
 * Sends mutated messages of a call to a user agent that places or has that call, one at a time, and watches that none of
 * them raises an exception, and that each of them leaves a trace: in the call's capture, in a report of what was
 * discarded, or by a response.
 */
export async function sendMutatedMessages(count: number, seed: number): Promise<MutationResult> {
  const random = createRandom(seed);
  const peer = await RawPeer.open();
  peer.oblige();
  const watch: Watch = { traces: 0, errors: [] };
  const unhandled = (error: unknown) => watch.errors.push(String(error));
  process.on('unhandledRejection', unhandled).on('uncaughtException', unhandled);
  const userAgent = new UserAgent({
    allow: parseAllowList(''),
    timers: CALM_TIMERS,
    resolver: NO_RESOLVER,
    onStray: (text) => {
      watch.traces += 1;
      if (text.startsWith('Internal error')) watch.errors.push(text);
    },
  });
  const result: MutationResult = { sent: 0, lost: [], errors: watch.errors, stillCalls: false };
  let call = await place(userAgent, peer, watch);
  try {
    while (result.sent < count) {
      if (call.hasEnded() || call.isWorn()) {
        call.hangup();
        call = await place(userAgent, peer, watch);
      }
      // Otherwise the message may be the first response to the INVITE.
      if (random(2) === 0) await call.answer();
      const originals = call.messages(random(2));
      const message = mutate(originals[random(originals.length)] ?? Buffer.alloc(0), random);
      const before = watch.traces + peer.all.length;
      const errorsBefore = watch.errors.length;
      peer.sendRaw(message, call.invite.from.port);
      result.sent += 1;
      await call.probe(result.sent);
      watch.errors.push(...call.newErrors());
      if (watch.errors.length > errorsBefore) watch.errors.push(message.toString('latin1'));
      const isKeepAlive = /^[\r\n \0]*$/.test(message.toString('latin1'));
      if (!isKeepAlive && watch.traces + peer.all.length - before <= PROBE_TRACES) {
        result.lost.push(message.toString('latin1'));
      }
      peer.forget();
    }
    await call.answer();
    const last = await place(userAgent, peer, watch);
    await last.answer();
    result.stillCalls = !last.hasEnded();
  } finally {
    await userAgent.close();
    peer.close();
    process.off('unhandledRejection', unhandled).off('uncaughtException', unhandled);
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

/**
 * Cuts pieces out of a message and puts others in, makes numbers of values, and spoils header values; half of the time
 * only in its body, if it has one, because most of what happens to the head makes it unreadable.
 */
function mutate(original: Buffer, random: (below: number) => number): Buffer {
  const whole = original.toString('latin1');
  const [head = '', body = ''] = whole.split(/(?<=\r\n\r\n)/, 2);
  const isBodyOnly = body !== '' && random(2) === 0;
  let text = isBodyOnly ? body : whole;
  for (let turn = random(3); turn >= 0; turn -= 1) {
    const kind = random(3);
    if (kind === 0) text = withNumber(text, random);
    else if (kind === 1 && !isBodyOnly) text = withControl(text, random);
    else text = withInsertion(text, random);
  }
  return Buffer.from(isBodyOnly ? `${head}${text}` : text, 'latin1');
}

function withInsertion(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const insertion =
    random(2) === 0
      ? (INSERTIONS[random(INSERTIONS.length)] ?? '')
      : String.fromCharCode(...Array.from({ length: random(6) }, () => random(256)));
  return `${text.slice(0, at)}${insertion}${text.slice(at + random(12))}`;
}

function withNumber(text: string, random: (below: number) => number): string {
  const values = [...text.matchAll(/[^\s:;,=@<>"/]+/g)];
  const value = values[random(values.length + 1)];
  if (value === undefined) return text;
  const { index } = value;
  return `${text.slice(0, index)}${NUMBERS[random(NUMBERS.length)]}${text.slice(index + value[0].length)}`;
}

function withControl(text: string, random: (below: number) => number): string {
  const lines = [...text.matchAll(/^[\w-]+: (.*)$/gm)];
  const line = lines[random(lines.length + 1)];
  if (line?.[1] === undefined) return text;
  const at = line.index + line[0].length - random(line[1].length + 1);
  return `${text.slice(0, at)}${CONTROLS[random(CONTROLS.length)]}${text.slice(at)}`;
}

/** A probe is reported as outside a call and responded to. */
const PROBE_TRACES = 2;

async function place(userAgent: UserAgent, peer: RawPeer, watch: Watch) {
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
  const settled = Promise.withResolvers<void>();
  const call = userAgent.invite(
    { ...plan, codecs, credentials: undefined, dialTimeoutMs: 60_000, maxDurationMs: 600_000, capture },
    {
      ringing() {},
      answered: () => settled.resolve(),
      ended: () => {
        hasEnded = true;
        settled.resolve();
      },
    },
  );
  const invite = await peer.next('INVITE');
  let errors = 0;
  let isAnswered = false;
  let sequence = 1;
  let probes = 0;
  return {
    invite,
    /** Everything that the far end may send, with new CSeqs and branches or those of the last time. */
    messages(step: number) {
      sequence += step;
      return messagesOf(invite, peer, sequence);
    },
    hasEnded: () => hasEnded,
    /** Answers the INVITE, once, and waits until the call is answered or has ended. */
    async answer() {
      if (!isAnswered) peer.answer(invite);
      isAnswered = true;
      await settled.promise;
    },
    /** The errors noted since this was last called. */
    newErrors(): string[] {
      const noted = capture.snapshot().notes.filter(({ text }) => text.startsWith('Internal error'));
      const news = noted.slice(errors).map(({ text }) => text);
      errors = noted.length;
      return news;
    },
    /** A call of many messages has many dialogs and says less about new ones. */
    isWorn: () => probes >= 30,
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
function messagesOf(invite: Seen, peer: RawPeer, sequence: number): Buffer[] {
  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 9 RTP/AVP 0 96',
    'a=rtpmap:96 opus/48000/2',
    'a=sendrecv',
    '',
  ].join('\r\n');
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
  const request = (method: string) => [
    `${method} ${header(invite, 'Contact').slice(1, -1)} SIP/2.0`,
    `Via: SIP/2.0/UDP ${peer.host};branch=z9hG4bKpeer${method}${sequence};rport`,
    `From: ${header(invite, 'To')};tag=peer`,
    `To: ${header(invite, 'From')}`,
    `Call-ID: ${header(invite, 'Call-ID')}`,
    `CSeq: ${sequence} ${method}`,
    `Contact: <sip:peer@${peer.host}>`,
    'Session-Expires: 1800;refresher=uas',
  ];
  const withoutBody = [
    response('100 Trying'),
    response('180 Ringing'),
    [
      ...response('407 Proxy Authentication Required'),
      'Proxy-Authenticate: Digest realm="a", nonce="b", qop="auth"',
    ],
    [...response('486 Busy Here'), 'Reason: Q.850;cause=17;text="busy"'],
    request('INVITE'),
    [...request('OPTIONS'), 'Require: timer, 100rel'],
    request('INFO'),
    request('BYE'),
  ];
  const withBody = [response('200 OK'), request('INVITE'), request('ACK')];
  const length = `Content-Length: ${sdp.length}`;
  return [
    ...withoutBody.map((lines) => [...lines, '', '']),
    // With its length, what a mutation makes longer is cut off, and what it makes shorter cannot be read.
    ...withBody.flatMap((lines) => [
      [...lines, 'Content-Type: application/sdp', length, '', sdp],
      [...lines, 'Content-Type: application/sdp', '', sdp],
    ]),
  ].map((lines) => Buffer.from(lines.join('\r\n'), 'latin1'));
}
