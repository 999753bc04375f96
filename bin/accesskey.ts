import { parseArgs } from 'node:util';
import {
  DescribeTableCommand,
  DynamoDBClient,
  paginateListTables,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type AccessKey, createAccessKeyStore } from '../functions/auth/access-key-store.ts';
import { ACCESS_KEY_TABLE } from '../functions/auth/access-key-table.ts';
import { PROJECT_SUPER_ADMIN, permissionSchema } from '../functions/auth/permission.ts';
import { idSchema } from '../functions/uuid.ts';
import { dynamodbEndpointOf } from '../packages/local/src/control.ts';
import { awsAccessOf, parseEnvironment } from '../packages/local/src/environment.ts';
import { seedCustomer } from '../packages/local/src/token.ts';

/*
 * Access keys: in the local system that serves PORT, or with --table in an account, by the AWS credentials at hand.
 * Standard output has only what another program would want of it; what a person is told besides goes to standard error.
 */

const usage = `npm run -s accesskey -- create --name NAME [--customer UUID] [--permission MASK] [--expires-in SECONDS|never]
npm run -s accesskey -- list
npm run -s accesskey -- revoke ID
Each takes --table NAME for a table in AWS; without it the local system's is used (PORT).`;

/** A mistake of the person at the keyboard, told in a line. */
class UsageError extends Error {}

const DAY_SECONDS = 86_400;
/** The longest a key may be given for: 10 years, which is beyond any use of a key that ends. */
const LONGEST_SECONDS = 3_650 * DAY_SECONDS;

const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/, 'must be a whole number')),
  z.transform(Number),
);

const createSchema = z.object({
  name: z
    .string('must be given')
    .check(z.regex(/^[^\p{Cc}]{1,100}$/u, 'must be 1 to 100 characters without control characters')),
  customer: z._default(idSchema, seedCustomer),
  permission: z._default(z.pipe(wholeNumber, permissionSchema), PROJECT_SUPER_ADMIN),
  /** In seconds; null for never. */
  'expires-in': z._default(
    z.pipe(
      z.string(),
      z.transform((text, { issues }): number | null => {
        if (text === 'never') return null;
        const { data: seconds } = z.safeParse(wholeNumber, text);
        if (seconds !== undefined && seconds >= 1 && seconds <= LONGEST_SECONDS) return seconds;
        const message = `must be a number of seconds from 1 to ${LONGEST_SECONDS}, or never`;
        issues.push({ code: 'custom', message, input: text });
        return z.NEVER;
      }),
    ),
    90 * DAY_SECONDS,
  ),
});

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        table: { type: 'string' },
        name: { type: 'string' },
        customer: { type: 'string' },
        permission: { type: 'string' },
        'expires-in': { type: 'string' },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : usage, { cause });
  }
};

/** The one table that has the key of an access-key table. */
const findTable = async (client: DynamoDBClient): Promise<string> => {
  const found: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      if (Table?.KeySchema?.[0]?.AttributeName === ACCESS_KEY_TABLE.partitionKey) found.push(TableName);
    }
  }
  const [table, ...more] = found;
  if (table === undefined || more.length > 0) {
    throw new UsageError(`there is not one access-key table but ${found.length}: name it with --table`);
  }
  return table;
};

const localClient = async (): Promise<DynamoDBClient> => {
  const environment = parseEnvironment(process.env);
  const access = awsAccessOf(environment) ?? {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  return new DynamoDBClient({ endpoint: await dynamodbEndpointOf(environment.PORT), ...access });
};

/** How a key is told: its id, whose it is, what it may, from when to when. */
const columns = ({ id, name, customerId, permission, createdAt, expiresAt, revokedAt }: AccessKey) => [
  id,
  name,
  customerId,
  `0x${permission.toString(16).padStart(4, '0')}`,
  createdAt,
  expiresAt ?? 'never',
  revokedAt ?? '',
];

const run = async (): Promise<void> => {
  const { values, positionals } = readArguments();
  const { table: givenTable, ...options } = values;
  const [verb, id, ...more] = positionals;
  const wellFormed =
    more.length === 0 &&
    (verb === 'create' || Object.keys(options).length === 0) &&
    (verb === 'revoke' ? id !== undefined : (verb === 'create' || verb === 'list') && id === undefined);
  if (!wellFormed) throw new UsageError(usage);
  if (verb === 'create' && givenTable !== undefined && options.customer === undefined) {
    throw new UsageError('--customer must be given with --table');
  }
  const order = verb === 'create' ? createSchema.parse(options) : undefined;

  const client = givenTable === undefined ? await localClient() : new DynamoDBClient({});
  const table = givenTable ?? (await findTable(client));
  const store = createAccessKeyStore(DynamoDBDocumentClient.from(client), table);
  const now = new Date();
  if (order !== undefined) {
    const seconds = order['expires-in'];
    const { key, accessKey } = await store.create(
      {
        customerId: order.customer,
        name: order.name,
        permission: order.permission,
        expiresAt: seconds === null ? null : new Date(now.getTime() + seconds * 1000),
      },
      now,
    );
    console.log(key);
    console.error(
      `${accessKey.id} for customer ${accessKey.customerId}, ends ${accessKey.expiresAt ?? 'never'}.`,
    );
    console.error('The key is shown this once: keep it now.');
  } else if (verb === 'list') {
    const accessKeys = await store.list();
    console.error(['id', 'name', 'customer', 'permission', 'created', 'ends', 'revoked'].join('\t'));
    for (const accessKey of accessKeys) console.log(columns(accessKey).join('\t'));
  } else {
    const revoked = await store.revoke(id ?? '', now);
    if (revoked === undefined) throw new UsageError(`there is no access key ${id}: list them and choose one`);
    console.log(columns(revoked).join('\t'));
  }
};

const lineOf = (error: unknown): string => {
  if (error instanceof z.core.$ZodError) {
    return error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; ');
  }
  if (error instanceof ResourceNotFoundException) return 'there is no such table in that region and account';
  return error instanceof Error ? error.message || error.name : String(error);
};

try {
  await run();
} catch (error) {
  console.error(lineOf(error));
  process.exitCode = 1;
}
