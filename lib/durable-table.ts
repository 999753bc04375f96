import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** A global secondary index, with all attributes. */
export type TableIndex = { name: string; partitionKey: string; sortKey: string };

export type DurableTableProps = {
  settings: Pick<Settings, 'retain' | 'replicas'>;
  partitionKey: string;
  indexes?: TableIndex[];
  /** Whether every change goes to a stream, with the item before and after it. */
  stream?: boolean;
  /** The attribute with the second (since 1970) after which an item may be removed. */
  timeToLiveAttribute?: string;
  /** A table that exists already, such as a replica of one in another region; nothing is created then. */
  existing?: { name: string; streamArn?: string } | undefined;
};

/**
 * A table that is billed on demand, is encrypted, can be restored to any second of the last 35 days and, unless the
 * settings say otherwise, outlives its stack. With replicas it is a global table; its logical id stays the same, so
 * that CloudFormation refuses to swap a table full of records for an empty global one.
 */
export class DurableTable extends Construct {
  readonly name: string;
  readonly arn: string;
  /** Undefined unless `stream` is set. */
  readonly streamArn: string | undefined;
  /** The table, for its metrics. */
  readonly table: dynamodb.ITable;

  constructor(scope: Construct, id: string, props: DurableTableProps) {
    super(scope, id);
    const { settings, existing } = props;
    if (existing !== undefined) this.table = this.importTable(existing);
    else if (settings.replicas.length > 0) this.table = this.createGlobalTable(props);
    else this.table = this.createTable(props);
    this.name = this.table.tableName;
    this.arn = this.table.tableArn;
    this.streamArn = props.stream ? this.table.tableStreamArn : undefined;
  }

  /** Returns the ARN of one index, for the role of the function that queries it. */
  indexArn(index: TableIndex): string {
    return `${this.arn}/index/${index.name}`;
  }

  private importTable({ name, streamArn }: { name: string; streamArn?: string }): dynamodb.ITable {
    return dynamodb.Table.fromTableAttributes(this, 'Table', {
      tableName: name,
      ...(streamArn !== undefined && { tableStreamArn: streamArn }),
    });
  }

  private createGlobalTable(props: DurableTableProps): dynamodb.ITable {
    return new dynamodb.TableV2(this, 'Table', {
      ...sharedTableProps(props),
      billing: dynamodb.Billing.onDemand(),
      encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
      globalSecondaryIndexes: indexProps(props),
      ...(props.stream && { dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES }),
      replicas: props.settings.replicas.map((region) => ({ region })),
    });
  }

  private createTable(props: DurableTableProps): dynamodb.ITable {
    const table = new dynamodb.Table(this, 'Table', {
      ...sharedTableProps(props),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      // The account's AWS-managed key instead of DynamoDB's own, so that CloudTrail shows its use.
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      ...(props.stream && { stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES }),
    });
    for (const index of indexProps(props)) table.addGlobalSecondaryIndex(index);
    return table;
  }
}

function sharedTableProps({ settings, partitionKey, timeToLiveAttribute }: DurableTableProps) {
  return {
    partitionKey: stringKey(partitionKey),
    removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    deletionProtection: settings.retain,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
  };
}

function indexProps({ indexes = [] }: DurableTableProps) {
  return indexes.map((index) => ({
    indexName: index.name,
    partitionKey: stringKey(index.partitionKey),
    sortKey: stringKey(index.sortKey),
    projectionType: dynamodb.ProjectionType.ALL,
  }));
}

function stringKey(name: string): dynamodb.Attribute {
  return { name, type: dynamodb.AttributeType.STRING };
}
