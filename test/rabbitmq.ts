import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeServerPort } from '../packages/sip/test/peers/free-port.ts';

/*
 * Debian's rabbitmq-server, with its own ports and data folder, independent of any other broker on the machine. It
 * takes seconds to start, so the files of `npm run test:amqp` share one broker (start-rabbitmq-once.ts), each with its
 * own virtual host; a file that kills its broker or lets it run out of memory starts a separate one.
 */

const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const USER = 'guest';
const PASSWORD = 'guest';

/** RabbitMQ's default: the share of the machine's memory above which publishers are blocked. */
const MEMORY_HIGH_WATERMARK = 0.4;

/** What is needed to administer a running broker from another process. */
export type RabbitmqNode = { port: number; name: string; epmdPort: number; cookie: string };

/** A virtual host with the queues and connections of one test file. */
export type VirtualHost = {
  /** `amqp://user:password@host:port/vhost` */
  url: string;
  /** Declares a durable queue, as the platform's managers do. */
  declareQueue(queue: string): Promise<void>;
  deleteQueue(queue: string): Promise<void>;
  /** Returns every queue with its messages, ready and unacknowledged, and its consumers. */
  queues(): Promise<Record<string, { messages: number; consumers: number }>>;
  /** Closes all connections as an operator does (320 CONNECTION_FORCED), and returns how many there were. */
  closeConnections(): Promise<number>;
  /** Deletes the virtual host with its queues, which also closes its connections. */
  remove(): Promise<void>;
};

/** A broker with one virtual host, used by a single test file. */
export type Rabbitmq = Omit<VirtualHost, 'remove'> & {
  node: RabbitmqNode;
  /** Starts the broker again, on the same ports and data. */
  start(): Promise<void>;
  /** Stops the broker as its service manager does (SIGTERM). */
  stop(): Promise<void>;
  /** Kills the broker as a power failure would (SIGKILL). Durable queues and persistent messages remain. */
  kill(): Promise<void>;
  /** Raises or clears the memory alarm: while it is raised, the broker blocks every connection that publishes. */
  setMemoryAlarm(raised: boolean): Promise<void>;
  changePassword(password: string): Promise<void>;
  /** Stops the broker and its epmd, and removes the data folder. */
  close(): Promise<void>;
};

/**
 * Starts a broker.
 *
 * @param configuration lines of rabbitmq.conf, such as a TLS listener
 */
export async function startRabbitmq({ configuration = '' } = {}): Promise<Rabbitmq> {
  const folder = await mkdtemp(join(tmpdir(), 'rabbitmq-'));
  const node: RabbitmqNode = {
    port: await freeServerPort(),
    name: 'test@localhost',
    epmdPort: await freeServerPort(),
    cookie: randomUUID(),
  };
  await writeFile(join(folder, '.erlang.cookie'), node.cookie, { mode: 0o400 });
  await writeFile(join(folder, 'enabled_plugins'), '[].\n');
  await writeFile(join(folder, 'rabbitmq.conf'), configuration);
  const environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    RABBITMQ_NODENAME: node.name,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(node.port),
    RABBITMQ_DIST_PORT: String(await freeServerPort()),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    // The start script is then replaced by the broker instead of starting it, so that signals reach the broker.
    RABBITMQ_ALLOW_INPUT: 'true',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput',
    ERL_CRASH_DUMP: join(folder, 'erl_crash.dump'),
    ERL_EPMD_PORT: String(node.epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
  const epmd = spawn('epmd', [], { env: environment, stdio: 'ignore' });
  let broker = await startBroker(environment);
  const endChildren = () => {
    broker.kill('SIGKILL');
    epmd.kill();
  };
  process.once('exit', endChildren);

  const end = async (signal: NodeJS.Signals) => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    const exited = once(broker, 'exit');
    broker.kill(signal);
    await exited;
  };
  return {
    ...virtualHost(node, '/'),
    node,
    async start() {
      broker = await startBroker(environment);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async setMemoryAlarm(raised) {
      const watermark = raised ? 0 : MEMORY_HIGH_WATERMARK;
      // The handler of the alarm responds once it has notified the connections.
      await evaluate(
        node,
        `vm_memory_monitor:set_vm_memory_high_watermark(${watermark}), rabbit_alarm:get_alarms()`,
      );
    },
    async changePassword(password) {
      const [user, value, by] = [USER, password, 'test'].map(binary);
      await evaluate(node, `rabbit_auth_backend_internal:change_password(${user}, ${value}, ${by})`);
    },
    async close() {
      process.removeListener('exit', endChildren);
      await end('SIGKILL');
      const exited = once(epmd, 'exit');
      epmd.kill();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** Creates a virtual host on a running broker. */
export async function createVirtualHost(node: RabbitmqNode): Promise<VirtualHost> {
  const name = randomUUID();
  const [vhost, user, all, by] = [name, USER, '.*', 'test'].map(binary);
  await evaluate(
    node,
    `rabbit_vhost:add(${vhost}, ${by}),
     rabbit_auth_backend_internal:set_permissions(${user}, ${vhost}, ${all}, ${all}, ${all}, ${by})`,
  );
  return virtualHost(node, name);
}

function virtualHost(node: RabbitmqNode, name: string): VirtualHost {
  const vhost = binary(name);
  const resource = (queue: string) => `rabbit_misc:r(${vhost}, queue, ${binary(queue)})`;
  return {
    url: `amqp://${USER}:${PASSWORD}@127.0.0.1:${node.port}/${encodeURIComponent(name)}`,
    async declareQueue(queue) {
      await evaluate(
        node,
        // Mnesia writes its log up to two seconds later; until then a kill would lose the queue.
        `rabbit_amqqueue:declare(${resource(queue)}, true, false, [], none, ${binary('test')}), mnesia:sync_log()`,
      );
    },
    async deleteQueue(queue) {
      await evaluate(
        node,
        `{ok, Queue} = rabbit_amqqueue:lookup(${resource(queue)}),
         rabbit_amqqueue:delete(Queue, false, false, ${binary('test')})`,
      );
    },
    async queues() {
      const listed = await evaluate(
        node,
        `[{binary_to_list(Name), Messages, Consumers} || [{name, {resource, _, queue, Name}}, {messages, Messages}, {consumers, Consumers}]
           <- rabbit_amqqueue:info_all(${vhost}, [name, messages, consumers])]`,
      );
      return Object.fromEntries(
        [...listed.matchAll(/\{"([^"]*)",\s*(\d+),\s*(\d+)\}/g)].map(([, queue, messages, consumers]) => [
          queue,
          { messages: Number(messages), consumers: Number(consumers) },
        ]),
      );
    },
    async closeConnections() {
      return Number(
        await evaluate(
          node,
          `length([rabbit_networking:close_connection(Pid, "closed by the test")
             || [{pid, Pid}, {vhost, ${vhost}}] <- rabbit_networking:connection_info_all([pid, vhost])])`,
        ),
      );
    },
    async remove() {
      await evaluate(node, `rabbit_vhost:delete(${vhost}, ${binary('test')})`);
    },
  };
}

async function startBroker(environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(PROGRAM, [], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const started = new Promise<void>((resolve) => {
    const read = (text: Buffer) => {
      output += text.toString();
      if (output.includes('Starting broker... completed')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  await Promise.race([started, once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`rabbitmq-server did not start: ${output}`);
  return child;
}

/**
 * Evaluates an Erlang expression on the broker and returns its result in Erlang's notation. `rabbitmqctl` calls the
 * same functions, but starts an Erlang VM for each call, which takes a second and a half of processor time.
 */
async function evaluate({ name, epmdPort, cookie }: RabbitmqNode, expression: string): Promise<string> {
  const child = spawn('erl_call', ['-h', `test-${randomUUID()}`, '-n', name, '-c', cookie, '-e'], {
    env: { PATH: process.env['PATH'], ERL_EPMD_PORT: String(epmdPort) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  child.stdin.end(`${expression}.\n`);
  await once(child, 'close');
  const [, result] = /^\{ok,\s*(.*)\}$/s.exec(output.trim()) ?? [];
  if (result === undefined) throw new Error(`rabbitmq did not evaluate ${expression}: ${output}`);
  return result;
}

/** Writes a text as an Erlang binary. */
function binary(text: string): string {
  return `<<"${text.replaceAll(/["\\]/g, '\\$&')}">>`;
}
