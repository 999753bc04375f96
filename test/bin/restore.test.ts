import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { awsVariables, startDynamodb } from '../dynamodb.ts';
import { IDS, sampleIntent } from '../functions/provider-calls/sample-record.ts';
import { outcomeOf, startScript } from '../script.ts';

const dynamodb = await startDynamodb();

function restore(...options: string[]) {
  return restoreWith(awsVariables(dynamodb), ...options);
}

function restoreWith(variables: Record<string, string>, ...options: string[]) {
  return outcomeOf(startScript('bin/restore.ts', variables, ...options));
}

const PLACED = { callIds: [IDS.call], groupcallIds: [] };

test('restore copies missing records, also into the lists, and does not touch what has changed since', async () => {
  const [from, to] = await Promise.all([
    dynamodb.createProviderCallTable(),
    dynamodb.createProviderCallTable(),
  ]);
  const copy = createProviderCallStore(dynamodb.documents, from);
  const table = createProviderCallStore(dynamodb.documents, to);
  const lost = sampleIntent({ id: IDS.flow });
  const kept = sampleIntent({ id: IDS.record });
  await copy.complete({ unsettled: lost, placed: PLACED, updatedAt: lost.createdAt });
  await copy.complete({ unsettled: kept, placed: PLACED, updatedAt: kept.createdAt });
  await table.complete({ unsettled: kept, placed: PLACED, updatedAt: kept.createdAt });
  const deletedBy = { type: 'agent', id: IDS.agent } as const;
  const deleted = await table.softDelete({
    id: kept.id,
    customerId: IDS.customer,
    deletedBy,
    deletedAt: '2026-04-22 00:00:00.000000',
  });

  expect(await restore('--from', from, '--to', to)).toEqual({
    status: 0,
    stdout: '1 restored, 1 existed\n',
    stderr: '',
  });
  expect(await table.get(lost.id)).toEqual(await copy.get(lost.id));
  // This tells the pipe what it has published before.
  const { Item } = await dynamodb.documents.send(new GetCommand({ TableName: to, Key: { id: lost.id } }));
  expect(Item).toMatchObject({ tm_restore: expect.stringMatching(/^20\d\d-/) });
  expect(await table.get(kept.id)).toEqual(deleted);
  const query = { customerId: IDS.customer, providerId: undefined, after: undefined, limit: 10 };
  expect((await table.list(query)).records.map(({ id }) => id)).toEqual([lost.id]);

  expect(await restore('--from', from, '--to', to)).toMatchObject({ stdout: '0 restored, 2 existed\n' });
});

test('restore rejects a table that is not a copy of the other', async () => {
  const [from, to] = await Promise.all([dynamodb.createAccessKeyTable(), dynamodb.createProviderCallTable()]);
  expect(await restore('--from', from, '--to', to)).toEqual({
    status: 1,
    stdout: '',
    stderr: `${from} is not a copy of ${to}: their keys differ\n`,
  });
});

test('restore prints its usage in one line', async () => {
  expect(await restore('--from', 'only')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'npm run restore -- --from RESTORED_TABLE --to TABLE\n',
  });
});

test('restore says which table does not exist, and that it takes two', async () => {
  const to = await dynamodb.createProviderCallTable();
  expect(await restore('--from', 'restored', '--to', to)).toEqual({
    status: 1,
    stdout: '',
    stderr: 'there is no table restored in us-east-1: check its name, the region and the account\n',
  });
  expect(await restore('--from', to, '--to', to)).toEqual({
    status: 1,
    stdout: '',
    stderr: `--from and --to are both ${to}: name the restored copy and the table in use\n`,
  });
});

test.each([
  ['a region', { AWS_EC2_METADATA_DISABLED: 'true' }],
  ['credentials', { AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-east-1' }],
])('restore without %s says what to set', async (_what, variables) => {
  expect(await restoreWith({ ...variables, HOME: '/nonexistent' }, '--from', 'a', '--to', 'b')).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^[^\n]+: set AWS_REGION and AWS_PROFILE, or the variables of your credentials\n$/,
    ),
  });
});
