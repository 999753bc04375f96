import { parseArgs } from 'node:util';
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

/*
 * The part of the AWS CLI that the runbook uses, for machines without it: `aws dynamodb
 * get-item|update-item|delete-item`, with the options and values of the CLI. Anything else is an error.
 */

const TEXT = { type: 'string' } as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    'table-name': TEXT,
    key: TEXT,
    'update-expression': TEXT,
    'condition-expression': TEXT,
    'expression-attribute-names': TEXT,
    'expression-attribute-values': TEXT,
    query: TEXT,
    output: TEXT,
    'consistent-read': { type: 'boolean' },
  },
});
function parse(json: string | undefined) {
  return json === undefined ? undefined : JSON.parse(json);
}
const input = {
  TableName: values['table-name'],
  Key: parse(values.key),
  ConditionExpression: values['condition-expression'],
  ExpressionAttributeNames: parse(values['expression-attribute-names']),
  ExpressionAttributeValues: parse(values['expression-attribute-values']),
};
const client = new DynamoDBClient({});

try {
  const response = await send(positionals.join(' '));
  const wanted = values.query === undefined ? response : find(response, values.query.split('.'));
  console.log(values.output === 'text' ? wanted : JSON.stringify(wanted));
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 254;
}

async function send(operation: string): Promise<unknown> {
  switch (operation) {
    case 'dynamodb get-item':
      return await client.send(
        new GetItemCommand({ TableName: input.TableName, Key: input.Key, ConsistentRead: true }),
      );
    case 'dynamodb update-item':
      return await client.send(
        new UpdateItemCommand({ ...input, UpdateExpression: values['update-expression'] }),
      );
    case 'dynamodb delete-item':
      return await client.send(new DeleteItemCommand(input));
    default:
      throw new Error(`unknown operation: ${operation}`);
  }
}

/** Returns the value at a path, as `--query` does. */
function find(value: unknown, path: string[]): unknown {
  return path.reduce((found, name) => z.parse(z.record(z.string(), z.unknown()), found)[name], value);
}
