import { randomUUID } from 'node:crypto';
import { type AsyncMessage, type Channel, Connection } from 'rabbitmq-client';
import type { HeldSecret } from '../outbound/secret.ts';
import { ReportableError } from '../platform-error.ts';
import type { Outcome } from '../provider-calls/ports.ts';

/** A request to the consumer of a queue, and how long its sender waits for the reply. */
export type AmqpRequest = {
  queue: string;
  body: string;
  /** Milliseconds for the whole request, including the connection. Its expiration is what remains of them when it is published. */
  timeoutMs: number;
};

/** The credentials of this system at the broker, and the broker's certificate authority if it is not a public one. */
export type BrokerLogin = { username: string; password: string; ca?: string | undefined };

/** A client of one broker: RPC over its queues (AMQP 0-9-1). */
export type AmqpClient = {
  /**
   * Publishes the request once and returns the body of its reply.
   *
   * @throws {AmqpFailure}
   */
  request(request: AmqpRequest): Promise<string>;
  /** Closes the connection, if there is one. The next request opens a new one. */
  close(): void;
};

/**
 * Why a request has no reply: the broker could not be reached, the connection was lost or the broker accepts no
 * messages (`connection`); it has no such queue (`unroutable`); or nobody replied in time (`expired`).
 */
type Fault = 'connection' | 'unroutable' | 'expired';

/** A request without a reply, and what is known about its effect. */
export class AmqpFailure extends ReportableError {
  readonly fault: Fault;
  readonly outcome: Outcome;
  readonly timedOut: boolean;

  constructor(
    message: string,
    known: { fault: Fault; outcome: Outcome; timedOut?: boolean; cause?: unknown },
  ) {
    super(message, { cause: known.cause });
    this.name = 'AmqpFailure';
    this.fault = known.fault;
    this.outcome = known.outcome;
    this.timedOut = known.timedOut ?? false;
  }
}

/**
 * Seconds between heartbeats. The broker closes a connection that is silent for two heartbeats, and with it discards
 * anything that a suspended process or a lossy network has not delivered yet. https://www.rabbitmq.com/docs/heartbeats
 */
const HEARTBEAT_SECONDS = 20;

/** A connection that has been idle for longer is replaced: a frozen Lambda function may have missed its heartbeats. */
const MAX_IDLE_MS = HEARTBEAT_SECONDS * 1_000;

/**
 * A connection that has been idle for longer has to prove that it is alive before anything is published on it: the
 * process may have been suspended in the meantime, and may not have read yet that the connection was closed.
 */
const PROBE_AFTER_MS = 100;

/** Milliseconds that this proof may take. A broker that is alive needs one round trip. */
const PROBE_MS = 1_000;

/**
 * A pseudo-queue whose replies go straight to the channel that published the request. It need not be declared, and
 * leaves nothing behind. https://www.rabbitmq.com/docs/direct-reply-to
 */
const DIRECT_REPLY_TO = 'amq.rabbitmq.reply-to';

/** An open connection, with its one channel. */
type BrokerConnection = {
  channel: Channel;
  /** The requests that are waiting for a reply, by correlation id. */
  replies: Map<string, Waiting>;
  /** The correlation ids of messages that the broker returned as unroutable. */
  returned: Set<string>;
  usedAt: number;
  isOpen(): boolean;
  /** Closes the connection at once and discards everything that was not sent or not committed. */
  destroy(reason: Error): void;
};

type Waiting = { resolve(body: string): void; reject(reason: Error): void };

type AmqpClientSettings = {
  /** `amqp[s]://host[:port][/vhost]`; its user information, if any, is read by `credentials`. */
  url: URL;
  credentials: Pick<HeldSecret<BrokerLogin>, 'current' | 'refresh'>;
  now?: () => number;
};

/**
 * Returns a client with one connection, which is opened for the first request and replaced when it is lost or has been
 * idle for too long.
 *
 * Each message is published in its own transaction, which is committed only once the broker is known to have read the
 * message: commit-ok confirms it as a publisher confirm would, and a failure before the commit is sent leaves nothing
 * behind. With publisher confirms alone, a broker that blocks publishers (memory or disk alarm) would leave the message
 * in the connection and queue it when the alarm ends, even if its sender gave up long ago. No message is ever published
 * twice.
 */
export function createAmqpClient({ url, credentials, now = Date.now }: AmqpClientSettings): AmqpClient {
  let connection: BrokerConnection | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  return {
    request: async ({ queue, body, timeoutMs }) => {
      const deadline = now() + timeoutMs;
      const correlationId = randomUUID();
      const { reply, used } = await inTurn(deadline, async () => {
        const open = await openConnection(deadline);
        const waiting = replyTo(open, correlationId);
        try {
          await publish(open, { queue, body, correlationId }, deadline);
        } catch (error) {
          open.replies.delete(correlationId);
          throw error;
        }
        return { reply: waiting, used: open };
      });
      try {
        return await beforeDeadline(deadline, reply);
      } catch (error) {
        if (!(error instanceof DeadlineError)) {
          throw new AmqpFailure('the connection was lost before the reply', {
            fault: 'connection',
            outcome: 'unknown',
            cause: error,
          });
        }
        throw new AmqpFailure(`no reply within ${timeoutMs} ms`, {
          fault: 'expired',
          outcome: 'unknown',
          timedOut: true,
        });
      } finally {
        used.replies.delete(correlationId);
        used.usedAt = now();
      }
    },
    close: () => connection?.destroy(new ReportableError('closed by this process')),
  };

  /** Runs the work once all earlier work is done: one transaction at a time. */
  async function inTurn<Result>(deadline: number, work: () => Promise<Result>): Promise<Result> {
    const previous = turn;
    let end = () => {};
    turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      await beforeDeadline(deadline, previous).catch((cause: unknown) => {
        throw notPublished('timed out waiting for earlier requests to be published', cause);
      });
      return await work();
    } finally {
      previous.then(end);
    }
  }

  /** Returns a connection that is alive. */
  async function openConnection(deadline: number): Promise<BrokerConnection> {
    const idleMs = connection === undefined ? 0 : now() - connection.usedAt;
    if (connection?.isOpen() && idleMs > MAX_IDLE_MS)
      connection.destroy(new ReportableError('idle for too long'));
    if (connection?.isOpen() && (idleMs <= PROBE_AFTER_MS || (await isAlive(connection, deadline))))
      return connection;
    try {
      connection = await connect(await credentials.current(), deadline);
    } catch (error) {
      if (!isAccessRefused(error)) throw notPublished('no connection to the broker', error);
      // The secret may have been rotated since it was read.
      connection = await connect(await credentials.refresh(), deadline).catch((cause: unknown) => {
        throw notPublished('no connection to the broker', cause);
      });
    }
    return connection;
  }

  async function isAlive(open: BrokerConnection, deadline: number): Promise<boolean> {
    try {
      await beforeDeadline(Math.min(deadline, now() + PROBE_MS), roundTrip(open.channel));
      return open.isOpen();
    } catch {
      open.destroy(new ReportableError('did not respond'));
      return false;
    }
  }

  async function connect(login: BrokerLogin, deadline: number): Promise<BrokerConnection> {
    const timeLeft = Math.max(1, deadline - now());
    const isTls = url.protocol === 'amqps:';
    const client = new Connection({
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (isTls ? '5671' : '5672'),
      vhost: decodeURIComponent(url.pathname.slice(1)) || '/',
      username: login.username,
      password: login.password,
      tls: isTls && (login.ca === undefined || { ca: login.ca }),
      noDelay: true,
      heartbeat: HEARTBEAT_SECONDS,
      connectionTimeout: timeLeft,
      acquireTimeout: timeLeft,
    });
    let isOpen = true;
    let destroy = (_reason: Error) => {};
    const lost = new Promise<never>((_resolve, reject) => {
      destroy = (reason) => {
        isOpen = false;
        reject(reason);
        client.unsafeDestroy();
      };
      // The library would reconnect by itself, but this connection is not used again.
      client.on('error', (error: Error) => destroy(error));
      client.on('connection.blocked', () =>
        destroy(new ReportableError('the broker accepts no messages (resource alarm)')),
      );
    });
    lost.catch(() => {});
    try {
      const prepared = await beforeDeadline(deadline, Promise.race([prepare(client), lost]));
      const { channel, replies } = prepared;
      channel.on('close', () => destroy(new ReportableError('the broker closed the channel')));
      lost.catch((reason: Error) => {
        for (const { reject } of replies.values()) reject(reason);
      });
      return { ...prepared, usedAt: now(), isOpen: () => isOpen && channel.active, destroy };
    } catch (error) {
      client.unsafeDestroy();
      throw error;
    }
  }

  /**
   * Publishes a message and has it confirmed.
   *
   * @throws {AmqpFailure} `nothing-done` if anything fails before the commit is sent, or if the broker returns the
   *   message
   */
  async function publish(
    { channel, returned, destroy }: BrokerConnection,
    { queue, body, correlationId }: Message,
    deadline: number,
  ): Promise<void> {
    try {
      const expiration = String(Math.max(1, deadline - now()));
      const written = channel.basicPublish(
        { routingKey: queue, mandatory: true, expiration, replyTo: DIRECT_REPLY_TO, correlationId },
        body,
      );
      await beforeDeadline(deadline, Promise.all([written, roundTrip(channel)]));
      if (now() >= deadline) throw new DeadlineError();
    } catch (error) {
      // The channel must not be used again, because its next commit would include this message.
      destroy(new ReportableError('a message was abandoned before its commit'));
      throw notPublished('the broker did not accept the request', error);
    }
    try {
      await beforeDeadline(deadline, channel.txCommit());
    } catch (error) {
      destroy(new ReportableError('a commit was not confirmed'));
      throw new AmqpFailure('the broker did not confirm the request', {
        fault: 'connection',
        outcome: 'unknown',
        timedOut: error instanceof DeadlineError,
        cause: error,
      });
    }
    // The library reports a message that was returned before its confirmation one turn of the event loop after it.
    await new Promise(setImmediate);
    if (returned.delete(correlationId)) {
      throw new AmqpFailure('there is no such queue', { fault: 'unroutable', outcome: 'nothing-done' });
    }
  }

  async function beforeDeadline<Result>(deadline: number, work: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new DeadlineError()), Math.max(0, deadline - now()));
    });
    try {
      return await Promise.race([work, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

type Message = { queue: string; body: string; correlationId: string };

class DeadlineError extends ReportableError {
  constructor() {
    super('out of time');
  }
}

/** Opens the connection's channel, for transactions and for the replies to the requests published on it. */
async function prepare(
  connection: Connection,
): Promise<Pick<BrokerConnection, 'channel' | 'replies' | 'returned'>> {
  const channel = await connection.acquire();
  const replies: BrokerConnection['replies'] = new Map();
  const returned: BrokerConnection['returned'] = new Set();
  channel.on('basic.return', ({ correlationId }) => {
    if (correlationId !== undefined) returned.add(correlationId);
  });
  await channel.txSelect();
  await channel.basicConsume({ queue: DIRECT_REPLY_TO, noAck: true }, (message) => {
    if (message.correlationId !== undefined) replies.get(message.correlationId)?.resolve(textOf(message));
  });
  return { channel, replies, returned };
}

/** Returns a promise of the reply. If nobody awaits it, it must not end the process when the connection is lost. */
function replyTo({ replies }: Pick<BrokerConnection, 'replies'>, correlationId: string): Promise<string> {
  const reply = new Promise<string>((resolve, reject) => replies.set(correlationId, { resolve, reject }));
  reply.catch(() => {});
  return reply;
}

/** Resolves when the broker has read everything that was sent on the channel. */
function roundTrip(channel: Channel): Promise<void> {
  return channel.basicQos({ prefetchCount: 0 });
}

function notPublished(message: string, cause: unknown): AmqpFailure {
  return new AmqpFailure(message, {
    fault: 'connection',
    outcome: 'nothing-done',
    timedOut: cause instanceof DeadlineError,
    cause,
  });
}

/** Returns whether the broker refused the user or the password (403). */
function isAccessRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ACCESS_REFUSED';
}

/** Returns a message's body as text. The library itself decodes only text, and parses bodies that are declared as JSON. */
function textOf({ body }: AsyncMessage): string {
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body);
}
