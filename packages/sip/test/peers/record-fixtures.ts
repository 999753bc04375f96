/**
 * `npm run fixtures:sip`: places calls through the real kamailio to the real baresip and writes what was captured into
 * packages/evidence/test/fixtures, in the shape of the platform's `sip_messages`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAllowList } from '../../src/allow-list.ts';
import type { CapturedMessage } from '../../src/call-capture.ts';
import { UserAgent } from '../../src/user-agent.ts';
import { type DialInput, dial, type RunningCall, tel } from '../call-fixture.ts';
import { type AnswerMode, type Baresip, startBaresip } from './baresip.ts';
import { freeServerPort } from './free-port.ts';
import { startKamailio } from './kamailio.ts';

const FOLDER = new URL('../../../evidence/test/fixtures/', import.meta.url);
const TALK_MS = 400;

type Scenario = {
  name: string;
  answerMode: AnswerMode;
  number: string;
  account?: { auth_username: string; auth_password: string };
  dialTimeoutMs?: number;
  /** Whom the call goes to: through the proxy, unless the provider is not there at all. */
  hostname?: () => Promise<string>;
  /** What happens during the call. */
  run?(call: RunningCall, phone: Baresip): Promise<void>;
};

const SCENARIOS: Scenario[] = [
  {
    name: 'answered-hung-up-by-us',
    answerMode: 'auto',
    number: '+15550100',
    async run(call) {
      await call.answered;
      await delay(TALK_MS);
      call.hangup();
    },
  },
  {
    name: 'answered-hung-up-by-them',
    answerMode: 'auto',
    number: '+15550100',
    async run(call, phone) {
      await call.answered;
      await delay(TALK_MS);
      await phone.command('hangup');
    },
  },
  { name: 'busy-486', answerMode: 'auto', number: '+155500486' },
  { name: 'forbidden-403', answerMode: 'auto', number: '+155500403' },
  { name: 'challenged-407-without-account', answerMode: 'auto', number: '+155500407' },
  {
    name: 'challenged-407-wrong-password',
    answerMode: 'auto',
    number: '+155500407',
    account: { auth_username: 'user', auth_password: 'wrong' },
  },
  {
    name: 'challenged-407-answered',
    answerMode: 'auto',
    number: '+155500407',
    account: { auth_username: 'user', auth_password: 'secret' },
    async run(call) {
      await call.answered;
      await delay(TALK_MS);
      call.hangup();
    },
  },
  { name: 'no-answer-dial-timeout', answerMode: 'manual', number: '+15550100', dialTimeoutMs: 1_200 },
  {
    name: 'cancelled-by-us',
    answerMode: 'manual',
    number: '+15550100',
    async run(call) {
      await call.ringing;
      await delay(TALK_MS);
      call.hangup();
    },
  },
  {
    name: 'declined-by-the-phone',
    answerMode: 'manual',
    number: '+15550100',
    async run(call, phone) {
      await call.ringing;
      await delay(TALK_MS);
      await phone.command('hangup');
    },
  },
  {
    name: 'early-media-183-then-answered',
    answerMode: 'early',
    number: '+15550100',
    async run(call, phone) {
      await call.ringing;
      await delay(TALK_MS);
      await phone.command('accept');
      await call.answered;
      await delay(TALK_MS);
      call.hangup();
    },
  },
  { name: 'early-media-183-no-answer', answerMode: 'early', number: '+15550100', dialTimeoutMs: 1_200 },
  {
    name: 'provider-port-closed',
    answerMode: 'auto',
    number: '+15550100',
    hostname: async () => `127.0.0.1:${await freeServerPort()}`,
  },
  {
    name: 'provider-name-unknown',
    answerMode: 'auto',
    number: '+15550100',
    hostname: async () => 'carrier.invalid',
  },
  {
    name: 'provider-not-allowed',
    answerMode: 'auto',
    number: '+15550100',
    hostname: async () => '192.0.2.1',
  },
];

async function record(scenario: Scenario): Promise<void> {
  const phone = await startBaresip(scenario.answerMode);
  const proxy = await startKamailio(phone.host);
  // The well-known port, so that tshark needs no hint.
  const userAgent = new UserAgent({ allow: parseAllowList(''), port: 5060 });
  try {
    const input: DialInput = {
      provider: { hostname: (await scenario.hostname?.()) ?? proxy.host, ...scenario.account },
      destination: tel(scenario.number),
      dialTimeoutMs: scenario.dialTimeoutMs ?? 10_000,
    };
    const call = dial(userAgent, input);
    await scenario.run?.(call, phone);
    const end = await call.ended;
    // The ACK of a rejection follows the end.
    await delay(50);
    const { messages, notes } = call.snapshot();
    const fixture = {
      scenario: scenario.name,
      end,
      sip_messages: messages.map(sipMessageOf),
      notes: notes.map(({ at, text }) => ({ timestamp: timestampOf(at), text })),
    };
    await writeFile(new URL(`${scenario.name}.json`, FOLDER), `${JSON.stringify(fixture, null, 2)}\n`);
    console.log(`${scenario.name}: ${messages.length} messages, ${JSON.stringify(end)}`);
  } finally {
    await userAgent.close();
    await proxy.close();
    await phone.close();
  }
}

function sipMessageOf({ at, destination, raw, source }: CapturedMessage) {
  return {
    timestamp: timestampOf(at),
    method: /^SIP\/2\.0 (\d{3})/.exec(raw)?.[1] ?? raw.split(' ', 1)[0],
    src_ip: source.address,
    src_port: source.port,
    dst_ip: destination.address,
    dst_port: destination.port,
    raw,
  };
}

/** ISO 8601 with microseconds. */
function timestampOf(ms: number): string {
  const micros = Math.floor(ms * 1_000);
  const seconds = new Date(Math.floor(micros / 1_000)).toISOString().slice(0, 19);
  return `${seconds}.${String(micros % 1_000_000).padStart(6, '0')}Z`;
}

await mkdir(FOLDER, { recursive: true });
for (const scenario of SCENARIOS) await record(scenario);
