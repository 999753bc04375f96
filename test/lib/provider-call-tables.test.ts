import { Match } from 'aws-cdk-lib/assertions';
import { test } from 'vitest';
import { accessKeyTable } from '../../functions/auth/access-key-table.ts';
import { providerCallTable } from '../../functions/provider-calls/table.ts';
import { productionContext, templateOf } from './synthesized.ts';

const template = templateOf(productionContext, 'provider-call-prod');
const type = template.findResources('AWS::DynamoDB::GlobalTable');
const tableType = Object.keys(type).length > 0 ? 'AWS::DynamoDB::GlobalTable' : 'AWS::DynamoDB::Table';

const keySchema = (...keys: string[]) =>
  keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' }));

test('the ProviderCall table has the keys and indexes that the store reads, and its stream shows both images', () => {
  template.hasResourceProperties(tableType, {
    KeySchema: keySchema(providerCallTable.partitionKey),
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: Match.objectLike({ StreamViewType: 'NEW_AND_OLD_IMAGES' }),
    GlobalSecondaryIndexes: Object.values(providerCallTable.indexes).map((index) =>
      Match.objectLike({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'ALL' },
      }),
    ),
  });
});

test('access keys are found by their hash', () => {
  template.hasResourceProperties(tableType, { KeySchema: keySchema(accessKeyTable.partitionKey) });
});

test('both tables outlive the stack', () => {
  template.allResources(tableType, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  template.resourceCountIs(tableType, 2);
});
