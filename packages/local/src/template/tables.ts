import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { StackTemplate } from './assembly.ts';
import type { References } from './references.ts';
import { resourcesOfType } from './resources-of-type.ts';

export type TableDefinition = CreateTableCommandInput & { TableName: string };

/** Returns the template's tables in the form that DynamoDB's CreateTable expects. */
export function readTables(template: StackTemplate, references: References): TableDefinition[] {
  return [
    ...resourcesOfType(template, 'AWS::DynamoDB::Table'),
    ...resourcesOfType(template, 'AWS::DynamoDB::GlobalTable'),
  ].map(([logicalId, properties]) => ({
    TableName: references.resolveString({ Ref: logicalId }),
    KeySchema: properties.KeySchema,
    AttributeDefinitions: properties.AttributeDefinitions,
    BillingMode: properties.BillingMode,
    ...(properties.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes }),
  }));
}
