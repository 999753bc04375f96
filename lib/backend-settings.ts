import { MANAGER_QUEUES } from '@provider-call/platform/manager-queues';
import * as z from 'zod/mini';
import {
  arn,
  commaList,
  flag,
  httpsUrl,
  isSandbox,
  kmsKeyArn,
  LOOPBACK_HOSTS,
  quoted,
  SettingsError,
} from './setting-values.ts';

/** Where the route, flow and call backends are, and how they are reached. The transport decides which bundles are deployed. */
export type Backends = HttpBackends | AmqpBackends;

/** Backends that are requested over HTTP. */
export type HttpBackends = BackendUrls & { transport: 'http'; auth: BackendAuth };

/** The platform's managers behind their message broker, RabbitMQ. */
export type AmqpBackends = BackendUrls & {
  transport: 'amqp';
  /** Holds user, password and possibly a private CA; null in stage local, where the URLs contain the user. */
  secret: SecretAccess | null;
  queues: { route: string; flow: string; call: string };
  /** Seconds that a manager may still spend on a request that it acknowledged just before it expired. */
  maxProcessingSeconds: number;
  /** The broker's security group, to which a rule for the functions is added; null if that is managed elsewhere. */
  brokerSecurityGroupId: string | null;
};

type BackendUrls = { routeUrl: string; flowUrl: string; callUrl: string };

type BackendAuth =
  | { type: 'none' }
  | { type: 'bearer'; secret: SecretAccess }
  | { type: 'sigv4'; functionArns: string[] };

/** A secret, and the customer-managed KMS key that encrypts it; null means the account's `aws/secretsmanager` key. */
export type SecretAccess = { secretArn: string; kmsKeyArn: string | null };

const FUNCTION_ARN = /^arn:[a-z-]+:lambda:\S+$/;
/** RabbitMQ reserves the prefix `amq.` (AMQP 0-9-1, section 3.1.3); a name has at most 255 bytes. */
const QUEUE_NAME = /^(?!amq\.)[!-~]{1,255}$/;
const SECURITY_GROUP_ID = /^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
/** At most one path segment, which names the virtual host. */
const VIRTUAL_HOST_PATH = /^\/?[^/]*\/?$/;

/** What `amqpMaxProcessingSeconds` is by default. */
const MAX_PROCESSING_SECONDS = 600;

/** A record is overdue after a day, and calls that are placed later would not be settled by anybody. */
const DAY_SECONDS = 86_400;
const SECONDS = `must be a whole number of seconds from 1 to ${DAY_SECONDS}`;

/** The context keys of the backends. */
export const backendKeys = {
  routeBackendUrl: z.optional(z.string()),
  flowBackendUrl: z.optional(z.string()),
  callBackendUrl: z.optional(z.string()),
  backendAuth: z.optional(z.enum(['none', 'bearer', 'sigv4'], 'must be none, bearer or sigv4')),
  backendSecretArn: z.optional(secretArn('backend')),
  backendSecretKmsKeyArn: z.optional(kmsKeyArn()),
  backendFunctionArns: z.optional(commaList),
  amqpSecretArn: z.optional(secretArn('broker')),
  amqpSecretKmsKeyArn: z.optional(kmsKeyArn()),
  amqpRouteQueue: z.optional(queueName()),
  amqpFlowQueue: z.optional(queueName()),
  amqpCallQueue: z.optional(queueName()),
  amqpMaxProcessingSeconds: z.optional(
    z.coerce.number(SECONDS).check(z.int(SECONDS), z.minimum(1, SECONDS), z.maximum(DAY_SECONDS, SECONDS)),
  ),
  amqpBrokerSecurityGroupId: z.optional(
    z.string().check(z.regex(SECURITY_GROUP_ID, 'must be the id of a security group')),
  ),
  platformStandIn: z.optional(flag),
};
const backendSchema = z.object(backendKeys);
type Given = z.infer<typeof backendSchema> & { stage: string; vpcId?: string | undefined };

const HTTP_KEYS = [
  'backendAuth',
  'backendSecretArn',
  'backendSecretKmsKeyArn',
  'backendFunctionArns',
] as const;

const AMQP_KEYS = [
  'amqpSecretArn',
  'amqpSecretKmsKeyArn',
  'amqpRouteQueue',
  'amqpFlowQueue',
  'amqpCallQueue',
  'amqpMaxProcessingSeconds',
  'amqpBrokerSecurityGroupId',
] as const;

/**
 * Returns the backends in the context, or null for the platform stand-in.
 *
 * @throws {SettingsError}
 */
export function backendsOf(given: Given): Backends | null {
  const { routeBackendUrl, flowBackendUrl, callBackendUrl, platformStandIn } = given;
  if (routeBackendUrl === undefined && flowBackendUrl === undefined && callBackendUrl === undefined) {
    requireStandIn(given);
    return null;
  }
  if (routeBackendUrl === undefined || flowBackendUrl === undefined || callBackendUrl === undefined) {
    const missing = Object.entries({ routeBackendUrl, flowBackendUrl, callBackendUrl })
      .filter(([, url]) => url === undefined)
      .map(([key]) => key);
    throw new SettingsError(`context ${missing.join(', ')}: set all three backend URLs, or none`);
  }
  if (platformStandIn === true) {
    throw new SettingsError(
      'context platformStandIn: takes the place of the backend URLs; set one or the other',
    );
  }
  const urls = { routeBackendUrl, flowBackendUrl, callBackendUrl };
  return Object.values(urls).some(isAmqp) ? amqpBackendsOf(given, urls) : httpBackendsOf(given, urls);
}

/**
 * Without backends the stand-in is used: in sandbox by default, elsewhere only on request, because it places no real
 * calls.
 */
function requireStandIn(given: Given): void {
  if (HTTP_KEYS.some((key) => given[key] !== undefined)) {
    throw new SettingsError(
      'context backendAuth: set routeBackendUrl, flowBackendUrl and callBackendUrl too; without them the stand-in is deployed and signs by itself',
    );
  }
  refuse(
    given,
    AMQP_KEYS,
    'is for a broker; set routeBackendUrl, flowBackendUrl and callBackendUrl to amqps URLs too',
  );
  if (given.platformStandIn ?? isSandbox(given.stage)) return;
  throw new SettingsError(
    'context routeBackendUrl, flowBackendUrl, callBackendUrl: set all three, or platformStandIn=true to deploy the stand-in, which places no real call',
  );
}

type GivenUrls = { routeBackendUrl: string; flowBackendUrl: string; callBackendUrl: string };

function httpBackendsOf(given: Given, urls: GivenUrls): HttpBackends {
  refuse(given, AMQP_KEYS, 'has no use with HTTP backends; set the three backend URLs to amqps URLs');
  const url = (key: keyof GivenUrls) => httpsUrl(key, urls[key], given.stage);
  return {
    transport: 'http',
    routeUrl: url('routeBackendUrl'),
    flowUrl: url('flowBackendUrl'),
    callUrl: url('callBackendUrl'),
    auth: backendAuthOf(given),
  };
}

function amqpBackendsOf(given: Given, urls: GivenUrls): AmqpBackends {
  refuse(given, HTTP_KEYS, 'is for HTTP backends; a broker takes user and password from amqpSecretArn');
  const url = (key: keyof GivenUrls) => amqpUrl(key, urls[key], given.stage);
  const backends = {
    routeUrl: url('routeBackendUrl'),
    flowUrl: url('flowBackendUrl'),
    callUrl: url('callBackendUrl'),
  };
  const queues = {
    route: given.amqpRouteQueue ?? MANAGER_QUEUES.route,
    flow: given.amqpFlowQueue ?? MANAGER_QUEUES.flow,
    call: given.amqpCallQueue ?? MANAGER_QUEUES.call,
  };
  // Each queue is consumed by a single manager, which would reject requests meant for the others.
  const consumers = [
    [backends.routeUrl, queues.route],
    [backends.flowUrl, queues.flow],
    [backends.callUrl, queues.call],
  ].map((urlAndQueue) => urlAndQueue.join(' '));
  if (new Set(consumers).size < consumers.length) {
    throw new SettingsError(
      'context amqpRouteQueue, amqpFlowQueue, amqpCallQueue: must be three different queues, one for each manager',
    );
  }
  return {
    transport: 'amqp',
    ...backends,
    secret: amqpSecretOf(given),
    queues,
    maxProcessingSeconds: given.amqpMaxProcessingSeconds ?? MAX_PROCESSING_SECONDS,
    brokerSecurityGroupId: brokerSecurityGroupOf(given),
  };
}

function amqpSecretOf(given: Given): SecretAccess | null {
  const { amqpSecretArn, amqpSecretKmsKeyArn, stage } = given;
  if (stage === 'local') {
    refuse(
      given,
      ['amqpSecretArn', 'amqpSecretKmsKeyArn'],
      'has no use in stage local; put user and password into the URLs',
    );
    return null;
  }
  if (amqpSecretArn === undefined) {
    throw new SettingsError(
      'context amqpSecretArn: set the ARN of the secret that holds {"username", "password"} of the broker\'s user',
    );
  }
  return { secretArn: amqpSecretArn, kmsKeyArn: amqpSecretKmsKeyArn ?? null };
}

function brokerSecurityGroupOf({ amqpBrokerSecurityGroupId, vpcId }: Given): string | null {
  if (amqpBrokerSecurityGroupId !== undefined && vpcId === undefined) {
    throw new SettingsError(
      'context amqpBrokerSecurityGroupId: lets functions in a VPC reach the broker; set vpcId and vpcSubnetIds too',
    );
  }
  return amqpBrokerSecurityGroupId ?? null;
}

/**
 * Returns the URL without trailing slashes. Only a broker on the same machine may be reached unencrypted, or have a
 * user in its URL.
 */
function amqpUrl(key: string, value: string, stage: string): string {
  if (!isAmqp(value)) {
    throw new SettingsError(`context ${key}: must be an amqps URL too; all three backends use one transport`);
  }
  const url = URL.parse(value);
  const loopback = url?.protocol === 'amqp:' && stage === 'local' && LOOPBACK_HOSTS.includes(url.hostname);
  if (url === null || url.hostname === '' || (url.protocol !== 'amqps:' && !loopback)) {
    throw new SettingsError(
      `context ${key}: must be an amqps URL (amqp only on the loopback of stage local), not ${quoted(value)}`,
    );
  }
  if (stage !== 'local' && (url.username !== '' || url.password !== '')) {
    throw new SettingsError(
      `context ${key}: must not contain a user or password; put them into the secret of amqpSecretArn`,
    );
  }
  if (!VIRTUAL_HOST_PATH.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new SettingsError(
      `context ${key}: must have nothing after the host but the virtual host, in which a slash is %2F`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

function isAmqp(url: string): boolean {
  return /^amqps?:/i.test(url);
}

function backendAuthOf(given: Given): BackendAuth {
  const type = given.backendAuth ?? (given.stage === 'local' ? 'none' : 'bearer');
  refuseUnused('backendSecretArn', given.backendSecretArn, type, 'bearer');
  refuseUnused('backendSecretKmsKeyArn', given.backendSecretKmsKeyArn, type, 'bearer');
  refuseUnused('backendFunctionArns', given.backendFunctionArns, type, 'sigv4');
  if (type === 'bearer') {
    if (given.backendSecretArn === undefined) {
      throw new SettingsError(
        'context backendSecretArn: set the ARN of the secret that holds the bearer token, or backendAuth=none',
      );
    }
    return {
      type,
      secret: { secretArn: given.backendSecretArn, kmsKeyArn: given.backendSecretKmsKeyArn ?? null },
    };
  }
  if (type === 'sigv4') {
    const functionArns = given.backendFunctionArns ?? [];
    if (functionArns.length === 0 || !functionArns.every((entry) => FUNCTION_ARN.test(entry))) {
      throw new SettingsError(
        'context backendFunctionArns: set the ARNs of the functions whose URLs the backend URLs are, separated by commas',
      );
    }
    return { type, functionArns };
  }
  return { type };
}

function refuseUnused(key: string, value: unknown, type: string, wanted: string): void {
  if (value === undefined || type === wanted) return;
  throw new SettingsError(`context ${key}: has no use with backendAuth=${type}; set backendAuth=${wanted}`);
}

/** Rejects the first of the keys that is set. */
function refuse(given: Given, keys: readonly (keyof typeof backendKeys)[], fault: string): void {
  const key = keys.find((candidate) => given[candidate] !== undefined);
  if (key !== undefined) throw new SettingsError(`context ${key}: ${fault}`);
}

function secretArn(name: string) {
  return arn('secretsmanager', `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`);
}

function queueName() {
  return z
    .string()
    .check(z.regex(QUEUE_NAME, 'must be the name of a queue, which does not begin with "amq."'));
}
