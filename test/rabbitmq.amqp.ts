import { once } from 'node:events';
import { Connection, type ConsumerProps } from 'rabbitmq-client';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { createVirtualHost, type Rabbitmq, startRabbitmq, type VirtualHost } from './rabbitmq.ts';

/** Connects without reconnecting, so that a test sees its own connection end. */
async function connect(url: string): Promise<Connection> {
  const connection = new Connection({ url, noDelay: true, retryLow: 60_000, retryHigh: 60_000 });
  connection.on('error', () => {});
  onTestFinished(() => connection.unsafeDestroy());
  await connection.onConnect();
  return connection;
}

async function publish(connection: Connection, queue: string): Promise<void> {
  const publisher = connection.createPublisher({ confirm: true });
  await publisher.send({ routingKey: queue, durable: true }, 'a message');
  await publisher.close();
}

describe('a virtual host of the shared broker', () => {
  let host: VirtualHost;
  beforeAll(async () => {
    host = await createVirtualHost(inject('rabbitmq'));
    return host.remove;
  });

  test('a declared queue holds what is published to it until it is deleted', async () => {
    await host.declareQueue('some.queue');
    await publish(await connect(host.url), 'some.queue');
    expect(await host.queues()).toEqual({ 'some.queue': { messages: 1, consumers: 0 } });
    await host.deleteQueue('some.queue');
    expect(await host.queues()).toEqual({});
  });

  test('a consumer is counted, and so is a message that it has not acknowledged', async () => {
    await host.declareQueue('consumed.queue');
    const connection = await connect(host.url);
    const received = Promise.withResolvers<void>();
    const consumer: ConsumerProps = {
      queue: 'consumed.queue',
      queueOptions: { durable: true },
    };
    connection.createConsumer(consumer, () => {
      received.resolve();
      return new Promise(() => {});
    });
    await publish(connection, 'consumed.queue');
    await received.promise;
    expect(await host.queues()).toEqual({ 'consumed.queue': { messages: 1, consumers: 1 } });
    connection.unsafeDestroy();
    await host.deleteQueue('consumed.queue');
  });

  test('closing its connections ends them and no others', async () => {
    const other = await createVirtualHost(inject('rabbitmq'));
    onTestFinished(other.remove);
    const elsewhere = await connect(other.url);
    const here = await connect(host.url);
    const ended = once(here, 'error');
    expect(await host.closeConnections()).toBe(1);
    expect(String(await ended)).toContain('CONNECTION_FORCED');
    expect(elsewhere.ready).toBe(true);
  });
});

describe('a broker of a file’s own', () => {
  let rabbitmq: Rabbitmq;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq.close());

  test.each(['kill', 'stop'] as const)('keeps its queues and messages through %s and start', async (end) => {
    await rabbitmq.declareQueue('some.queue');
    const connection = await connect(rabbitmq.url);
    await publish(connection, 'some.queue');
    const ended = once(connection, 'error');
    await rabbitmq[end]();
    await ended;
    await rabbitmq.start();
    expect(await rabbitmq.queues()).toEqual({ 'some.queue': { messages: 1, consumers: 0 } });
    await rabbitmq.deleteQueue('some.queue');
  });

  test('blocks a publisher while the memory alarm is raised', async () => {
    await rabbitmq.declareQueue('some.queue');
    await rabbitmq.setMemoryAlarm(true);
    const connection = await connect(rabbitmq.url);
    const blocked = once(connection, 'connection.blocked');
    const published = publish(connection, 'some.queue');
    expect(await blocked).toEqual(['low on memory']);
    expect(await rabbitmq.queues()).toEqual({ 'some.queue': { messages: 0, consumers: 0 } });
    await rabbitmq.setMemoryAlarm(false);
    await published;
    expect(await rabbitmq.queues()).toEqual({ 'some.queue': { messages: 1, consumers: 0 } });
  });

  test('refuses the old password after a change', async () => {
    await rabbitmq.changePassword('new');
    onTestFinished(() => rabbitmq.changePassword('guest'));
    const connection = new Connection({ url: rabbitmq.url, retryLow: 60_000 });
    onTestFinished(() => connection.unsafeDestroy());
    expect(String(await once(connection, 'error'))).toContain('ACCESS_REFUSED');
  });
});
