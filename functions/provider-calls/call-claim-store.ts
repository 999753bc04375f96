import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { CallId, CustomerId, GroupcallId, ProviderCallId, ProviderId } from '../flavor.ts';
import type { UnsettledProviderCall } from './provider-call.ts';
import { fromItem, PROVIDER_CALL_TABLE } from './provider-call-item.ts';

/** A call or groupcall that a record claims as its own. */
export type CallClaim = { kind: 'call'; id: CallId } | { kind: 'groupcall'; id: GroupcallId };

/** The store of claims. */
export type CallClaimStore = ReturnType<typeof createCallClaimStore>;

const { partitionKey, indexes } = PROVIDER_CALL_TABLE;

/** A claim's item, in the same table as the records. Its key cannot be mistaken for a record's, which is a UUID. */
const claimSchema = z.object({ claimed_by: z.string() });

/**
 * Returns the store of claims, which says for good which record a call or groupcall belongs to. Errors from the SDK are
 * passed through.
 */
export function createCallClaimStore(client: DynamoDBDocumentClient, table: string) {
  return {
    /** Claims the calls for a record. Returns whether all of them are now its own; claiming one again changes nothing. */
    claim: async ({ owner, calls }: { owner: ProviderCallId; calls: CallClaim[] }): Promise<boolean> => {
      const claimed = await Promise.all(calls.map((call) => claimOne(owner, call)));
      return claimed.every((isOwn) => isOwn);
    },

    /** Returns the records that have claimed the calls, by the call's id. Unclaimed calls are left out. */
    findOwners: async (calls: CallClaim[]): Promise<Map<string, ProviderCallId>> => {
      const owners = new Map<string, ProviderCallId>();
      await Promise.all(
        calls.map(async (call) => {
          const { Item } = await client.send(
            new GetCommand({ TableName: table, Key: { [partitionKey]: keyOf(call) }, ConsistentRead: true }),
          );
          if (Item !== undefined) owners.set(call.id, claimSchema.parse(Item).claimed_by);
        }),
      );
      return owners;
    },

    /** Returns a customer's records through a provider that are still to be settled. */
    listOpenRecords: async ({
      customerId,
      providerId,
    }: {
      customerId: CustomerId;
      providerId: ProviderId;
    }): Promise<UnsettledProviderCall[]> => {
      const open: UnsettledProviderCall[] = [];
      let last: Record<string, unknown> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: indexes.open.name,
            KeyConditionExpression: '#open = :open',
            FilterExpression: '#customer_id = :customer_id AND #provider_id = :provider_id',
            ExpressionAttributeNames: {
              '#open': indexes.open.partitionKey,
              '#customer_id': 'customer_id',
              '#provider_id': 'provider_id',
            },
            ExpressionAttributeValues: {
              ':open': 'open',
              ':customer_id': customerId,
              ':provider_id': providerId,
            },
            ...(last !== undefined && { ExclusiveStartKey: last }),
          }),
        );
        for (const stored of Items.map(fromItem)) if (stored.state !== 'placed') open.push(stored);
        last = LastEvaluatedKey;
      } while (last !== undefined);
      return open;
    },
  };

  async function claimOne(owner: ProviderCallId, call: CallClaim): Promise<boolean> {
    try {
      await client.send(
        new PutCommand({
          TableName: table,
          Item: { [partitionKey]: keyOf(call), claimed_by: owner },
          ConditionExpression: 'attribute_not_exists(#id) OR #claimed_by = :owner',
          ExpressionAttributeNames: { '#id': partitionKey, '#claimed_by': 'claimed_by' },
          ExpressionAttributeValues: { ':owner': owner },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

function keyOf({ kind, id }: CallClaim): string {
  return `${kind}:${id}`;
}
