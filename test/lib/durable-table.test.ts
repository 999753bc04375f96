import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import { describe, expect, test } from 'vitest';
import { ACCESS_KEY_TABLE } from '../../functions/auth/access-key-table.ts';
import { PROVIDER_CALL_TABLE } from '../../functions/provider-calls/provider-call-item.ts';
import { PRODUCTION, type SynthesizedStack, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);

function keys(partitionKey: string, sortKey?: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }]),
  ];
}

function indexes(declared: Record<string, { name: string; partitionKey: string; sortKey: string }>) {
  return Object.values(declared).map(({ name, partitionKey, sortKey }) => ({
    IndexName: name,
    KeySchema: keys(partitionKey, sortKey),
    Projection: { ProjectionType: 'ALL' },
  }));
}

function attributes(...names: string[]) {
  return expect.arrayContaining(names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })));
}

/**
 * What every table has: on-demand billing, encryption with a key whose use is logged, and point-in-time
 * recovery.
 */
const everyTable = {
  BillingMode: 'PAY_PER_REQUEST',
  SSESpecification: { SSEEnabled: true },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  Tags: expect.anything(),
};

function tableOf(stack: SynthesizedStack | undefined, id: string) {
  return stack?.ofType('AWS::DynamoDB::Table')[id];
}

describe('the table of ProviderCalls', () => {
  test('the table of ProviderCalls has the keys, indexes and stream that the functions rely on', () => {
    expect(tableOf(prod, 'ProviderCallsTable')).toEqual({
      properties: {
        ...everyTable,
        DeletionProtectionEnabled: true,
        AttributeDefinitions: attributes('id', 'list_customer', 'list_provider', 'list_order', 'open', 'due'),
        KeySchema: keys(PROVIDER_CALL_TABLE.partitionKey),
        GlobalSecondaryIndexes: indexes(PROVIDER_CALL_TABLE.indexes),
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
      deletionPolicy: 'Retain',
      updateReplacePolicy: 'Retain',
    });
  });

  test('the table of ProviderCalls is deleted with the stack when nothing is retained', () => {
    const table = tableOf(synthesizeProviderCall({ ...PRODUCTION, retain: false }), 'ProviderCallsTable');
    expect(table).toMatchObject({
      properties: { DeletionProtectionEnabled: false },
      deletionPolicy: 'Delete',
      updateReplacePolicy: 'Delete',
    });
  });
});

test('the table of access keys has the key that the authorizer reads, and outlives the stack', () => {
  expect(tableOf(prod, 'AccessKeysTable')).toEqual({
    properties: {
      ...everyTable,
      DeletionProtectionEnabled: true,
      AttributeDefinitions: attributes('key_hash'),
      KeySchema: keys(ACCESS_KEY_TABLE.partitionKey),
    },
    deletionPolicy: 'Retain',
    updateReplacePolicy: 'Retain',
  });
});

test('the table of the platform stand-in has its keys and expiry, and is deleted with its stack', () => {
  expect(tableOf(synthesize({})['provider-call-sandbox-platform'], 'DocumentsTable')).toEqual({
    properties: {
      ...everyTable,
      DeletionProtectionEnabled: false,
      AttributeDefinitions: attributes('key', 'list_kind', 'list_customer', 'list_order', 'open'),
      KeySchema: keys(PLATFORM_TABLE.partitionKey),
      GlobalSecondaryIndexes: indexes(PLATFORM_TABLE.indexes),
      TimeToLiveSpecification: { AttributeName: PLATFORM_TABLE.timeToLive, Enabled: true },
    },
    deletionPolicy: 'Delete',
    updateReplacePolicy: 'Delete',
  });
});

test('both tables are global when there are replicas, in the main region and the others', () => {
  const stack = synthesizeProviderCall({
    ...PRODUCTION,
    region: 'eu-central-1',
    replicas: 'eu-west-1,us-east-1',
  });
  const replica = (Region: string) =>
    expect.objectContaining({
      Region,
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  const global = (partitionKey: string) => ({
    properties: expect.objectContaining({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(partitionKey),
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: expect.arrayContaining(['eu-central-1', 'eu-west-1', 'us-east-1'].map(replica)),
    }),
    deletionPolicy: 'Retain',
    updateReplacePolicy: 'Retain',
  });
  expect(stack.ofType('AWS::DynamoDB::Table')).toEqual({});
  // Under the same ids, so that CloudFormation refuses to replace a table that has records.
  expect(stack.ofType('AWS::DynamoDB::GlobalTable')).toEqual({
    ProviderCallsTable: global(PROVIDER_CALL_TABLE.partitionKey),
    AccessKeysTable: global(ACCESS_KEY_TABLE.partitionKey),
  });
  expect(stack.ofType('AWS::DynamoDB::GlobalTable')['ProviderCallsTable']?.properties).toMatchObject({
    GlobalSecondaryIndexes: indexes(PROVIDER_CALL_TABLE.indexes),
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
});
