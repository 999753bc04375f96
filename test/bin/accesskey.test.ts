import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { verifyAccessKey } from '../../functions/auth/access-key.ts';
import { startControl } from '../../packages/local/src/control.ts';
import { SEED_IDS } from '../../packages/platform/src/seed.ts';
import { awsVariables, startDynamodb } from '../dynamodb.ts';
import { IDS } from '../functions/provider-calls/sample-record.ts';
import { outcomeOf, startScript } from '../script.ts';

function accesskey(variables: Record<string, string>, ...options: string[]) {
  return outcomeOf(startScript('bin/accesskey.ts', variables, ...options));
}

const dynamodb = await startDynamodb();
const variables = awsVariables(dynamodb);
const table = await dynamodb.createAccessKeyTable();

for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);

describe('in an account, by table and credentials', () => {
  test('accesskey creates a key that the authorizer accepts, lists it and revokes it', async () => {
    const created = await accesskey(
      variables,
      'create',
      ...[
        '--table',
        table,
        '--name',
        'deploy',
        '--customer',
        IDS.customer,
        '--permission',
        '3',
        '--expires-in',
        'never',
      ],
    );
    expect(created).toMatchObject({ status: 0, stdout: expect.stringMatching(/^vb_[A-Za-z0-9_-]{43}\n$/) });
    const key = created.stdout.trim();
    const [id = ''] = created.stderr.split(' ');
    const { customerId, permission } = await verifyAccessKey(key, table, new Date());
    expect({ customerId, permission }).toEqual({ customerId: IDS.customer, permission: 3 });
    expect(created.stderr).not.toContain(key);

    const listed = await accesskey(variables, 'list', '--table', table);
    expect(listed.status).toBe(0);
    expect(listed.stdout.trim().split('\t')).toEqual([
      id,
      'deploy',
      IDS.customer,
      '0x0003',
      expect.stringMatching(/^\d{4}-/),
      'never',
    ]);
    expect(`${listed.stdout}${listed.stderr}`).not.toContain(key.slice(3, 15));

    expect(await accesskey(variables, 'revoke', id, '--table', table)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(id),
    });
    await expect(verifyAccessKey(key, table, new Date())).rejects.toMatchObject({
      reason: 'AUTHENTICATION_REQUIRED',
    });
  });
});

describe('in the local system', () => {
  const port = 65_100 + (process.pid % 400);
  let control: Awaited<ReturnType<typeof startControl>>;
  beforeAll(async () => {
    control = await startControl({
      port,
      host: '127.0.0.1',
      dynamodbEndpoint: dynamodb.endpoint,
      functionVariables: {},
      runSchedules: async () => [],
    });
  });
  afterAll(() => control.close());

  test('accesskey finds the table by itself, and creates a super-admin’s key for 90 days', async () => {
    const { status, stdout, stderr } = await accesskey({ PORT: String(port) }, 'create', '--name', 'mine');
    expect({ status, key: stdout }).toEqual({
      status: 0,
      key: expect.stringMatching(/^vb_[A-Za-z0-9_-]{43}\n$/),
    });
    const key = stdout.trim();
    expect(stderr).toContain(`for customer ${SEED_IDS.customer}`);
    const days = (count: number) => new Date(Date.now() + count * 86_400_000);
    expect(await verifyAccessKey(key, table, days(89))).toMatchObject({
      customerId: SEED_IDS.customer,
      permission: 1,
    });
    await expect(verifyAccessKey(key, table, days(91))).rejects.toMatchObject({
      reason: 'AUTHENTICATION_REQUIRED',
    });
  });
});

describe('a mistake is one clear line and a status that is not zero:', () => {
  test.each([
    ['nothing to do', [], /^must be one of create --name NAME, list, revoke ID; see --help\n$/],
    [
      'another verb',
      ['delete', IDS.record],
      /^must be one of create --name NAME, list, revoke ID; see --help\n$/,
    ],
    ['no name', ['create'], /^--name must be given\n$/],
    [
      'no customer in an account',
      ['create', '--name', 'x', '--table', table],
      /^--customer must be given with --table\n$/,
    ],
    [
      'every option wrong',
      ['create', '--name', '', '--customer', 'me', '--permission=-1', '--expires-in', '0'],
      /^--name must be .*; --customer is not a UUID.*; --permission must be .*; --expires-in must be .*\n$/,
    ],
    ['an unknown option', ['list', '--all'], /^Unknown option '--all'/],
    [
      'no such key',
      ['revoke', IDS.record, '--table', table],
      /^there is no access key .*; list shows those that exist\n$/,
    ],
    [
      'no such table',
      ['list', '--table', 'no-such-table'],
      /^there is no such table in that region and account\n$/,
    ],
  ])('%s', async (_what, options, message) => {
    const { status, stdout, stderr } = await accesskey(variables, ...options);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  test('no system on the port', async () => {
    const { status, stderr } = await accesskey({ PORT: '1' }, 'list');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'nothing runs on port 1: run npm start first, or set PORT to its port\n',
    });
  });
});
