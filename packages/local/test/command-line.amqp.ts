import { MANAGER_QUEUES } from '@provider-call/platform/manager-queues';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { runCurl } from '../../../test/journeys/run-in-shell.ts';
import {
  commandFor,
  SPECIFICATION_COMMANDS,
  SPECIFICATION_IDS,
} from '../../../test/journeys/specification-commands.ts';
import { createVirtualHost, type VirtualHost } from '../../../test/rabbitmq.ts';
import { linesUntilReady, outcomeOf, type Script, startScript } from '../../../test/script.ts';

/*
 * `npm start` with AMQP_URL as its user has it: a process, what it prints, and the specification's own commands in a shell.
 */

let broker: VirtualHost;
let start: Script;
let ended: ReturnType<typeof outcomeOf>;
let lines: string[];
let host: string;
let token: string;
beforeAll(async () => {
  broker = await createVirtualHost(inject('rabbitmq'));
  start = startScript('bin/local.ts', { PORT: '0', AMQP_URL: broker.url });
  lines = await linesUntilReady(start);
  // Read from now on: a full pipe would stop it.
  ended = outcomeOf(start);
  host = lines.at(-1)?.slice('ready '.length) ?? '';
  token = lines.find((line) => line.startsWith('TOKEN='))?.slice('TOKEN='.length) ?? '';
});
afterAll(async () => {
  start.kill('SIGKILL');
  await broker.remove();
});

/** The call that the specification's commands would observe runs to its end: ten seconds. */
const CALL_ENDS = { timeout: 30_000, interval: 250 };

type Placed = { id: string; callId: string };

/** Runs one of the specification's commands, for what was placed where it names its own record and call. */
async function specification(name: keyof typeof SPECIFICATION_COMMANDS, placed?: Placed) {
  const command = commandFor(SPECIFICATION_COMMANDS[name], { host, token })
    .replace(SPECIFICATION_IDS.record, placed?.id ?? '')
    .replace(SPECIFICATION_IDS.call, placed?.callId ?? '');
  const { status, text } = await runCurl(command);
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

async function place(name: 'place' | 'placeWithActions'): Promise<Placed> {
  const { id, call_ids } = await specification(name);
  return { id, callId: call_ids[0] };
}

/** Returns the call once it is over, with its SIP messages by method or status, and whether it received any media. */
async function outcomeOfCall(placed: Placed) {
  const call = await vi.waitUntil(async () => {
    const current = await specification('observe', placed);
    return current.status === 'hangup' && current;
  }, CALL_ENDS);
  const path = `/v1.0/timelines/calls/${placed.callId}/sip-analysis?token=${token}`;
  const { text } = await runCurl(`curl '${host}${path}'`);
  const { sip_messages: messages, rtcp_stats: media } = JSON.parse(text);
  return {
    call,
    methods: messages
      .map(({ method }: { method: string }) => method)
      // A busy machine may send a message again.
      .filter((method: string, index: number, all: string[]) => method !== all[index - 1]),
    hasHeard: media?.rtp_packets_received > 0,
  };
}

test('npm start says through which broker the functions reach the managers', () => {
  const shown = broker.url.replace(':guest@', '@');
  expect(lines).toContain(`RabbitMQ ${shown}, between the functions and the managers`);
});

test('the stand-in is the only consumer of the managers’ queues', async () => {
  const queue = { messages: 0, consumers: 1 };
  expect(await broker.queues()).toEqual({
    [MANAGER_QUEUES.route]: queue,
    [MANAGER_QUEUES.flow]: queue,
    [MANAGER_QUEUES.call]: queue,
  });
});

test('the specification’s tutorial goes through the broker and ends in real SIP', async () => {
  const first = await place('place');
  const second = await place('placeWithActions');
  expect(await outcomeOfCall(first)).toMatchObject({
    call: { hangup_by: 'remote', hangup_reason: 'normal', source: { target: '+14155551234' } },
    methods: ['INVITE', '100', '180', '200', 'ACK', 'BYE', '200'],
    hasHeard: true,
  });
  expect(await outcomeOfCall(second)).toMatchObject({
    call: { hangup_by: 'local', hangup_reason: 'normal' },
    methods: ['INVITE', '100', '180', '200', 'ACK', 'BYE', '200'],
    hasHeard: true,
  });
  const idsOf = async () => (await specification('list')).result.map(({ id }: { id: string }) => id);
  expect(await idsOf()).toEqual([second.id, first.id]);
  expect(await specification('get', first)).toMatchObject({ id: first.id, call_ids: [first.callId] });
  expect(await specification('delete', first)).toMatchObject({ tm_delete: expect.any(String) });
  expect(await idsOf()).toEqual([second.id]);
  expect(await specification('observe', first)).toMatchObject({ status: 'hangup' });
}, 60_000);

test('a call is placed after the broker has closed the connections of functions and managers', async () => {
  // The function that creates, and the stand-in.
  expect(await broker.closeConnections()).toBe(2);
  expect((await outcomeOfCall(await place('placeWithActions'))).methods[0]).toBe('INVITE');
});

test('Ctrl-C leaves nothing on the broker, and nothing that it printed has the password', async () => {
  start.kill('SIGINT');
  const { stdout, stderr, status } = await ended;
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect([...lines, stdout].join('\n')).not.toContain(':guest@');
  const queue = { messages: 0, consumers: 0 };
  expect(Object.values(await broker.queues())).toEqual([queue, queue, queue]);
  expect(await broker.closeConnections()).toBe(0);
});
