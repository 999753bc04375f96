import * as z from 'zod/mini';

/** A wrong or half configuration. The message is one line that says what to set. */
export class SettingsError extends Error {}

const arn = (service: string, example: string) =>
  z
    .string()
    .check(z.regex(new RegExp(`^arn:[a-z-]+:${service}:[^\\s]+$`), `must be an ARN such as ${example}`));

const flag = z.pipe(
  z.union([z.boolean(), z.enum(['true', 'false'])], 'must be true or false'),
  z.transform((value) => value === true || value === 'true'),
);

const commaList = z.pipe(
  z.string(),
  z.transform((list) => list.split(',').map((entry) => entry.trim())),
);

const wholeNumber = 'must be a whole number from 1 on';

const region = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Every context key that this application reads. Any other is refused, so that a misspelt one is no silent default. */
const contextSchema = z.strictObject({
  stage: z._default(
    z.string().check(z.regex(/^[a-z][a-z0-9]{0,11}$/, 'must be 1 to 12 characters of a-z and 0-9')),
    'sandbox',
  ),
  routeBackendUrl: z.optional(z.string()),
  flowBackendUrl: z.optional(z.string()),
  callBackendUrl: z.optional(z.string()),
  backendAuth: z.optional(z.enum(['none', 'bearer', 'sigv4'], 'must be none, bearer or sigv4')),
  backendSecretArn: z.optional(
    arn('secretsmanager', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:backend-AbCdEf'),
  ),
  backendFunctionArns: z.optional(commaList),
  jwksUrl: z.optional(z.string()),
  domainName: z.optional(z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a host name'))),
  certificateArn: z.optional(arn('acm', 'arn:aws:acm:eu-central-1:111122223333:certificate/…')),
  hostedZoneId: z.optional(z.string().check(z.regex(/^Z[A-Z0-9]+$/, 'must be a hosted zone id'))),
  hostedZoneName: z.optional(z.string()),
  basePath: z.optional(
    z.string().check(z.regex(/^[A-Za-z0-9_-]+$/, 'must be one path segment without slashes')),
  ),
  vpcId: z.optional(z.string().check(z.regex(/^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'must be a VPC id'))),
  vpcSubnetIds: z.optional(commaList),
  signingKeySecretArn: z.optional(
    arn('secretsmanager', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing-AbCdEf'),
  ),
  alarmEmail: z.optional(z.email('must be an e-mail address')),
  replicas: z.optional(commaList),
  region: z.optional(z.string().check(z.regex(region, 'must be a region'))),
  retain: z._default(flag, true),
  tracing: z._default(flag, false),
  corsOrigins: z.optional(commaList),
  createConcurrency: z.optional(
    z.coerce.number(wholeNumber).check(z.int(wholeNumber), z.minimum(1, wholeNumber)),
  ),
});
type Context = z.infer<typeof contextSchema>;

export type BackendAuth =
  | { type: 'none' }
  | { type: 'bearer'; secretArn: string }
  | { type: 'sigv4'; functionArns: string[] };

export type Backends = { routeUrl: string; flowUrl: string; callUrl: string; auth: BackendAuth };

export type Settings = {
  /** Names the stacks and the metrics. `local` is the one machine: no aliases, alarms or events. */
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
  /** null: a secret with a random key is made. */
  signingKeySecretArn: string | null;
  alarmEmail: string | null;
  /** Further regions of the tables; `region` is the main one, known whenever there are replicas. */
  replicas: string[];
  region: string | null;
  /** Tables outlive the stack and cannot be deleted. */
  retain: boolean;
  tracing: boolean;
  corsOrigins: string[];
  /** Reserved concurrency of create; null leaves it in the account's common pool. */
  createConcurrency: number | null;
};

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

const CREATE_CONCURRENCY = 25;

/**
 * Settings of a CDK context.
 *
 * @throws SettingsError with one line that names the key and what to set.
 */
export const parseSettings = (context: Record<string, unknown>): Settings => {
  const parsed = contextSchema.safeParse(ownKeys(context));
  if (!parsed.success) {
    throw new SettingsError(describe(parsed.error));
  }
  const given = parsed.data;
  return {
    stage: given.stage,
    backends: backendsOf(given),
    jwksUrl: given.jwksUrl === undefined ? null : httpsUrl('jwksUrl', given.jwksUrl, given.stage),
    domain: domainOf(given),
    vpc: vpcOf(given),
    signingKeySecretArn: given.signingKeySecretArn ?? null,
    alarmEmail: given.alarmEmail ?? null,
    ...regionsOf(given),
    retain: given.retain,
    tracing: given.tracing,
    corsOrigins: originsOf(given),
    // A new account may run 10 functions at once and cannot reserve any of them, so the sandbox reserves none.
    createConcurrency: given.createConcurrency ?? (isSandbox(given.stage) ? null : CREATE_CONCURRENCY),
  };
};

/** The keys that are not the CDK's own: those contain a colon, a slash or an at sign. */
const ownKeys = (context: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(context).filter(([key]) => /^[A-Za-z]+$/.test(key)));

const describe = (error: z.core.$ZodError): string => {
  const [issue] = error.issues;
  if (issue === undefined) {
    return 'context: not understood';
  }
  if (issue.code === 'unrecognized_keys') {
    return `context ${issue.keys.join(', ')}: no such setting; there are ${Object.keys(contextSchema.shape).join(', ')}`;
  }
  // Only cdk.json can hold another type, and zod/mini says no more of it than "Invalid input".
  const fault =
    issue.code === 'invalid_type' && issue.expected === 'string' ? 'must be a string' : issue.message;
  return `context ${issue.path.join('.')}: ${fault}`;
};

const isSandbox = (stage: string): boolean => stage === 'sandbox' || stage === 'local';

const backendsOf = (given: Context): Backends | null => {
  const { routeBackendUrl, flowBackendUrl, callBackendUrl } = given;
  if (routeBackendUrl === undefined && flowBackendUrl === undefined && callBackendUrl === undefined) {
    if (
      given.backendAuth !== undefined ||
      given.backendSecretArn !== undefined ||
      given.backendFunctionArns
    ) {
      throw new SettingsError(
        'context backendAuth: set routeBackendUrl, flowBackendUrl and callBackendUrl too; without them the stand-in is deployed and signs by itself',
      );
    }
    return null;
  }
  if (routeBackendUrl === undefined || flowBackendUrl === undefined || callBackendUrl === undefined) {
    const missing = Object.entries({ routeBackendUrl, flowBackendUrl, callBackendUrl })
      .filter(([, url]) => url === undefined)
      .map(([key]) => key);
    throw new SettingsError(`context ${missing.join(', ')}: set all three backend URLs, or none`);
  }
  return {
    routeUrl: httpsUrl('routeBackendUrl', routeBackendUrl, given.stage),
    flowUrl: httpsUrl('flowBackendUrl', flowBackendUrl, given.stage),
    callUrl: httpsUrl('callBackendUrl', callBackendUrl, given.stage),
    auth: backendAuthOf(given),
  };
};

const backendAuthOf = (given: Context): BackendAuth => {
  const type = given.backendAuth ?? (given.stage === 'local' ? 'none' : 'bearer');
  if (given.backendSecretArn !== undefined && type !== 'bearer') {
    throw new SettingsError(
      `context backendSecretArn: has no use with backendAuth=${type}; set backendAuth=bearer`,
    );
  }
  if (given.backendFunctionArns !== undefined && type !== 'sigv4') {
    throw new SettingsError(
      `context backendFunctionArns: has no use with backendAuth=${type}; set backendAuth=sigv4`,
    );
  }
  if (type === 'bearer') {
    if (given.backendSecretArn === undefined) {
      throw new SettingsError(
        'context backendSecretArn: set the ARN of the secret that holds the bearer token, or backendAuth=none',
      );
    }
    return { type, secretArn: given.backendSecretArn };
  }
  if (type === 'sigv4') {
    const functionArns = given.backendFunctionArns ?? [];
    if (functionArns.length === 0 || !functionArns.every((entry) => /^arn:[a-z-]+:lambda:\S+$/.test(entry))) {
      throw new SettingsError(
        'context backendFunctionArns: set the ARNs of the functions whose URLs the backend URLs are, separated by commas',
      );
    }
    return { type, functionArns };
  }
  return { type };
};

/** The URL without a slash at its end. Plain HTTP is for a backend on the same machine only. */
const httpsUrl = (key: string, value: string, stage: string): string => {
  const url = URL.parse(value);
  const loopback = url?.protocol === 'http:' && stage === 'local' && LOOPBACK_HOSTS.includes(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !loopback)) {
    throw new SettingsError(
      `context ${key}: must be an https URL (http only on the loopback of stage local), not ${JSON.stringify(value)}`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SettingsError(`context ${key}: must carry no credentials, query or fragment`);
  }
  return url.href.replace(/\/+$/, '');
};

const domainOf = (given: Context): Settings['domain'] => {
  const { domainName, certificateArn, hostedZoneId, hostedZoneName, basePath } = given;
  if (domainName === undefined) {
    if ((certificateArn ?? hostedZoneId ?? hostedZoneName ?? basePath) !== undefined) {
      throw new SettingsError(
        'context domainName: set it too, certificateArn, hostedZoneId, hostedZoneName and basePath are for a custom domain',
      );
    }
    return null;
  }
  if (certificateArn === undefined) {
    throw new SettingsError('context certificateArn: set the ACM certificate (same region) of domainName');
  }
  if ((hostedZoneId === undefined) !== (hostedZoneName === undefined)) {
    throw new SettingsError(
      'context hostedZoneId, hostedZoneName: set both, or none to make the DNS record yourself',
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
};

const vpcOf = (given: Context): Settings['vpc'] => {
  if (given.vpcId === undefined && given.vpcSubnetIds === undefined) {
    return null;
  }
  const subnetIds = given.vpcSubnetIds ?? [];
  if (
    given.vpcId === undefined ||
    subnetIds.length === 0 ||
    !subnetIds.every((id) => /^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id))
  ) {
    throw new SettingsError(
      'context vpcId, vpcSubnetIds: set both, the id of the VPC and those of its private subnets, separated by commas (nothing is looked up)',
    );
  }
  return { id: given.vpcId, subnetIds };
};

const regionsOf = (given: Context): Pick<Settings, 'replicas' | 'region'> => {
  const replicas = given.replicas ?? [];
  if (!replicas.every((entry) => region.test(entry))) {
    throw new SettingsError('context replicas: must be regions separated by commas, such as eu-west-1');
  }
  if (replicas.length > 0 && given.region === undefined) {
    throw new SettingsError('context region: set the region that you deploy to, replicas need to know it');
  }
  if (given.region !== undefined && replicas.includes(given.region)) {
    throw new SettingsError('context replicas: name further regions only, region is the main one');
  }
  return { replicas, region: given.region ?? null };
};

const originsOf = (given: Context): string[] => {
  const origins = given.corsOrigins ?? [];
  const wrong = origins.find((origin) => URL.parse(origin)?.origin !== origin);
  if (wrong !== undefined) {
    throw new SettingsError(
      `context corsOrigins: must be origins such as https://admin.example.com, separated by commas, not ${JSON.stringify(wrong)}`,
    );
  }
  return origins;
};
