import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createProviderCallStore } from '../functions/provider-calls/provider-call-store.ts';
import { awsVariables, startDynamodb } from './dynamodb.ts';
import { CREATED_AT, IDS, sampleIntent } from './functions/provider-calls/sample-record.ts';
import { outcomeOf } from './script.ts';

/*
 * The commands of docs/operations.md, "Records that stay unconfirmed", as an operator pastes them into a shell, against the embedded
 * DynamoDB. The AWS CLI is test/aws-cli.ts.
 */

const operations = readFileSync(join(import.meta.dirname, '../docs/operations.md'), 'utf8');
const [section = ''] = operations.split('### Records that stay unconfirmed\n').at(-1)?.split(/^### /m) ?? [];
const [look, complete, remove, ...more] = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, block]) => String(block),
);
if (look === undefined || complete === undefined || remove === undefined || more.length > 0) {
  throw new Error('the section should have three blocks');
}

// Each command is a process that loads the SDK.
vi.setConfig({ testTimeout: 60_000 });

const programs = mkdtempSync(join(tmpdir(), 'provider-call-runbook-'));
afterAll(() => rmSync(programs, { recursive: true, force: true }));
const aws = join(programs, 'aws');
writeFileSync(
  aws,
  `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, 'aws-cli.ts')}' "$@"\n`,
);
chmodSync(aws, 0o755);

const dynamodb = await startDynamodb();
let table: string;
let store: ReturnType<typeof createProviderCallStore>;
beforeEach(async () => {
  table = await dynamodb.createProviderCallTable();
  store = createProviderCallStore(dynamodb.documents, table);
});

/** Pastes blocks into one shell, with the ids that an operator would insert. */
function paste(...blocks: (string | undefined)[]) {
  return outcomeOf(
    spawn(
      'bash',
      [
        '-euo',
        'pipefail',
        '-c',
        blocks
          .join('\n')
          .replace(/^ID=.*$/m, `ID=${IDS.record}`)
          .replace('CALL_ID', IDS.call),
      ],
      {
        env: {
          ...awsVariables(dynamodb),
          PATH: `${programs}${delimiter}${process.env['PATH']}`,
          TABLE: table,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ),
  );
}

async function rawItem() {
  return (await dynamodb.documents.send(new GetCommand({ TableName: table, Key: { id: IDS.record } }))).Item;
}
const due = CREATED_AT;
const PLACED = { callIds: [IDS.call], groupcallIds: [] };
const WITH_FLOW = { temporaryFlow: { actions: [{ type: 'answer' }], flowId: IDS.flow } };

async function storeIntent(changes: Parameters<typeof sampleIntent>[0] = {}) {
  const intent = sampleIntent(changes);
  await store.insertIntent({ intent, due });
  return intent;
}
async function storeUnconfirmed() {
  const intent = await storeIntent(WITH_FLOW);
  await store.markUnconfirmed({ unsettled: intent, due });
  return intent;
}

describe('the runbook', () => {
  test('completes an unconfirmed record to what reconcile would have made of it', async () => {
    const intent = await storeUnconfirmed();
    expect(await paste(look, complete)).toMatchObject({ status: 0, stderr: '' });
    const byHand = await rawItem();
    expect(byHand).toMatchObject({ state: 'placed', call_ids: [IDS.call], groupcall_ids: [] });
    expect(await store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 })).toEqual([]);

    table = await dynamodb.createProviderCallTable();
    store = createProviderCallStore(dynamodb.documents, table);
    await storeUnconfirmed();
    await store.complete({ unsettled: intent, placed: PLACED, updatedAt: String(byHand?.['tm_update']) });
    expect(await rawItem()).toEqual(byHand);
  });

  test.each([
    ['an unconfirmed record that placed nothing', storeUnconfirmed],
    ['an intent whose flow cannot be deleted', () => storeIntent({ ...WITH_FLOW, neverDialled: true })],
    [
      'an intent whose flow was never found',
      () => storeIntent({ temporaryFlow: { actions: [{ type: 'answer' }], flowId: null } }),
    ],
  ])('removes %s', async (_what, leave) => {
    await leave();
    expect(await paste(look, remove)).toMatchObject({ status: 0, stderr: '' });
    expect(await rawItem()).toBeUndefined();
    expect(await store.listDue({ now: '9999-01-01 00:00:00.000000', limit: 1 })).toEqual([]);
  });

  test.each([
    ['completes', complete],
    ['removes', remove],
  ])('%s nothing that reconcile has settled meanwhile', async (_what, block) => {
    const intent = await storeUnconfirmed();
    await store.complete({ unsettled: intent, placed: PLACED, updatedAt: CREATED_AT });
    const settled = await rawItem();
    expect(await paste(look, block)).toMatchObject({
      stderr: expect.stringContaining('ConditionalCheckFailedException'),
    });
    expect(await rawItem()).toEqual(settled);
  });

  test.each([
    ['completes', complete],
    ['removes', remove],
  ])('%s nothing of a later attempt under the same id', async (_what, block) => {
    await storeIntent({ attempt: IDS.laterAttempt });
    await store.markUnconfirmed({ unsettled: sampleIntent({ attempt: IDS.laterAttempt }), due });
    const later = await rawItem();
    const remembered = `ID=\nATTEMPT=${IDS.attempt}`;
    expect(await paste(remembered, block)).toMatchObject({
      stderr: expect.stringContaining('ConditionalCheckFailedException'),
    });
    expect(await rawItem()).toEqual(later);
  });
});
