import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, Connection } from 'rabbitmq-client';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { runbookCommands } from '../bin/runbook-commands.ts';
import { createAmqpClient } from '../functions/backends/amqp-client.ts';
import { createVirtualHost, type VirtualHost } from './rabbitmq.ts';

/*
 * The broker's user as docs/operations.md creates it, by the runbook's own commands: enough for create and reconcile, and
 * for nothing else.
 */

const QUEUE = 'some.manager.request';
const PASSWORD = 'a password of the runbook';

const broker = inject('rabbitmq');
let host: VirtualHost;

/** Runs shell commands with RabbitMQ's own rabbitmqctl, at the suite's broker. */
function administer(commands: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'provider-call-broker-user-'));
  writeFileSync(join(folder, '.erlang.cookie'), broker.cookie, { mode: 0o400 });
  writeFileSync(join(folder, 'password.txt'), `${PASSWORD}\n`);
  const { status, stdout, stderr } = spawnSync('bash', ['-ec', commands], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `/usr/lib/rabbitmq/bin:${process.env['PATH']}`,
      HOME: folder,
      RABBITMQ_NODENAME: broker.name,
      ERL_EPMD_PORT: String(broker.epmdPort),
      VHOST: decodeURIComponent(new URL(host.url).pathname.slice(1)),
    },
  });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`${commands}\nfailed:\n${stdout}${stderr}`);
}

beforeAll(async () => {
  host = await createVirtualHost(broker);
  await host.declareQueue(QUEUE);
  administer(runbookCommands('broker user'));
});

afterAll(async () => {
  administer('rabbitmqctl delete_user provider-call');
  await host.remove();
});

const LOGIN = { username: 'provider-call', password: PASSWORD };

async function connect(url: string): Promise<Connection> {
  const connection = new Connection({ url, noDelay: true });
  connection.on('error', () => {});
  onTestFinished(() => connection.unsafeDestroy());
  await connection.onConnect();
  return connection;
}

test("the runbook's user publishes a request and receives its reply", async () => {
  const manager = await connect(host.url);
  const consumer = manager.createConsumer(
    { queue: QUEUE, queueOptions: { passive: true }, noAck: true },
    (_message, reply) => reply('the reply'),
  );
  onTestFinished(() => consumer.close());

  const credentials = { current: async () => LOGIN, refresh: async () => LOGIN };
  const client = createAmqpClient({ url: new URL(host.url), credentials });
  onTestFinished(() => client.close());
  expect(await client.request({ queue: QUEUE, body: '{}', timeoutMs: 10_000 })).toBe('the reply');
});

test.each<[what: string, act: (channel: Channel) => Promise<unknown>]>([
  ['declare a queue', (channel) => channel.queueDeclare({ queue: 'own', exclusive: true })],
  ['delete a queue', (channel) => channel.queueDelete(QUEUE)],
  ['purge a queue', (channel) => channel.queuePurge(QUEUE)],
  ['declare an exchange', (channel) => channel.exchangeDeclare({ exchange: 'own', type: 'fanout' })],
  ['bind a queue', (channel) => channel.queueBind({ queue: QUEUE, exchange: 'amq.fanout' })],
  ['take a request', (channel) => channel.basicGet(QUEUE)],
  ['consume requests', (channel) => channel.basicConsume({ queue: QUEUE }, () => {})],
  [
    'publish to another exchange than the default one',
    async (channel) => {
      await channel.confirmSelect();
      await channel.basicPublish({ exchange: 'amq.topic', routingKey: QUEUE }, 'a message');
    },
  ],
])("the runbook's user may not %s", async (_what, act) => {
  const url = new URL(host.url);
  url.username = LOGIN.username;
  url.password = encodeURIComponent(LOGIN.password);
  const channel = await (await connect(url.href)).acquire();
  await expect(act(channel)).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
});
