import * as z from 'zod/mini';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { type HeldSecret, holdSecret, readSecret } from '../outbound/secret.ts';
import { TIME_LIMITS } from '../provider-calls/ports.ts';
import { createAmqpBackend } from './amqp-backend.ts';
import { type AmqpClient, type BrokerLogin, createAmqpClient } from './amqp-client.ts';
import type { Backend } from './backend.ts';

const brokerVariables = z.object({
  AMQP_SECRET_ARN: z.optional(z.string().check(z.minLength(1, 'is empty'))),
  AMQP_MAX_PROCESSING_SECONDS: z.pipe(
    requiredVariable.check(z.regex(/^\d{1,6}$/, 'must be a number of seconds')),
    z.transform(Number),
  ),
});

const secretSchema = z.object({
  username: z.string(),
  password: z.string(),
  ca: z.optional(z.string()),
});

type AmqpBackends = {
  route(): Backend;
  flow(): Backend;
  call(): Backend;
  /** Milliseconds that a manager may spend on a request after taking it. */
  maxProcessing: number;
};

/**
 * Returns clients of the backends behind the broker at `<NAME>_BACKEND_URL`, by way of the queues `AMQP_<NAME>_QUEUE`.
 * The credentials come from the secret AMQP_SECRET_ARN, or from the URL if there is no secret. Backends with the same
 * URL share a connection.
 *
 * @throws {Error} with every variable at fault
 */
export function amqpBackendsFromEnvironment(): AmqpBackends {
  const { AMQP_SECRET_ARN, AMQP_MAX_PROCESSING_SECONDS } = readEnvironment(brokerVariables);
  const secret =
    AMQP_SECRET_ARN === undefined
      ? undefined
      : holdSecret(async () => loginOf(await readSecret(AMQP_SECRET_ARN)));
  const clients = new Map<string, AmqpClient>();
  const clientOf = (url: URL): AmqpClient => {
    const client = clients.get(url.href) ?? createAmqpClient({ url, credentials: secret ?? loginIn(url) });
    clients.set(url.href, client);
    return client;
  };
  const backend = (name: string, timeoutMs: number): Backend => {
    const variable = name.toUpperCase();
    return createAmqpBackend({
      name,
      client: clientOf(brokerUrl(`${variable}_BACKEND_URL`)),
      queue: z.parse(z.string(), readVariable(`AMQP_${variable}_QUEUE`, requiredVariable)),
      timeoutMs,
    });
  };
  return {
    route: () => backend('route', TIME_LIMITS.routeBackend),
    flow: () => backend('flow', TIME_LIMITS.flowBackend),
    call: () => backend('call', TIME_LIMITS.callBackend),
    maxProcessing: AMQP_MAX_PROCESSING_SECONDS * 1_000,
  };
}

function loginOf(secret: string): BrokerLogin {
  return secretSchema.parse(JSON.parse(secret));
}

/** Credentials in the URL never change, so a refresh returns the same ones. */
function loginIn({ username, password }: URL): Pick<HeldSecret<BrokerLogin>, 'current' | 'refresh'> {
  const login = async () => ({
    username: decodeURIComponent(username) || 'guest',
    password: decodeURIComponent(password) || 'guest',
  });
  return { current: login, refresh: login };
}

function brokerUrl(variable: string): URL {
  const schema = z
    .url({ protocol: /^amqps?$/, error: 'must be an amqp or amqps URL' })
    .check(z.refine(isDecodable, 'has a % that is not followed by two hexadecimal digits of UTF-8'));
  return new URL(z.parse(z.string(), readVariable(variable, schema)));
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

function readVariable(name: string, schema: z.ZodMiniType<string>): unknown {
  return readEnvironment(z.object({ [name]: schema }))[name];
}
