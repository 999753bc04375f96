import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AsyncMessage, Connection } from 'rabbitmq-client';
import { afterAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { createAmqpBackend } from '../../../functions/backends/amqp-backend.ts';
import { AmqpFailure, createAmqpClient } from '../../../functions/backends/amqp-client.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { freeServerPort } from '../../../packages/sip/test/peers/free-port.ts';
import { createVirtualHost, startRabbitmq } from '../../rabbitmq.ts';

const QUEUE = 'managers';

async function login() {
  return { username: 'guest', password: 'guest' };
}
const guest = { current: login, refresh: login };

type Options = Partial<Parameters<typeof createAmqpClient>[0]>;

/** Returns a client of the broker at a URL. It ends with the test. */
function clientAt(url: string, options: Options = {}) {
  const client = createAmqpClient({ url: new URL(url), credentials: guest, ...options });
  onTestFinished(() => client.close());
  return client;
}

type Reply = (
  message: AsyncMessage,
  send: (body: string, correlationId?: string) => Promise<void>,
) => unknown;

/**
 * Starts a manager, which acknowledges each request and then does what the test says. Returns the bodies of its
 * requests.
 */
async function startManager(url: string, reply: Reply) {
  const connection = new Connection({ url, noDelay: true });
  connection.on('error', () => {});
  onTestFinished(() => connection.unsafeDestroy());
  const channel = await connection.acquire();
  const taken: AsyncMessage[] = [];
  await channel.basicConsume({ queue: QUEUE, noAck: true }, (message) => {
    taken.push(message);
    reply(message, (body, correlationId = message.correlationId) =>
      channel.basicPublish({ routingKey: message.replyTo ?? '', correlationId }, body),
    );
  });
  return { taken, stop: () => connection.unsafeDestroy() };
}

function echo(...[message, send]: Parameters<Reply>): ReturnType<Reply> {
  return send(`reply to ${message.body}`);
}

async function failureOf(request: Promise<string>) {
  const error = await request.catch((cause: unknown) => cause);
  if (!(error instanceof AmqpFailure)) throw new Error('the request did not fail', { cause: error });
  const { fault, outcome, timedOut } = error;
  return { fault, outcome, timedOut };
}

const NOT_PUBLISHED = { fault: 'connection', outcome: 'nothing-done', timedOut: false };
const NOT_CONFIRMED = { fault: 'connection', outcome: 'unknown', timedOut: false };
const EXPIRED = { fault: 'expired', outcome: 'unknown', timedOut: true };

describe('a request', async () => {
  const broker = await createVirtualHost(inject('rabbitmq'));
  const { url } = broker;
  afterAll(() => broker.remove());
  beforeEach(async () => {
    await broker.declareQueue(QUEUE);
    return () => broker.deleteQueue(QUEUE);
  });
  const request = (body = 'a', timeoutMs = 5_000) => ({ queue: QUEUE, body, timeoutMs });
  const nothingIsLeft = () =>
    expect.poll(async () => (await broker.queues())[QUEUE]).toMatchObject({ messages: 0 });

  test('gets the reply with its own correlation id, however many are in progress', async () => {
    const waiting: (() => Promise<void>)[] = [];
    await startManager(url, (message, send) => {
      waiting.push(() => send(`reply to ${message.body}`));
      if (waiting.length === 3) for (const reply of waiting.reverse()) reply();
    });
    const client = clientAt(url);
    expect(await Promise.all(['a', 'b', 'c'].map((body) => client.request(request(body))))).toEqual([
      'reply to a',
      'reply to b',
      'reply to c',
    ]);
  });

  test('is transient, names the queue for its reply, and expires with its sender’s time limit', async () => {
    const { taken } = await startManager(url, echo);
    await clientAt(url).request(request('a', 60_000));
    expect(taken).toMatchObject([
      { routingKey: QUEUE, exchange: '', contentType: 'text/plain', deliveryMode: 1 },
    ]);
    const [message] = taken;
    expect(message?.replyTo).toMatch(/^amq\.rabbitmq\.reply-to\./);
    expect(Number(message?.expiration)).toBeGreaterThan(30_000);
    expect(Number(message?.expiration)).toBeLessThanOrEqual(60_000);
  });

  test('to a queue without consumers has expired when a consumer starts', async () => {
    expect(await failureOf(clientAt(url).request(request('a', 2_000)))).toEqual(EXPIRED);
    await nothingIsLeft();
    const { taken } = await startManager(url, echo);
    await clientAt(url).request(request('b'));
    expect(taken.map(({ body }) => body)).toEqual(['b']);
  });

  test('to a queue that does not exist has certainly done nothing', async () => {
    const client = clientAt(url);
    expect(await failureOf(client.request({ ...request(), queue: 'nowhere' }))).toEqual({
      fault: 'unroutable',
      outcome: 'nothing-done',
      timedOut: false,
    });
    await startManager(url, echo);
    expect(await client.request(request())).toBe('reply to a');
  });

  test('that a manager takes before it dies has an unknown outcome', async () => {
    const manager = await startManager(url, () => manager.stop());
    expect(await failureOf(clientAt(url).request(request('a', 2_000)))).toEqual(EXPIRED);
    expect(manager.taken).toHaveLength(1);
    await nothingIsLeft();
  });

  test('ignores a late reply to an earlier one, a second reply, and a reply to no request', async () => {
    const late: (() => Promise<void>)[] = [];
    await startManager(url, async ({ body }, send) => {
      if (body === 'late') {
        late.push(() => send('late'));
        return;
      }
      for (const reply of late.splice(0)) await reply();
      await send('of nobody', 'another-id');
      await send(`reply to ${body}`);
      await send('second');
    });
    const client = clientAt(url);
    expect(await failureOf(client.request(request('late', 2_000)))).toEqual(EXPIRED);
    expect(await client.request(request('a'))).toBe('reply to a');
    expect(await client.request(request('b'))).toBe('reply to b');
  });

  test.each(['<html>', '{}', '[1]', '{"status_code":"200"}'])(
    'has an unknown outcome after the reply %s',
    async (reply) => {
      await startManager(url, (_message, send) => send(reply));
      const backend = createAmqpBackend({
        name: 'call',
        client: clientAt(url),
        queue: QUEUE,
        timeoutMs: 5_000,
      });
      await expect(
        backend.request(createRequestScope('r'), z.unknown(), { method: 'POST', path: '/v1/calls' }),
      ).rejects.toMatchObject({ name: 'BackendFailure', outcome: 'unknown' });
    },
  );

  test('succeeds after the broker has closed the connection', async () => {
    await startManager(url, echo);
    const client = clientAt(url);
    await client.request(request());
    await broker.closeConnections();
    await startManager(url, echo);
    expect(await client.request(request('b'))).toBe('reply to b');
  });

  test('whose connection is closed before its reply has an unknown outcome', async () => {
    await startManager(url, () => broker.closeConnections());
    expect(await failureOf(clientAt(url).request(request()))).toEqual(NOT_CONFIRMED);
  });

  test('uses the connection of the last one, or a new one if that was idle for too long', async () => {
    const { taken } = await startManager(url, echo);
    let time = Date.now();
    const client = clientAt(url, { now: () => time });
    for (const idle of [0, 19_000, 21_000]) {
      time += idle;
      await client.request(request());
    }
    const [first, second, third] = taken.map(({ replyTo }) => replyTo);
    expect(second).toBe(first);
    expect(third).not.toBe(second);
  });

  test('succeeds in a process that was stopped while the broker closed its connection', async () => {
    await startManager(url, echo);
    const child = fork(join(import.meta.dirname, 'amqp-requester.ts'), [url, QUEUE]);
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(await sendTo(child, 'a')).toEqual({ reply: 'reply to a' });
    child.kill('SIGSTOP');
    await broker.closeConnections();
    await startManager(url, echo);
    child.kill('SIGCONT');
    expect(await sendTo(child, 'b')).toEqual({ reply: 'reply to b' });
  });

  test.each(['to the broker', 'from the broker'] as const)(
    'on a connection that loses its packets %s has certainly done nothing',
    async (direction) => {
      const proxy = await startProxy(url);
      const { taken } = await startManager(url, echo);
      const client = clientAt(proxy.url);
      await client.request(request('a'));
      proxy.drop(direction);
      expect(await failureOf(client.request(request('b', 700)))).toEqual({
        ...NOT_PUBLISHED,
        timedOut: true,
      });
      proxy.drop(undefined);
      expect(await client.request(request('c'))).toBe('reply to c');
      expect(taken.map(({ body }) => body)).toEqual(['a', 'c']);
    },
  );

  test('notices that an idle connection is dead, and uses another', async () => {
    const proxy = await startProxy(url);
    await startManager(url, echo);
    let time = Date.now();
    const client = clientAt(proxy.url, { now: () => time });
    await client.request(request('a'));
    proxy.dropOpened();
    time += 2_000;
    expect(await client.request(request('b'))).toBe('reply to b');
  });
});

describe('a broker', async () => {
  const broker = await startRabbitmq();
  afterAll(() => broker.close());
  await broker.declareQueue(QUEUE);
  const request = (body: string, timeoutMs = 5_000) => ({ queue: QUEUE, body, timeoutMs });

  test('that blocks publishers has certainly done nothing, and does nothing when it takes messages again', async () => {
    const connected = clientAt(broker.url);
    const { taken } = await startManager(broker.url, echo);
    await connected.request(request('a'));
    await broker.setMemoryAlarm(true);
    expect(await failureOf(connected.request(request('b')))).toEqual(NOT_PUBLISHED);
    expect(await failureOf(clientAt(broker.url).request(request('c')))).toEqual(NOT_PUBLISHED);
    await broker.setMemoryAlarm(false);
    expect(await connected.request(request('d'))).toBe('reply to d');
    expect(taken.map(({ body }) => body)).toEqual(['a', 'd']);
    expect(await broker.queues()).toMatchObject({ [QUEUE]: { messages: 0 } });
  });

  test('that was killed has certainly done nothing, and is used again once it runs', async () => {
    const client = clientAt(broker.url);
    await startManager(broker.url, echo);
    await client.request(request('a'));
    await broker.kill();
    expect(await failureOf(client.request(request('b', 1_000)))).toMatchObject({ outcome: 'nothing-done' });
    await broker.start();
    const { taken } = await startManager(broker.url, echo);
    expect(await client.request(request('c'))).toBe('reply to c');
    expect(taken.map(({ body }) => body)).toEqual(['c']);
  });

  test('that is killed before the reply leaves the request unknown', async () => {
    await startManager(broker.url, () => broker.kill());
    expect(await failureOf(clientAt(broker.url).request(request('a')))).toEqual(NOT_CONFIRMED);
    await broker.start();
  });

  test('whose password was changed is connected to with the new one', async () => {
    let password = 'guest';
    const secret = {
      current: login,
      refresh: async () => ({ username: 'guest', password }),
    };
    await startManager(broker.url, echo);
    const client = clientAt(broker.url, { credentials: secret });
    password = 'changed';
    await broker.changePassword(password);
    onTestFinished(() => broker.changePassword('guest'));
    expect(await client.request(request('a'))).toBe('reply to a');
    password = 'wrong';
    expect(await failureOf(clientAt(broker.url, { credentials: secret }).request(request('b')))).toEqual(
      NOT_PUBLISHED,
    );
  });
});

describe('a broker whose certificate a private authority has signed', async () => {
  const certificates = makeCertificates();
  const port = await freeServerPort();
  const broker = await startRabbitmq({
    configuration: `
      listeners.ssl.1 = 127.0.0.1:${port}
      ssl_options.cacertfile = ${certificates.authority}
      ssl_options.certfile = ${certificates.server}
      ssl_options.keyfile = ${certificates.serverKey}
    `,
  });
  afterAll(async () => {
    await broker.close();
    rmSync(certificates.folder, { recursive: true });
  });
  await broker.declareQueue(QUEUE);
  const ca = readFileSync(certificates.authority, 'utf8');
  const requestWith = (certificate: string | undefined, hostname = '127.0.0.1') => {
    const withCertificate = async () => ({ ...(await login()), ca: certificate });
    const client = clientAt(`amqps://${hostname}:${port}`, {
      credentials: { current: withCertificate, refresh: withCertificate },
    });
    return client.request({ queue: QUEUE, body: 'a', timeoutMs: 5_000 });
  };

  test('is trusted by a client with that authority in its secret', async () => {
    await startManager(broker.url, echo);
    expect(await requestWith(ca)).toBe('reply to a');
  });

  test.each([
    ['without that authority', undefined, '127.0.0.1'],
    ['under a name that its certificate does not have', ca, 'localhost'],
  ])('is sent nothing %s', async (_what, certificate, hostname) => {
    const { taken } = await startManager(broker.url, echo);
    expect(await failureOf(requestWith(certificate, hostname))).toEqual(NOT_PUBLISHED);
    expect(taken).toEqual([]);
  });
});

/** Creates a certificate authority and one of its certificates for 127.0.0.1. Returns the paths. */
function makeCertificates() {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const authority = join(folder, 'ca.pem');
  const authorityKey = join(folder, 'ca-key.pem');
  const server = join(folder, 'server.pem');
  const serverKey = join(folder, 'server-key.pem');
  openssl`-subj /CN=authority -keyout ${authorityKey} -out ${authority}`;
  openssl`-subj /CN=broker -addext subjectAltName=IP:127.0.0.1 -CA ${authority} -CAkey ${authorityKey} -keyout ${serverKey} -out ${server}`;
  return { folder, authority, server, serverKey };
}

function openssl(texts: TemplateStringsArray, ...paths: string[]): void {
  const options = String.raw(texts, ...paths).split(' ');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...options], {
    stdio: 'pipe',
  });
}

async function sendTo(child: ChildProcess, body: string): Promise<unknown> {
  const reported = once(child, 'message');
  child.send(body);
  return (await reported)[0];
}

/** Starts a TCP proxy in front of a broker that can drop what passes through it. */
async function startProxy(url: string) {
  const { hostname, port } = new URL(url);
  let dropped: 'to the broker' | 'from the broker' | undefined;
  const dead = new WeakSet<Socket>();
  const opened: Socket[] = [];
  const server = createServer((client) => {
    const broker = connect(Number(port), hostname);
    opened.push(client);
    const pass = (from: Socket, to: Socket, direction: typeof dropped) => {
      from.on('data', (bytes) => {
        if (dropped === direction) dead.add(client);
        // What was dropped never arrives, so nothing more of the connection is passed on.
        if (!dead.has(client)) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    };
    pass(client, broker, 'to the broker');
    pass(broker, client, 'from the broker');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of opened) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const proxied = new URL(url);
  proxied.port = String(address.port);
  return {
    url: proxied.href,
    drop: (direction: typeof dropped) => {
      dropped = direction;
    },
    dropOpened: () => {
      for (const socket of opened) dead.add(socket);
    },
  };
}
