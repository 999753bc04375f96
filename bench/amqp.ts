import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { localAssembly } from '@provider-call/local/assembly-cache';
import { MANAGER_QUEUES } from '@provider-call/platform/manager-queues';
import { type Channel, Connection } from 'rabbitmq-client';
import * as z from 'zod/mini';
import { type Rabbitmq, startRabbitmq } from '../test/rabbitmq.ts';
import { createEvent, SCHEDULE_EVENT } from './events.ts';
import { amqpClientBundle } from './fixture-bundles.ts';
import {
  compiledProcess,
  DIRECTORY,
  measureInTurn,
  ON_ONE_CORE,
  type Subject,
  succeeded,
} from './measure.ts';
import { digits, option, report, spread, table } from './report.ts';
import { ratiosOf, summarize } from './statistics.ts';
import { startTestbed } from './testbed.ts';

/*
 * The functions that reach the backends through RabbitMQ, beside those over HTTP: cold starts, and what a create costs after its
 * process was stopped and the broker closed its connection. The AMQP clients that the decision was between, in the same
 * rounds. What a broker that blocks publishers does with a message that was given up. Needs rabbitmq-server.
 */

const SECONDS = option('seconds', 45);
/** How often each process is stopped in each way. */
const STOPS = option('stops', 20);

/** How long a process is stopped without losing its connection: longer than a connection is used unseen. */
const STOPPED_MS = 150;
/** For how long the broker accepts no messages, and after which shorter time a message that waits in a queue expires. */
const ALARM_MS = 6_000;
const EXPIRATION_MS = 3_000;
/** How long a message may take to reach its queue once the broker accepts messages again. */
const AFTER_ALARM_MS = 2_000;
const ALARM_QUEUE = 'alarm';

const requestSchema = z.object({ uri: z.string() });
const resultSchema = z.object({
  milliseconds: z.number(),
  connections: z.number(),
  rss: z.number(),
  response: z.unknown(),
});

const STOPPED_PROCESS = compiledProcess('stopped-process', 'esm');

const testbed = await startTestbed('scripted');
const overAmqp = testbed.functionsOf(await localAssembly('amqp'));
const broker = await startRabbitmq();
const managers = await startScriptedManagers(broker.url);
const backendUrls = {
  ROUTE_BACKEND_URL: broker.url,
  FLOW_BACKEND_URL: broker.url,
  CALL_BACKEND_URL: broker.url,
};

const CREATE = { events: [createEvent()], response: succeeded };
const RECONCILE = { events: [SCHEDULE_EVENT], response: z.unknown() };
const functions = { Create: CREATE, Reconcile: RECONCILE };
const CLIENTS = ['rabbitmq-client', 'amqplib'] as const;

const subjects: Record<string, Subject> = {};
for (const name of ['Create', 'Reconcile'] as const) {
  subjects[`${name} over HTTP`] = {
    ...functions[name],
    bundle: testbed.bundleOf(name),
    environment: testbed.environmentOf(name),
  };
  subjects[`${name} over AMQP`] = {
    ...functions[name],
    bundle: overAmqp.bundleOf(name),
    environment: overAmqp.environmentOf(name, backendUrls),
  };
}
for (const client of CLIENTS) {
  subjects[client] = {
    events: [{}],
    response: z.looseObject({ status_code: z.literal(200) }),
    bundle: await amqpClientBundle(DIRECTORY, client),
    environment: {
      AMQP_URL: broker.url,
      QUEUE: MANAGER_QUEUES.route,
      REQUEST: JSON.stringify({ uri: '/v1/providers/1', method: 'GET' }),
    },
  };
}

const cold = await measureInTurn(async () => subjects, SECONDS);
const stopped = new Map<string, Stops>();
for (const name of ['Create over AMQP', ...CLIENTS]) stopped.set(name, await measureStops(subjectOf(name)));
await managers.close();
await testbed.close();
const afterAlarm: [string, number][] = [
  ['a publisher confirm', await messagesAfterAlarm(confirmed)],
  ['a transaction, committed once the broker has read the message', await messagesAfterAlarm(committed)],
];
await broker.close();

const rounds = cold.get('Create over HTTP')?.length ?? 0;
report(
  'bench:amqp',
  [
    `${rounds} fresh processes each, in turn; medians with quartiles; milliseconds. The ratios are of the same round. Memory is what is resident after the first request.`,
    table(
      ['function', 'KB', 'init', '÷ HTTP', 'init + first request', '÷ HTTP', 'MB', '÷ HTTP'],
      ['Create', 'Reconcile'].flatMap((name) =>
        ['HTTP', 'AMQP'].map((transport) => {
          const own = `${name} over ${transport}`;
          const peer = `${name} over HTTP`;
          return [
            `${name.toLowerCase()} over ${transport}`,
            kilobytes(own),
            ...[initOf, allOf, megabytesOf].flatMap((of) => [
              spread(summarize(of(own)), 1),
              spread(ratiosOf(of(own), of(peer))),
            ]),
          ];
        }),
      ),
    ),
    'The two clients, each with one RPC, confirmed, and bundled as the functions are:',
    table(
      ['client', 'KB', 'init', '÷ amqplib', 'init + first RPC', '÷ amqplib', 'MB', '÷ amqplib'],
      CLIENTS.map((name) => [
        name,
        kilobytes(name),
        ...[initOf, allOf, megabytesOf].flatMap((of) => [
          spread(summarize(of(name)), 1),
          spread(ratiosOf(of(name), of('amqplib'))),
        ]),
      ]),
    ),
    `One process each, stopped ${STOPS} times for ${STOPPED_MS} ms, and ${STOPS} times while the broker closes its connection; milliseconds of the request after it:`,
    table(
      [
        'process',
        'not stopped',
        'stopped, connection kept',
        'stopped, connection closed',
        'connections made',
        'MB after the first request',
        'MB at the end',
      ],
      [...stopped].map(([name, { running, kept, closed, connections, early, late }]) => [
        name.toLowerCase(),
        ...[running, kept, closed].map((milliseconds) => spread(summarize(milliseconds), 1)),
        String(connections),
        megabytes(early),
        megabytes(late),
      ]),
    ),
    `A message that its sender gave up while the broker accepted none (memory alarm of ${ALARM_MS / 1_000} s, expiration ${EXPIRATION_MS / 1_000} s), in its queue after the alarm:`,
    table(
      ['published with', 'messages'],
      afterAlarm.map(([how, messages]) => [how, String(messages)]),
    ),
  ].join('\n\n'),
);

function subjectOf(name: string): Subject {
  const subject = subjects[name];
  if (subject === undefined) throw new Error(`nothing is named ${name}`);
  return subject;
}

function initOf(name: string): number[] {
  return (cold.get(name) ?? []).map(({ init }) => init);
}

function allOf(name: string): number[] {
  return (cold.get(name) ?? []).map(({ init, first }) => init + first);
}

function megabytesOf(name: string): number[] {
  return (cold.get(name) ?? []).map(({ rss }) => rss / 1e6);
}

function kilobytes(name: string): string {
  return digits(statSync(subjectOf(name).bundle).size / 1_000, 0);
}

function megabytes(bytes: number): string {
  return digits(bytes / 1e6, 1);
}

/** What the requests of one process took, in milliseconds, the connections that it made, and the bytes it held. */
type Stops = {
  running: number[];
  kept: number[];
  closed: number[];
  connections: number;
  early: number;
  late: number;
};

/** Measures requests of one process that is stopped and continued, as Lambda freezes a function after each response. */
async function measureStops({ bundle, environment, events, response }: Subject): Promise<Stops> {
  const [command = '', ...args] = [
    ...ON_ONE_CORE,
    process.execPath,
    STOPPED_PROCESS,
    bundle,
    String(broker.node.port),
  ];
  const child = spawn(command, args, { env: environment, stdio: ['pipe', 'ignore', 'inherit', 'pipe'] });
  const { stdin } = child;
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable) || stdin === null) throw new Error('the stopped process has no pipes');
  const lines = createInterface(pipe)[Symbol.asyncIterator]();
  const request = async () => {
    stdin.write(`${JSON.stringify(events[0])}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${bundle} ended`);
    const result = resultSchema.parse(JSON.parse(value));
    response.parse(result.response);
    return result;
  };

  const { rss: early } = await request();
  const stops: Stops = { running: [], kept: [], closed: [], connections: 0, early, late: 0 };
  for (let stop = 0; stop < STOPS; stop += 1) {
    stops.running.push((await request()).milliseconds);
    child.kill('SIGSTOP');
    await setTimeout(STOPPED_MS);
    child.kill('SIGCONT');
    stops.kept.push((await request()).milliseconds);
    child.kill('SIGSTOP');
    await Promise.all([setTimeout(STOPPED_MS), broker.closeConnections().then(untilConsumed)]);
    child.kill('SIGCONT');
    const { milliseconds, connections, rss } = await request();
    stops.closed.push(milliseconds);
    Object.assign(stops, { connections, late: rss });
  }
  stdin.end();
  await once(child, 'exit');
  return stops;
}

/** Waits for the scripted managers, whose connection was closed with the function's. */
async function untilConsumed(): Promise<void> {
  for (;;) {
    const queues = Object.values(await broker.queues());
    if (queues.every(({ consumers }) => consumers === 1)) return;
    await setTimeout(10);
  }
}

/** Serves all three managers with the same responses at once, and a call of its own for each order. */
async function startScriptedManagers(url: string): Promise<{ close(): Promise<void> }> {
  const connection = new Connection({ url, noDelay: true, retryLow: 10 });
  // Closed on purpose, and made again by itself.
  connection.on('error', () => {});
  const replies = connection.createPublisher();
  const consumers = Object.values(MANAGER_QUEUES).map((queue) =>
    connection.createConsumer(
      { queue, queueOptions: { durable: true }, noAck: true },
      async ({ body, replyTo = '', correlationId = '' }) => {
        const { uri } = requestSchema.parse(JSON.parse(String(body)));
        const id = randomUUID();
        const data = uri === '/v1/calls' ? { calls: [{ id }] } : { id };
        await replies.send(
          { routingKey: replyTo, correlationId },
          JSON.stringify({ status_code: 200, data_type: 'application/json', data }),
        );
      },
    ),
  );
  for (const consumer of consumers) consumer.on('error', () => {});
  await Promise.all(consumers.map((consumer) => once(consumer, 'ready')));
  return {
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await replies.close();
      await connection.close();
    },
  };
}

/**
 * Publishes a message while the broker's memory alarm blocks publishers, disconnects without waiting any longer, and returns the
 * maximum number of messages in its queue once the alarm is over.
 */
async function messagesAfterAlarm(publish: (channel: Channel) => Promise<void>): Promise<number> {
  await broker.declareQueue(ALARM_QUEUE);
  const connection = new Connection({ url: broker.url, noDelay: true });
  connection.on('error', () => {});
  const channel = await connection.acquire();
  await broker.setMemoryAlarm(true);
  await untilBlocked(broker);
  const alarmEnds = setTimeout(ALARM_MS);
  publish(channel).catch(() => {});
  await setTimeout(EXPIRATION_MS);
  connection.unsafeDestroy();
  await alarmEnds;
  await broker.setMemoryAlarm(false);
  let messages = 0;
  const until = performance.now() + AFTER_ALARM_MS;
  while (performance.now() < until) {
    messages = Math.max(messages, (await broker.queues())[ALARM_QUEUE]?.messages ?? 0);
  }
  await broker.deleteQueue(ALARM_QUEUE);
  return messages;
}

/** Waits until the broker blocks a connection that publishes: the alarm is raised a moment after its threshold was set. */
async function untilBlocked({ url }: Rabbitmq): Promise<void> {
  const probe = new Connection({ url });
  probe.on('error', () => {});
  const blocked = once(probe, 'connection.blocked');
  const channel = await probe.acquire();
  channel.basicPublish({ routingKey: 'nowhere' }, '').catch(() => {});
  await blocked;
  probe.unsafeDestroy();
}

async function confirmed(channel: Channel): Promise<void> {
  await channel.confirmSelect();
  await publishOn(channel);
}

/** As functions/backends/amqp-client.ts does. */
async function committed(channel: Channel): Promise<void> {
  await channel.txSelect();
  await publishOn(channel);
  await channel.basicQos({ prefetchCount: 0 });
  await channel.txCommit();
}

async function publishOn(channel: Channel): Promise<void> {
  await channel.basicPublish(
    { routingKey: ALARM_QUEUE, mandatory: true, expiration: String(EXPIRATION_MS) },
    'given up',
  );
}
