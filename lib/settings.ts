import * as z from 'zod/mini';
import { type Backends, backendKeys, backendsOf } from './backend-settings.ts';
import { arn, commaList, flag, httpsUrl, isSandbox, kmsKeyArn, SettingsError } from './setting-values.ts';

/** Tables that exist already, such as the replicas of another region's stack. */
type ExistingTables = {
  providerCalls: { name: string; streamArn: string };
  accessKeys: { name: string };
};

/** The settings of a deployment, checked and complete. */
export type Settings = {
  /** Names the stacks and the metrics. `local` is one machine: no aliases, alarms or events. */
  stage: string;
  /** null: the platform stand-in is deployed and used. */
  backends: Backends | null;
  jwksUrl: string | null;
  domain: {
    name: string;
    certificateArn: string;
    basePath: string | null;
    zone: { id: string; name: string } | null;
  } | null;
  vpc: { id: string; subnetIds: string[] } | null;
  /** Without an ARN, a secret with a random key is created. */
  signingKey: { secretArn: string | null; kmsKeyArn: string | null };
  alarmEmail: string | null;
  /** Further regions for the tables; `region` is the main one, and is known whenever there are replicas. */
  replicas: string[];
  region: string | null;
  /** null: the stack creates its tables. */
  existingTables: ExistingTables | null;
  /** The stack reads and waits: no creates, no reconcile, no events, until it takes over. */
  standby: boolean;
  /** Tables outlive the stack and cannot be deleted. */
  retain: boolean;
  tracing: boolean;
  corsOrigins: string[];
  /** Reserved concurrency of create; null leaves it in the account's common pool. */
  createConcurrency: number | null;
  /** New code takes a tenth of the requests for five minutes, and is rolled back when it fails. */
  canary: boolean;
  /** null: no console. Without a URL, our own API serves the platform's endpoints, which requires the stand-in. */
  console: { platformApiUrl: string | null } | null;
};

/**
 * Parses the settings in a CDK context.
 *
 * @throws {SettingsError} with one line that names the key and what to set
 */
export function parseSettings(context: Record<string, unknown>): Settings {
  const parsed = contextSchema.safeParse(ownKeys(context));
  if (!parsed.success) throw new SettingsError(describe(parsed.error));
  const given = parsed.data;
  const backends = backendsOf(given);
  return {
    stage: given.stage,
    backends,
    jwksUrl: given.jwksUrl === undefined ? null : httpsUrl('jwksUrl', given.jwksUrl, given.stage),
    domain: domainOf(given),
    vpc: vpcOf(given),
    signingKey: {
      secretArn: given.signingKeySecretArn ?? null,
      kmsKeyArn: given.signingKeyKmsKeyArn ?? null,
    },
    alarmEmail: given.alarmEmail ?? null,
    ...regionsOf(given),
    ...existingTablesOf(given),
    retain: given.retain,
    tracing: given.tracing,
    corsOrigins: originsOf(given),
    createConcurrency: createConcurrencyOf(given),
    canary: given.canary,
    console: consoleOf(given, backends),
  };
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const HOST_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;
const SUBNET_ID = /^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
/** The form of an origin, which is inserted into quoted text of API Gateway. */
const ORIGIN = /^https?:\/\/[A-Za-z0-9.:[\]-]+$/;

/** How many creates may run at once, except in sandbox. */
const CREATE_CONCURRENCY = 25;

const WHOLE_NUMBER = 'must be a whole number, 0 for no reservation';

/**
 * Every context key that this application reads. Any other is rejected, so that a misspelt key does not silently leave
 * a default in place.
 */
const contextSchema = z.strictObject({
  stage: z._default(
    z.string().check(z.regex(/^[a-z][a-z0-9]{0,11}$/, 'must be 1 to 12 characters of a-z and 0-9')),
    'sandbox',
  ),
  ...backendKeys,
  jwksUrl: z.optional(z.string()),
  domainName: z.optional(z.string().check(z.regex(HOST_NAME, 'must be a host name'))),
  certificateArn: z.optional(arn('acm', 'arn:aws:acm:eu-central-1:111122223333:certificate/…')),
  hostedZoneId: z.optional(z.string().check(z.regex(/^Z[A-Z0-9]+$/, 'must be a hosted zone id'))),
  hostedZoneName: z.optional(z.string().check(z.regex(HOST_NAME, 'must be a host name'))),
  basePath: z.optional(
    z.string().check(z.regex(/^[A-Za-z0-9_-]+$/, 'must be one path segment without slashes')),
  ),
  vpcId: z.optional(z.string().check(z.regex(/^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'must be a VPC id'))),
  vpcSubnetIds: z.optional(commaList),
  signingKeySecretArn: z.optional(
    arn('secretsmanager', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing-AbCdEf'),
  ),
  signingKeyKmsKeyArn: z.optional(kmsKeyArn()),
  alarmEmail: z.optional(z.email('must be an e-mail address')),
  replicas: z.optional(commaList),
  region: z.optional(z.string().check(z.regex(REGION, 'must be a region'))),
  providerCallTableName: z.optional(tableName()),
  providerCallTableStreamArn: z.optional(
    arn('dynamodb', 'arn:aws:dynamodb:eu-west-1:111122223333:table/NAME/stream/2026-11-24T00:00:00.000'),
  ),
  accessKeyTableName: z.optional(tableName()),
  standby: z._default(flag, false),
  retain: z._default(flag, true),
  tracing: z._default(flag, false),
  corsOrigins: z.optional(commaList),
  createConcurrency: z.optional(
    z.coerce.number(WHOLE_NUMBER).check(z.int(WHOLE_NUMBER), z.minimum(0, WHOLE_NUMBER)),
  ),
  canary: z._default(flag, true),
  console: z.optional(flag),
  platformApiUrl: z.optional(z.string()),
});
type Context = z.infer<typeof contextSchema>;

function tableName() {
  return z.string().check(z.regex(TABLE_NAME, 'must be the name of a table'));
}

/** The keys that are not the CDK's own, which contain a colon, a slash or an at sign. */
function ownKeys(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([key]) => /^[A-Za-z]+$/.test(key)));
}

function describe(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'context: could not be read';
  if (issue.code === 'unrecognized_keys') {
    return `context ${issue.keys.join(', ')}: no such setting; there are ${Object.keys(contextSchema.shape).join(', ')}`;
  }
  // Only cdk.json can contain another type, for which zod/mini reports just "Invalid input".
  const fault =
    issue.code === 'invalid_type' && issue.expected === 'string' ? 'must be a string' : issue.message;
  return `context ${issue.path.join('.')}: ${fault}`;
}

function domainOf(given: Context): Settings['domain'] {
  const { domainName, certificateArn, hostedZoneId, hostedZoneName, basePath } = given;
  if (domainName === undefined) {
    if ((certificateArn ?? hostedZoneId ?? hostedZoneName ?? basePath) !== undefined) {
      throw new SettingsError(
        'context domainName: set it too; certificateArn, hostedZoneId, hostedZoneName and basePath are for a custom domain',
      );
    }
    return null;
  }
  if (certificateArn === undefined) {
    throw new SettingsError('context certificateArn: set the ACM certificate (same region) of domainName');
  }
  if ((hostedZoneId === undefined) !== (hostedZoneName === undefined)) {
    throw new SettingsError(
      'context hostedZoneId, hostedZoneName: set both, or none to create the DNS record yourself',
    );
  }
  if (hostedZoneName !== undefined && !`.${domainName}`.endsWith(`.${hostedZoneName}`)) {
    throw new SettingsError(
      `context hostedZoneName: must be the zone of domainName; ${domainName} is not in it`,
    );
  }
  return {
    name: domainName,
    certificateArn,
    basePath: basePath ?? null,
    zone:
      hostedZoneId !== undefined && hostedZoneName !== undefined
        ? { id: hostedZoneId, name: hostedZoneName }
        : null,
  };
}

function vpcOf(given: Context): Settings['vpc'] {
  if (given.vpcId === undefined && given.vpcSubnetIds === undefined) return null;
  const subnetIds = given.vpcSubnetIds ?? [];
  if (
    given.vpcId === undefined ||
    subnetIds.length === 0 ||
    !subnetIds.every((id) => SUBNET_ID.test(id)) ||
    hasDuplicates(subnetIds)
  ) {
    throw new SettingsError(
      'context vpcId, vpcSubnetIds: set both: the id of the VPC, and the ids of its private subnets, each once, separated by commas (nothing is looked up)',
    );
  }
  return { id: given.vpcId, subnetIds };
}

function regionsOf(given: Context): Pick<Settings, 'replicas' | 'region'> {
  const replicas = given.replicas ?? [];
  if (!replicas.every((entry) => REGION.test(entry)) || hasDuplicates(replicas)) {
    throw new SettingsError(
      'context replicas: must be regions, each once, separated by commas, such as eu-west-1',
    );
  }
  if (replicas.length > 0 && given.region === undefined) {
    throw new SettingsError('context region: set the region that you deploy to; replicas need it');
  }
  if (given.region !== undefined && replicas.includes(given.region)) {
    throw new SettingsError('context replicas: must not contain the main region');
  }
  return { replicas, region: given.region ?? null };
}

function existingTablesOf(given: Context): Pick<Settings, 'existingTables' | 'standby'> {
  const { providerCallTableName, providerCallTableStreamArn, accessKeyTableName, standby } = given;
  if ((providerCallTableName ?? providerCallTableStreamArn ?? accessKeyTableName) === undefined) {
    if (standby) {
      throw new SettingsError(
        'context standby: is for a stack on existing tables; set providerCallTableName, providerCallTableStreamArn and accessKeyTableName',
      );
    }
    return { existingTables: null, standby };
  }
  if (
    providerCallTableName === undefined ||
    providerCallTableStreamArn === undefined ||
    accessKeyTableName === undefined
  ) {
    throw new SettingsError(
      'context providerCallTableName, providerCallTableStreamArn, accessKeyTableName: set all three, or none to create the tables',
    );
  }
  if (!providerCallTableStreamArn.includes(`:table/${providerCallTableName}/stream/`)) {
    throw new SettingsError('context providerCallTableStreamArn: must be a stream of providerCallTableName');
  }
  if (given.replicas !== undefined) {
    throw new SettingsError(
      'context replicas: belongs to the stack that creates the tables, not to one on existing tables',
    );
  }
  return {
    existingTables: {
      providerCalls: { name: providerCallTableName, streamArn: providerCallTableStreamArn },
      accessKeys: { name: accessKeyTableName },
    },
    standby,
  };
}

function originsOf(given: Context): string[] {
  const origins = given.corsOrigins ?? [];
  const wrong = origins.find((origin) => URL.parse(origin)?.origin !== origin || !ORIGIN.test(origin));
  if (wrong !== undefined) {
    throw new SettingsError(
      `context corsOrigins: must be origins such as https://admin.example.com, separated by commas, not ${JSON.stringify(wrong)}`,
    );
  }
  return origins;
}

/** The console also shows the platform's providers and calls. With the stand-in, our own API serves them. */
function consoleOf(given: Context, backends: Backends | null): Settings['console'] {
  const { stage, platformApiUrl } = given;
  const isOn = given.console ?? (stage === 'sandbox' && backends === null);
  if (!isOn) {
    if (platformApiUrl === undefined) return null;
    throw new SettingsError('context platformApiUrl: is for the console; set console=true too');
  }
  if (stage === 'local') {
    throw new SettingsError(
      'context console: is for a deployed stage; npm start serves the console by itself',
    );
  }
  if (backends === null) {
    if (platformApiUrl === undefined) return { platformApiUrl: null };
    throw new SettingsError('context platformApiUrl: has no use with the stand-in, which our own API serves');
  }
  if (platformApiUrl === undefined) {
    throw new SettingsError(
      "context platformApiUrl: set the base URL of the platform's public API, such as https://api.example.com, for the console to read providers and calls",
    );
  }
  return { platformApiUrl: httpsUrl('platformApiUrl', platformApiUrl, stage) };
}

/** A new account may run 10 functions at once and cannot reserve any of them, so sandbox reserves none by default. */
function createConcurrencyOf({ stage, createConcurrency }: Context): number | null {
  if (createConcurrency === undefined) return isSandbox(stage) ? null : CREATE_CONCURRENCY;
  return createConcurrency === 0 ? null : createConcurrency;
}

function hasDuplicates(list: string[]): boolean {
  return new Set(list).size < list.length;
}
