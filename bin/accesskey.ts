import {
  DescribeTableCommand,
  DynamoDBClient,
  paginateListTables,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamodbEndpointOf } from '@provider-call/local/control';
import { LOCAL_AWS } from '@provider-call/local/dynamodb';
import { awsAccessOf, parseEnvironment } from '@provider-call/local/environment';
import { SEED_IDS } from '@provider-call/platform/seed';
import * as z from 'zod/mini';
import { type AccessKey, createAccessKeyStore } from '../functions/auth/access-key-store.ts';
import { ACCESS_KEY_TABLE } from '../functions/auth/access-key-table.ts';
import { PROJECT_SUPER_ADMIN, permissionSchema } from '../functions/auth/permission.ts';
import { idSchema } from '../functions/uuid.ts';
import { runScript, UsageError } from './run-script.ts';

/*
 * Standard output contains only what another program reads; everything else goes to standard error.
 */

const USAGE = `Makes, lists and revokes access keys: in the local system that serves PORT, or with --table in an account.

npm run -s accesskey -- create --name NAME [--customer UUID] [--permission MASK] [--expires-in SECONDS|never]
npm run -s accesskey -- list
npm run -s accesskey -- revoke ID

  --name         what the key is for
  --customer     whose ProviderCalls; the seeded customer's by default, required with --table
  --permission   bit mask; 1 by default, which may do everything
  --expires-in   90 days by default, 10 years at most
  --table        the access-key table in AWS, by the AWS credentials and region at hand

KEY=$(npm run -s accesskey -- create --name ci)
curl -sS "http://127.0.0.1:3000/v1.0/providercalls?accesskey=$KEY"
npm run -s accesskey -- create --name demo --expires-in 3600
npm run -s accesskey -- list --table provider-call-prod-AccessKeys`;

const DAY_SECONDS = 86_400;
/** 10 years: a key that expires should not need longer. */
const MAX_SECONDS = 3_650 * DAY_SECONDS;

const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/, 'must be a whole number')),
  z.transform(Number),
);

const createSchema = z.object({
  name: z
    .string('must be given')
    .check(z.regex(/^[^\p{Cc}]{1,100}$/u, 'must be 1 to 100 characters without control characters')),
  customer: z._default(idSchema, SEED_IDS.customer),
  permission: z._default(z.pipe(wholeNumber, permissionSchema), PROJECT_SUPER_ADMIN),
  /** In seconds; null for never. */
  'expires-in': z._default(
    z.pipe(
      z.string(),
      z.transform((text, { issues }): number | null => {
        if (text === 'never') return null;
        const { data: seconds } = z.safeParse(wholeNumber, text);
        if (seconds !== undefined && seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
        const message = `must be a number of seconds from 1 to ${MAX_SECONDS}, or never`;
        issues.push({ code: 'custom', message, input: text });
        return z.NEVER;
      }),
    ),
    90 * DAY_SECONDS,
  ),
});

const SEE_HELP = 'see --help';

await runScript(
  USAGE,
  ['table', 'name', 'customer', 'permission', 'expires-in'],
  async ({ options: { table, ...options }, positionals }) => {
    const [verb, ...ids] = positionals;
    if (verb === 'create' && ids.length === 0) return await create(options, table);
    if (Object.keys(options).length > 0)
      throw new UsageError(`only create takes options other than --table; ${SEE_HELP}`);
    if (verb === 'list' && ids.length === 0) return await list(table);
    const [id, ...more] = ids;
    if (verb === 'revoke' && id !== undefined && more.length === 0) return await revoke(id, table);
    throw new UsageError(`must be one of create --name NAME, list, revoke ID; ${SEE_HELP}`);
  },
);

async function create(given: object, table: string | undefined): Promise<void> {
  if (table !== undefined && !('customer' in given))
    throw new UsageError('--customer must be given with --table');
  const options = createSchema.parse(given);
  const seconds = options['expires-in'];
  const now = new Date();
  const { key, accessKey } = await withStore(table, (store) =>
    store.create({
      customerId: options.customer,
      name: options.name,
      permission: options.permission,
      expiresAt: seconds === null ? null : new Date(now.getTime() + seconds * 1000),
      now,
    }),
  );
  console.log(key);
  console.error(
    `${accessKey.id} for customer ${accessKey.customerId}, ends ${accessKey.expiresAt ?? 'never'}.`,
  );
  console.error('The key is shown only this once: store it safely.');
}

async function list(table: string | undefined): Promise<void> {
  const accessKeys = await withStore(table, (store) => store.list());
  console.error(['id', 'name', 'customer', 'permission', 'created', 'ends', 'revoked'].join('\t'));
  for (const accessKey of accessKeys) console.log(columns(accessKey).join('\t'));
}

async function revoke(id: string, table: string | undefined): Promise<void> {
  const revoked = await withStore(table, (store) => store.revoke({ id, now: new Date() }));
  if (revoked === undefined)
    throw new UsageError(`there is no access key ${id}; list shows those that exist`);
  console.log(columns(revoked).join('\t'));
}

/** Uses the given table in AWS, or that of the local system. */
async function withStore<Result>(
  givenTable: string | undefined,
  work: (store: ReturnType<typeof createAccessKeyStore>) => Promise<Result>,
): Promise<Result> {
  const client = givenTable === undefined ? await localClient() : new DynamoDBClient({});
  try {
    const table = givenTable ?? (await findTable(client));
    return await work(createAccessKeyStore(DynamoDBDocumentClient.from(client), table));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new UsageError('there is no such table in that region and account', { cause: error });
  } finally {
    client.destroy();
  }
}

/**
 * Returns the one table that has the key of an access-key table.
 *
 * @throws {UsageError} when there is not exactly one
 */
async function findTable(client: DynamoDBClient): Promise<string> {
  const found: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      if (Table?.KeySchema?.[0]?.AttributeName === ACCESS_KEY_TABLE.partitionKey) found.push(TableName);
    }
  }
  const [table, ...more] = found;
  if (table === undefined || more.length > 0) {
    throw new UsageError(`there are ${found.length} access-key tables: name one with --table`);
  }
  return table;
}

async function localClient(): Promise<DynamoDBClient> {
  const environment = parseEnvironment(process.env);
  const access = awsAccessOf(environment) ?? LOCAL_AWS;
  return new DynamoDBClient({ endpoint: await dynamodbEndpointOf(environment.PORT), ...access });
}

/** A key's id, its owner, its permission, and its period of validity. */
function columns(accessKey: AccessKey): string[] {
  const { id, name, customerId, permission, createdAt, expiresAt, revokedAt } = accessKey;
  return [
    id,
    name,
    customerId,
    `0x${permission.toString(16).padStart(4, '0')}`,
    createdAt,
    expiresAt ?? 'never',
    revokedAt ?? '',
  ];
}
