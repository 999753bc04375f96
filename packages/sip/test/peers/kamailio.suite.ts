import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAllowList } from '../../src/allow-list.ts';
import { UserAgent } from '../../src/user-agent.ts';
import { dial, type RunningCall } from '../call-fixture.ts';
import { type Kamailio, startKamailio } from './kamailio.ts';
import { type Sipp, startSipp } from './sipp.ts';

let userAgent: UserAgent;
let kamailio: Kamailio | undefined;
let sipp: Sipp;

async function callThroughProxy(scenario: string, keys?: Record<string, string>): Promise<RunningCall> {
  sipp = await startSipp(scenario, keys);
  kamailio = await startKamailio(sipp.host);
  return dial(userAgent, { provider: { hostname: kamailio.host } });
}

/** Returns the addresses that our messages were sent to. */
function sentTo(call: RunningCall): string[] {
  const { messages } = call.snapshot();
  const local = messages[0]?.source.port;
  const sent = messages.filter(({ source }) => source.port === local);
  return [...new Set(sent.map(({ destination }) => `${destination.address}:${destination.port}`))];
}

beforeEach(() => {
  userAgent = new UserAgent({ allow: parseAllowList('') });
});

afterEach(async () => {
  await userAgent.close();
  await kamailio?.close();
});

test('ACK and BYE follow the Record-Route', async () => {
  const call = await callThroughProxy('answer-and-wait');
  await call.answered;
  call.hangup();
  expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
  expect(sentTo(call)).toEqual([kamailio?.host]);
  await sipp.finished();
});

test('a BYE comes back along the Record-Route', async () => {
  const call = await callThroughProxy('answer-and-hang-up');
  expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
  expect(sentTo(call)).toEqual([kamailio?.host]);
  await sipp.finished();
});

test('a CANCEL reaches the far end', async () => {
  const call = await callThroughProxy('ring');
  await call.ringing;
  call.hangup();
  expect(await call.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 487 });
  await sipp.finished();
});

test('a rejection reaches us', async () => {
  const call = await callThroughProxy('reject', { status: '486 Busy Here' });
  expect(await call.ended).toEqual({ by: 'remote', reason: 'busy', sipStatus: 486 });
  await sipp.finished();
});
