import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { seedIds } from '@provider-call/platform/seed';
import type { PlacedProviderCall } from '../functions/provider-calls/provider-call.ts';
import { listKeys, toItem } from '../functions/provider-calls/provider-call-item.ts';
import { formatTimestamp } from '../functions/timestamp.ts';
import { NIL_UUID } from '../functions/uuid.ts';
import { superAdmin } from '../packages/local/src/token.ts';

/** Items that DynamoDB takes in one request. */
const BATCH = 25;
/** Requests that are under way at once. */
const AT_ONCE = 8;

const idOf = (number: number): string => `0190a5b8-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** A finished record of the seeded customer, a second younger than the one with the number before it. */
export const recordOf = (number: number): PlacedProviderCall => {
  const createdAt = formatTimestamp(new Date(Date.UTC(2026, 0, 1) + number * 1_000));
  return {
    id: idOf(number),
    customerId: superAdmin.customerId,
    providerId: seedIds.providers.answers,
    flowId: NIL_UUID,
    source: { type: 'tel', target: '+14155551234', target_name: '' },
    destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
    anonymous: 'auto',
    callIds: [idOf(number)],
    groupcallIds: [],
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
    state: 'placed',
    attempt: idOf(number),
    createdBy: { type: 'agent', id: superAdmin.agentId },
    deletedBy: null,
    requestId: idOf(number),
    idempotency: null,
    temporaryFlow: null,
  };
};

/** The same, deleted: it stays in the table and is in no list any more. */
export const deletedRecordOf = (number: number): PlacedProviderCall => {
  const record = recordOf(number);
  return { ...record, deletedAt: record.updatedAt, deletedBy: record.createdBy };
};

/** Puts records into a table as they stand there once all their requests are over. */
export const putRecords = async (
  client: DynamoDBClient,
  table: string,
  records: IteratorObject<PlacedProviderCall>,
): Promise<void> => {
  const batch = (): PlacedProviderCall[] => {
    const taken: PlacedProviderCall[] = [];
    while (taken.length < BATCH) {
      const { value, done } = records.next();
      if (done === true) break;
      taken.push(value);
    }
    return taken;
  };
  const writer = async () => {
    for (let taken = batch(); taken.length > 0; taken = batch()) {
      const input: BatchWriteItemCommandInput = {
        RequestItems: {
          [table]: taken.map((record) => ({
            PutRequest: {
              Item: marshall({ ...toItem(record), ...(record.deletedAt === null && listKeys(record)) }),
            },
          })),
        },
      };
      await client.send(new BatchWriteItemCommand(input));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
};
