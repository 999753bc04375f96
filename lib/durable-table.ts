import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

export type TableIndex = { name: string; partitionKey: string; sortKey: string };

export type DurableTableProps = {
  settings: Settings;
  partitionKey: string;
  indexes?: TableIndex[];
  /** Whether every change is put on a stream, with the item before and after it. */
  stream?: boolean;
  /** The attribute with the second (since 1970) after which an item may be removed. */
  timeToLiveAttribute?: string;
};

/**
 * A table that is paid by use, encrypted, restorable to any second of the last 35 days and, unless the settings say
 * otherwise, outlives its stack. With replicas it is a global table; its logical id stays the same, so that CloudFormation
 * refuses to swap a table full of records for an empty global one.
 */
export class DurableTable extends Construct {
  readonly name: string;
  readonly arn: string;
  /** Undefined without `stream`. */
  readonly streamArn: string | undefined;
  /** For its metrics. */
  readonly table: dynamodb.ITable;

  constructor(
    scope: Construct,
    id: string,
    { settings, partitionKey, indexes = [], stream = false, timeToLiveAttribute }: DurableTableProps,
  ) {
    super(scope, id);
    const shared = {
      partitionKey: stringKey(partitionKey),
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: settings.retain,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
    };
    const streamView = stream ? dynamodb.StreamViewType.NEW_AND_OLD_IMAGES : undefined;
    const globalSecondaryIndexes = indexes.map((index) => ({
      indexName: index.name,
      partitionKey: stringKey(index.partitionKey),
      sortKey: stringKey(index.sortKey),
      projectionType: dynamodb.ProjectionType.ALL,
    }));

    if (settings.replicas.length > 0) {
      const table = new dynamodb.TableV2(this, 'Table', {
        ...shared,
        billing: dynamodb.Billing.onDemand(),
        encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
        globalSecondaryIndexes,
        ...(streamView && { dynamoStream: streamView }),
        replicas: settings.replicas.map((region) => ({ region })),
      });
      this.table = table;
      this.name = table.tableName;
      this.arn = table.tableArn;
      this.streamArn = stream ? table.tableStreamArn : undefined;
      return;
    }
    const table = new dynamodb.Table(this, 'Table', {
      ...shared,
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      // The account's managed key rather than DynamoDB's own: CloudTrail then shows its use.
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      ...(streamView && { stream: streamView }),
    });
    for (const index of globalSecondaryIndexes) {
      table.addGlobalSecondaryIndex(index);
    }
    this.table = table;
    this.name = table.tableName;
    this.arn = table.tableArn;
    this.streamArn = table.tableStreamArn;
  }

  /** ARN of one index, for the role of the function that queries it. */
  indexArn(index: TableIndex): string {
    return `${this.arn}/index/${index.name}`;
  }
}

const stringKey = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });
