import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { SUPER_ADMIN } from '@provider-call/local/token';
import { SEED_IDS } from '@provider-call/platform/seed';
import type { PlacedProviderCall } from '../functions/provider-calls/provider-call.ts';
import { listKeys, toItem } from '../functions/provider-calls/provider-call-item.ts';
import { formatTimestamp } from '../functions/timestamp.ts';
import { NIL_UUID } from '../functions/uuid.ts';

/** DynamoDB's limit on the number of items in one BatchWriteItem. */
const MAX_BATCH = 25;
/** Concurrent requests. */
const CONCURRENCY = 8;

/** Returns a placed record of the seeded customer, created a second after the record of the previous number. */
export function recordOf(number: number): PlacedProviderCall {
  const createdAt = formatTimestamp(new Date(Date.UTC(2026, 0, 1) + number * 1_000));
  return {
    id: idOf(number),
    customerId: SUPER_ADMIN.customerId,
    providerId: SEED_IDS.providers.answers,
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
    createdBy: { type: 'agent', id: SUPER_ADMIN.agentId },
    deletedBy: null,
    requestId: idOf(number),
    idempotency: null,
    temporaryFlow: null,
  };
}

function idOf(number: number): string {
  return `0190a5b8-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** Returns the record with this number, deleted: it stays in the table but leaves the lists. */
export function deletedRecordOf(number: number): PlacedProviderCall {
  const record = recordOf(number);
  return { ...record, deletedAt: record.updatedAt, deletedBy: record.createdBy };
}

/** Stores records as items in the form that the API leaves them, so deleted ones have no list keys. */
export async function putRecords(
  client: DynamoDBClient,
  table: string,
  records: IteratorObject<PlacedProviderCall>,
): Promise<void> {
  const batch = (): PlacedProviderCall[] => {
    const taken: PlacedProviderCall[] = [];
    while (taken.length < MAX_BATCH) {
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
  await Promise.all(Array.from({ length: CONCURRENCY }, writer));
}
