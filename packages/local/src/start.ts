import { type PlatformOptions, startPlatform } from '@provider-call/platform';
import type { AllowList } from '@provider-call/sip/allow-list';
import { developmentKey } from '../../../functions/auth/development-key.ts';
import { localAssembly } from './assembly-cache.ts';
import { createTables } from './create-tables.ts';
import { type AwsAccess, createDynamodbClient, startEmbeddedDynamodb, useDynamodb } from './dynamodb.ts';
import { openListener } from './gateway/listener.ts';
import { createRestApiHandler } from './gateway/rest-api-handler.ts';
import { functionEnvironment } from './lambda/function-environment.ts';
import { createFunctionPool, type FunctionPool } from './lambda/function-pool.ts';
import { type LocalSchedule, startSchedule } from './schedule.ts';
import { startSecretsManager } from './secrets-manager.ts';
import { startSip } from './sip.ts';
import { StartError } from './start-error.ts';
import { readAssembly, type StackTemplate } from './template/assembly.ts';
import { type FunctionDefinition, readFunctions } from './template/functions.ts';
import type { Place } from './template/place.ts';
import { createReferences, type References } from './template/references.ts';
import { resourcesOfType } from './template/resources-of-type.ts';
import { readRestApi } from './template/rest-api.ts';
import { readSchedules } from './template/schedules.ts';
import { readTables } from './template/tables.ts';
import { signToken, superAdmin } from './token.ts';

/** Base URLs of the backends; the stand-in takes the place of each that is absent. */
export type BackendUrls = {
  route?: string | undefined;
  flow?: string | undefined;
  call?: string | undefined;
};

export type LocalOptions = {
  /** Port of the API; 0, the default, takes any free one. */
  port?: number;
  /** A synthesized assembly to serve; the project's own without it. */
  assemblyDirectory?: string | undefined;
  /** Folder that keeps the tables; in memory without it. */
  dataDir?: string | undefined;
  /** Another DynamoDB in the place of the embedded one. */
  dynamodbEndpoint?: string | undefined;
  /** Region and credentials for that DynamoDB. */
  aws?: AwsAccess | undefined;
  jwtKey?: string | undefined;
  backendUrls?: BackendUrls;
  /** Options of the stand-in: dialer, seed, clock, … */
  platform?: Omit<PlatformOptions, 'dynamodb'>;
  /** Where SIP may go. With it calls are real, and the seeded providers a demo carrier here; without it all is a script. */
  sipAllow?: AllowList;
  /** False lifts the stage's throttling, for tests that send more than it lets through. */
  throttling?: boolean;
  /** Receives each line that a function, the access log or the stand-in writes; without it they gather in `logs`. */
  onLog?: (line: string) => void;
};

export type LocalSystem = {
  /** Of the API, without a version prefix. */
  url: string;
  port: number;
  /** Of the stand-in's internal trust path, without `/v1`. */
  platformUrl: string;
  dynamodbEndpoint: string;
  /** Of the signing key's secret, for whatever else runs the functions (sam). */
  secretsManagerEndpoint: string;
  /** Host and port of the demo carrier, where calls are real. */
  carrier: string | undefined;
  /** A super-admin's, for the seeded customer, good for an hour. */
  token: string;
  /** What was logged so far, unless `onLog` took it. */
  logs: readonly string[];
  /** Runs the scheduled functions (reconcile) now and waits for them. */
  runSchedules: LocalSchedule['runNow'];
  close(): Promise<void>;
};

const host = '127.0.0.1';

const localAws: AwsAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * Starts the system on one machine: DynamoDB, the stand-in for the platform, and what the synthesized template says of
 * functions, tables, secrets, schedules and API. When a part cannot start, the ones before it are ended.
 *
 * @throws {StartError} with one line for the person who started it
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
  const { aws = localAws, jwtKey = developmentKey, backendUrls = {} } = options;
  const logs: string[] = [];
  const onLine = options.onLog ?? ((line: string) => logs.push(line));

  const listener = await openListener(host, options.port ?? 0);
  parts.defer(listener.close);

  const dynamodb =
    options.dynamodbEndpoint === undefined
      ? await startEmbeddedDynamodb(options.dataDir, aws)
      : await useDynamodb(options.dynamodbEndpoint, aws);
  parts.defer(dynamodb.close);
  const client = createDynamodbClient(dynamodb.endpoint, aws);
  parts.defer(() => client.destroy());

  const sip = options.sipAllow && (await startSip(options.sipAllow));
  if (sip !== undefined) parts.defer(sip.close);
  const platform = await startPlatform({
    onError: (error, requestId) => onLine(`platform: ${requestId ?? ''} ${error}`),
    ...sip?.platform,
    ...options.platform,
    dynamodb: client,
  });
  parts.defer(platform.close);

  const template = readAssembly(options.assemblyDirectory ?? (await localAssembly()));
  const place: Place = { region: aws.region, accountId: '000000000000', stackName: template.stackName };
  const references = createReferences(template, place);
  const definitions = readFunctions(template, references);
  await createTables(client, readTables(template, references));

  const secrets = secretValues(template, references, definitions, jwtKey);
  const secretsManager = await startSecretsManager(secrets);
  parts.defer(secretsManager.close);

  const backends: Record<string, string> = {
    ROUTE_BACKEND_URL: backendUrls.route ?? platform.url,
    FLOW_BACKEND_URL: backendUrls.flow ?? platform.url,
    CALL_BACKEND_URL: backendUrls.call ?? platform.url,
  };
  const functions = new Map<string, FunctionPool>();
  for (const definition of definitions) {
    const environment = functionEnvironment(
      { ...definition, variables: replaceValues(definition.variables, backends) },
      {
        region: aws.region,
        ...aws.credentials,
        dynamodbEndpoint: dynamodb.endpoint,
        secretsManagerEndpoint: secretsManager.endpoint,
      },
    );
    const pool = createFunctionPool({ definition, environment, onLine });
    parts.defer(pool.close);
    functions.set(definition.arn, pool);
  }

  const schedule = startSchedule(readSchedules(template, references, place), functions, place);
  parts.defer(schedule.close);

  listener.serve(
    createRestApiHandler({
      api: readRestApi(template, references),
      place,
      functions,
      onLine,
      throttling: options.throttling ?? true,
    }),
  );
  // The last to start is the first to end: nothing comes in any more while the rest is ended.
  parts.defer(listener.close);

  return {
    url: listener.url,
    port: listener.port,
    platformUrl: platform.url,
    dynamodbEndpoint: dynamodb.endpoint,
    secretsManagerEndpoint: secretsManager.endpoint,
    carrier: sip?.carrier,
    token: await signToken({ ...superAdmin, key: jwtKey }),
    logs,
    runSchedules: schedule.runNow,
    close: () => parts.disposeAsync(),
  };
}

/**
 * Values of the template's secrets by ARN.
 *
 * @throws {StartError} naming a secret of which nobody says what it holds on one machine
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

/** The variables with the values of this run in the place of those that were synthesized. */
function replaceValues(
  variables: Record<string, string>,
  values: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, values[name] ?? value]));
}
