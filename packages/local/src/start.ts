import { type PlatformOptions, startPlatform } from '@provider-call/platform';
import { startDemoCarrier } from '@provider-call/platform/demo-carrier';
import { BrokerError, withoutPassword } from '@provider-call/platform/manager-rpc';
import { defaultSeed } from '@provider-call/platform/seed';
import { createSipDialer } from '@provider-call/platform/sip-dialer';
import type { AllowList } from '@provider-call/sip/allow-list';
import { DEVELOPMENT_KEY } from '../../../functions/auth/development-key.ts';
import { localAssembly, type Transport } from './assembly-cache.ts';
import { createTables } from './create-tables.ts';
import {
  type AwsAccess,
  createDynamodbClient,
  LOCAL_AWS,
  startEmbeddedDynamodb,
  useDynamodb,
} from './dynamodb.ts';
import { openListener } from './gateway/listener.ts';
import { createRestApiHandler, type ServedRequest } from './gateway/rest-api-handler.ts';
import { LOOPBACK, urlOf } from './http-server.ts';
import { ENDPOINT_VARIABLES, functionEnvironment } from './lambda/function-environment.ts';
import { createFunctionPool, type FunctionPool, functionThread } from './lambda/function-pool.ts';
import { type LocalSchedule, startSchedule } from './schedule.ts';
import { startSecretsManager } from './secrets-manager.ts';
import { createSite } from './site.ts';
import { StartError } from './start-error.ts';
import { readAssembly, type StackTemplate } from './template/assembly.ts';
import { type FunctionDefinition, readFunctions } from './template/functions.ts';
import type { StackLocation } from './template/location.ts';
import { createReferences, type References } from './template/references.ts';
import { resourcesOfType } from './template/resources-of-type.ts';
import { readRestApi } from './template/rest-api.ts';
import { readSchedules } from './template/schedules.ts';
import { readTables } from './template/tables.ts';
import { SUPER_ADMIN, signToken } from './token.ts';

/** Base URLs of the backends; the platform stand-in takes the place of any that is absent. */
export type BackendUrls = {
  route?: string | undefined;
  flow?: string | undefined;
  call?: string | undefined;
};

export type LocalOptions = {
  /** Address that every HTTP server listens on; loopback by default. */
  host?: string;
  /** Port of the API; 0, the default, picks any free one. */
  port?: number;
  /** A synthesized assembly to serve; by default the project's own. */
  assemblyDirectory?: string | undefined;
  /** Folder in which tables are stored; without it they are in memory. */
  dataDir?: string | undefined;
  /** Another DynamoDB instead of the embedded one. */
  dynamodbEndpoint?: string | undefined;
  /** Region and credentials for that DynamoDB. */
  aws?: AwsAccess | undefined;
  jwtKey?: string | undefined;
  backendUrls?: BackendUrls;
  /**
   * Broker on which the platform stand-in's managers receive the functions' requests,
   * `amqp[s]://user:password@host:port/vhost`.
   */
  amqpUrl?: string | undefined;
  /** Options of the platform stand-in: dialer, seed, clock, … */
  platform?: Omit<PlatformOptions, 'dynamodb' | 'host'>;
  /**
   * Where SIP may go. With it, calls are real and the seeded providers are a demo carrier here; without it, calls are
   * scripted.
   */
  sipAllow?: AllowList;
  /** True serves the console, the API reference and the OpenAPI document next to the API. */
  site?: boolean;
  /** False switches off the stage's throttling, for tests that send more than it allows. */
  throttling?: boolean;
  /** True logs whole stack traces instead of their first lines. */
  fullTraces?: boolean;
  /**
   * Receives each line written by a function, the access log or the stand-in; without it, they are collected in `logs`.
   */
  onLog?: (line: string) => void;
  /** Receives each request to the API once it is served. */
  onRequest?: (request: ServedRequest) => void;
};

export type LocalSystem = {
  /** Base URL of the API, without a version prefix. */
  url: string;
  port: number;
  /** Base URL of the stand-in's internal, trusted interface, without `/v1`. */
  platformUrl: string;
  /** URLs of the brokers that the functions' requests go through, without their passwords; usually none or one. */
  brokerUrls: readonly string[];
  dynamodbEndpoint: string;
  /** Endpoint of the signing key's secret, for other runners of the functions (SAM). */
  secretsManagerEndpoint: string;
  /**
   * By a function's logical id, its variables that differ from run to run or that CloudFormation would fill in, for SAM. With
   * a broker, the functions' URLs of one backend differ.
   */
  functionVariables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Address that the servers listen on. */
  host: string;
  /** Host and port of the demo carrier, if calls are real. */
  carrier: string | undefined;
  /** A super-admin's token for the seeded customer, valid for a working day. */
  token: string;
  tokenExpiresAt: Date;
  /** Whether tokens are signed with the published development key, which every script knows. */
  hasDevelopmentKey: boolean;
  /** The lines logged so far, unless `onLog` receives them. */
  logs: readonly string[];
  /** Runs the scheduled functions (reconcile) now and waits for them. */
  runSchedules: LocalSchedule['runNow'];
  close(): Promise<void>;
};

/** Seconds for which the token of `LocalSystem` is valid: a working day. */
const TOKEN_SECONDS = 12 * 3_600;

/**
 * Starts the system on one machine: DynamoDB, the platform stand-in, and the functions, tables, secrets, schedules and
 * API of the synthesized template. If a part cannot start, those that have started are stopped.
 *
 * @throws {StartError} with one line for the user who started it
 */
export async function startLocal(options: LocalOptions = {}): Promise<LocalSystem> {
  const parts = new AsyncDisposableStack();
  try {
    return await start(options, parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function start(options: LocalOptions, parts: AsyncDisposableStack): Promise<LocalSystem> {
  const { host = LOOPBACK, aws = LOCAL_AWS, jwtKey = DEVELOPMENT_KEY, backendUrls = {}, amqpUrl } = options;
  const brokerUrls = [amqpUrl, ...Object.values(backendUrls)].filter((url) => isAmqp(url));
  const logs: string[] = [];
  const onLine = options.onLog ?? ((line: string) => logs.push(line));

  const listener = await openListener(host, options.port ?? 0);
  parts.defer(listener.close);

  // The database starts in its own thread while the assembly is read, or synthesized, here.
  const startingDynamodb =
    options.dynamodbEndpoint === undefined
      ? startEmbeddedDynamodb(options.dataDir, aws, host)
      : useDynamodb(options.dynamodbEndpoint, aws);
  parts.defer(async () => (await startingDynamodb.catch(() => undefined))?.close());
  const building = Promise.all([
    options.assemblyDirectory ?? localAssembly(brokerUrls.length === 0 ? 'http' : 'amqp'),
    functionThread(),
  ]);
  // Whichever fails first is reported; the other may fail later.
  building.catch(() => {});

  const dynamodb = await startingDynamodb;
  const client = createDynamodbClient(dynamodb.endpoint, aws);
  parts.defer(() => client.destroy());

  const carrier = options.sipAllow && (await startDemoCarrier());
  if (carrier !== undefined) parts.defer(carrier.close);
  const platform = await startPlatform({
    onError: (error, requestId) => onLine(`platform: ${requestId ?? ''} ${error}`),
    ...(options.sipAllow !== undefined && { dialer: createSipDialer({ allow: options.sipAllow }) }),
    ...(carrier !== undefined && { seed: defaultSeed({ carrier: carrier.host }) }),
    ...options.platform,
    amqpUrl,
    dynamodb: client,
    host,
  }).catch((error: unknown) => {
    throw error instanceof BrokerError ? new StartError(`AMQP_URL: ${error.message}`) : error;
  });
  parts.defer(platform.close);
  const platformUrl = urlOf(host, Number(new URL(platform.url).port));

  const [assemblyDirectory, threadFile] = await building;
  const template = readAssembly(assemblyDirectory);
  const location: StackLocation = {
    region: aws.region,
    accountId: '000000000000',
    stackName: template.stackName,
  };
  const references = createReferences(template, location);
  const definitions = readFunctions(template, references);
  await createTables(client, readTables(template, references));

  const secrets = secretValues(template, references, definitions, jwtKey);
  const secretsManager = await startSecretsManager(secrets, host);
  parts.defer(secretsManager.close);

  const backends = backendAddresses(backendUrls, platformUrl, amqpUrl);
  const functions = new Map<string, FunctionPool>();
  const functionVariables: Record<string, Record<string, string>> = {};
  for (const definition of definitions) {
    const environment = functionEnvironment(
      { ...definition, variables: withBackends(definition.variables, backends) },
      {
        region: aws.region,
        ...aws.credentials,
        dynamodbEndpoint: dynamodb.endpoint,
        secretsManagerEndpoint: secretsManager.endpoint,
      },
    );
    const ofThisRun = new Set([...definition.referenceNames, ...backends.keys(), ...ENDPOINT_VARIABLES]);
    functionVariables[definition.logicalId] = Object.fromEntries(
      Object.entries(environment).filter(([name]) => ofThisRun.has(name)),
    );
    const { fullTraces = false } = options;
    const pool = createFunctionPool({ definition, environment, threadFile, fullTraces, onLine });
    parts.defer(pool.close);
    functions.set(definition.arn, pool);
  }

  const schedule = startSchedule(readSchedules(template, references, location), functions, location);
  parts.defer(schedule.close);

  const api = createRestApiHandler({
    api: readRestApi(template, references),
    location,
    functions,
    onLine,
    onRequest: options.onRequest,
    throttling: options.throttling ?? true,
  });
  listener.serve(options.site ? createSite(api, (error) => onLine(`site: ${error}`)) : api);
  // The last part to start is the first to stop, so that no request arrives while the rest is being stopped.
  parts.defer(listener.close);

  return {
    url: listener.url,
    port: listener.port,
    platformUrl,
    brokerUrls: [...new Set(brokerUrls.map(withoutPassword))],
    dynamodbEndpoint: dynamodb.endpoint,
    secretsManagerEndpoint: secretsManager.endpoint,
    functionVariables,
    host,
    carrier: carrier?.host,
    token: await signToken({ ...SUPER_ADMIN, key: jwtKey, expiresInSeconds: TOKEN_SECONDS }),
    tokenExpiresAt: new Date(Date.now() + TOKEN_SECONDS * 1000),
    hasDevelopmentKey: jwtKey === DEVELOPMENT_KEY,
    logs,
    runSchedules: schedule.runNow,
    close: () => parts.disposeAsync(),
  };
}

/**
 * Returns the values of the template's secrets by ARN.
 *
 * @throws {StartError} naming a secret that has no value on one machine
 */
function secretValues(
  template: StackTemplate,
  references: References,
  definitions: readonly FunctionDefinition[],
  jwtKey: string,
): Map<string, string> {
  const signingKey = JSON.stringify({ current: jwtKey });
  const values = new Map(
    definitions
      .map(({ variables }) => variables['SIGNING_KEY_SECRET_ARN'])
      .filter((arn) => arn !== undefined)
      .map((arn) => [arn, signingKey]),
  );
  for (const [logicalId] of resourcesOfType(template, 'AWS::SecretsManager::Secret')) {
    if (values.has(references.resolveString({ Ref: logicalId }))) continue;
    throw new StartError(`not emulated on one machine: AWS::SecretsManager::Secret ${logicalId}`);
  }
  return values;
}

/** The URLs at which functions find a backend, by the transport of their bundles. */
type BackendAddress = Record<Transport, string | undefined>;

function backendAddresses(
  { route, flow, call }: BackendUrls,
  platformUrl: string,
  amqpUrl: string | undefined,
): Map<string, BackendAddress> {
  const addressOf = (url: string | undefined): BackendAddress =>
    isAmqp(url) ? { http: platformUrl, amqp: url } : { http: url ?? platformUrl, amqp: amqpUrl };
  return new Map([
    ['ROUTE_BACKEND_URL', addressOf(route)],
    ['FLOW_BACKEND_URL', addressOf(flow)],
    ['CALL_BACKEND_URL', addressOf(call)],
  ]);
}

/** Returns the variables with this run's backend URLs in place of the synthesized ones. */
function withBackends(
  variables: Record<string, string>,
  backends: Map<string, BackendAddress>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      // Even with a broker, the platform's public endpoints reach the stand-in over HTTP.
      const url = backends.get(name)?.[isAmqp(value) ? 'amqp' : 'http'];
      return [name, url ?? value];
    }),
  );
}

function isAmqp(url: string | undefined): url is string {
  return url?.startsWith('amqp') ?? false;
}
