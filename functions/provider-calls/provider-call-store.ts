import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { CustomerId, FlowId, ProviderCallId, ProviderId, Timestamp } from '../flavor.ts';
import { timestampSchema } from '../timestamp.ts';
import { type PagePosition, sortBound } from './page-token.ts';
import type {
  Actor,
  Intent,
  PlacedCalls,
  PlacedProviderCall,
  ProviderCallRecord,
  StoredProviderCall,
  UnsettledProviderCall,
  VisibleProviderCall,
} from './provider-call.ts';
import {
  type Change,
  type Expression,
  fromItem,
  fromListedItem,
  listKeys,
  openKeys,
  PROVIDER_CALL_TABLE,
  providerPartition,
  toItem,
  updateExpression,
  VISIBLE_ATTRIBUTES,
} from './provider-call-item.ts';

const { partitionKey, indexes } = PROVIDER_CALL_TABLE;

const dueKeySchema = z.object({ id: z.string(), due: z.string() });
const candidatesSchema = z.array(z.string());

/** What reconcile has to look at, from when on, when it was created, if its item says so, and which calls may be its own. */
export type Due = z.infer<typeof dueKeySchema> & {
  tm_create: Timestamp | undefined;
  candidates: string[] | undefined;
};

/** Which records to list: of one customer, of one provider if it is named, older than `after` if it is named. */
export type ListQuery = {
  customerId: CustomerId;
  providerId: ProviderId | undefined;
  after: PagePosition | undefined;
  limit: number;
};

/** What is under an intent's id after it was to be inserted: the intent, or what existed there already. */
export type InsertResult =
  | { kind: 'inserted'; intent: Intent }
  | { kind: 'existing'; stored: StoredProviderCall };

export type ProviderCallStore = ReturnType<typeof createProviderCallStore>;

/** The attributes that an item has only until it is settled. */
const ONLY_UNSETTLED = [
  indexes.open.partitionKey,
  indexes.open.sortKey,
  'actions',
  'never_dialled',
  'postponed',
  'candidates',
];

/** The ProjectionExpression of a list, with its placeholders. */
const LIST_PROJECTION = {
  text: VISIBLE_ATTRIBUTES.map((attribute) => `#${attribute}`).join(', '),
  names: Object.fromEntries(VISIBLE_ATTRIBUTES.map((attribute) => [`#${attribute}`, attribute])),
};

/**
 * Returns the store of a ProviderCall table. Every write is one conditional request on one item; reads of one record
 * are consistent, lists are as current as DynamoDB's indexes. Errors of the SDK are passed through.
 */
export function createProviderCallStore(client: DynamoDBDocumentClient, table: string) {
  return {
    get,

    /** Stores a new intent, due for reconcile at `due`, unless something exists under its id. */
    insertIntent: async ({ intent, due }: { intent: Intent; due: Timestamp }): Promise<InsertResult> => {
      const stored = await insert(intent, openKeys(due));
      // The intent itself is there when the SDK repeated the write because its response was lost.
      return stored.state === 'intent' && stored.attempt === intent.attempt
        ? { kind: 'inserted', intent: stored }
        : { kind: 'existing', stored };
    },

    /** Notes the temporary flow's id on the intent, and returns the intent; undefined if it no longer is this attempt's. */
    noteTemporaryFlow: async ({
      intent,
      flowId,
    }: {
      intent: Intent;
      flowId: FlowId;
    }): Promise<Intent | undefined> => {
      const stored = await update(intent.id, { set: { temporary_flow_id: flowId } }, isUnsettled(intent));
      return stored?.state === 'intent' && stored.attempt === intent.attempt ? stored : undefined;
    },

    /**
     * Turns an intent or an unconfirmed record into a placed one, and returns what exists afterwards. Calls that were
     * placed get their record even if the intent has been removed meanwhile because no calls seemed to exist.
     */
    complete: async ({
      unsettled,
      placed: { callIds, groupcallIds },
      updatedAt,
    }: {
      unsettled: UnsettledProviderCall;
      placed: PlacedCalls;
      updatedAt: Timestamp;
    }): Promise<StoredProviderCall> => {
      const stored = await updateAndList(unsettled, {
        set: { state: 'placed', call_ids: callIds, groupcall_ids: groupcallIds, tm_update: updatedAt },
        remove: ONLY_UNSETTLED,
      });
      if (stored) return stored;
      const record: PlacedProviderCall = {
        ...unsettled,
        state: 'placed',
        callIds,
        groupcallIds,
        updatedAt,
        temporaryFlow: null,
      };
      return await insert(record, record.deletedAt === null ? listKeys(record) : {});
    },

    /** Makes an intent visible as unconfirmed, due for reconcile again at `due`. */
    markUnconfirmed: async ({
      unsettled,
      candidates = [],
      ...retry
    }: Postponement & { candidates?: string[] }): Promise<void> => {
      await updateAndList(unsettled, {
        set: { state: 'unconfirmed', candidates, ...retryAttributes(retry) },
      });
    },

    /** Leaves it as it is until `due`, when reconcile tries again. */
    postpone: async ({ unsettled, ...retry }: Postponement): Promise<void> => {
      await update(unsettled.id, { set: retryAttributes(retry) }, isUnsettled(unsettled));
    },

    /** Notes that the attempt has dialled nothing and never will. */
    markNeverDialled: async (intent: Intent): Promise<void> => {
      await update(intent.id, { set: { never_dialled: true } }, isUnsettled(intent));
    },

    /** Removes what an attempt left that has certainly placed nothing. Does nothing once it is settled or gone. */
    remove: async (unsettled: UnsettledProviderCall): Promise<void> => {
      const condition = isUnsettled(unsettled);
      await ifConditionHolds(
        client.send(
          new DeleteCommand({
            TableName: table,
            Key: { [partitionKey]: unsettled.id },
            ConditionExpression: condition.text,
            ExpressionAttributeNames: condition.names,
            ExpressionAttributeValues: condition.values,
          }),
        ),
      );
    },

    /**
     * Marks a customer's record as deleted. Returns the record as it is afterwards, with the first deletion's time;
     * undefined when the customer has no such record (an intent is not a record).
     */
    softDelete: async ({
      id,
      customerId,
      deletedBy,
      deletedAt,
    }: {
      id: ProviderCallId;
      customerId: CustomerId;
      deletedBy: Actor;
      deletedAt: Timestamp;
    }): Promise<ProviderCallRecord | undefined> => {
      const change = {
        set: { tm_delete: deletedAt, tm_update: deletedAt, deleted_by: deletedBy },
        remove: [
          indexes.byCustomer.partitionKey,
          indexes.byProvider.partitionKey,
          indexes.byCustomer.sortKey,
        ],
      };
      const stored = await update(id, change, {
        text: '#customer_id = :customer_id AND #state <> :intent AND attribute_not_exists(#tm_delete)',
        names: { '#customer_id': 'customer_id', '#state': 'state' },
        values: { ':customer_id': customerId, ':intent': 'intent' },
      });
      return stored?.customerId === customerId && stored.state !== 'intent' ? stored : undefined;
    },

    /**
     * Returns a customer's records, newest first, at most `limit`, in one query. `exhausted` says that there are no
     * more; large records can make it fewer than `limit`, because DynamoDB ends a response at 1 MB.
     */
    list: async ({
      customerId,
      providerId,
      after,
      limit,
    }: ListQuery): Promise<{ records: VisibleProviderCall[]; exhausted: boolean }> => {
      const { index, partition } = providerId
        ? { index: indexes.byProvider, partition: providerPartition(customerId, providerId) }
        : { index: indexes.byCustomer, partition: customerId };
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: index.name,
          ScanIndexForward: false,
          Limit: limit,
          ProjectionExpression: LIST_PROJECTION.text,
          KeyConditionExpression: `#partition = :partition${after ? ' AND #order < :bound' : ''}`,
          ExpressionAttributeNames: {
            ...LIST_PROJECTION.names,
            '#partition': index.partitionKey,
            ...(after && { '#order': index.sortKey }),
          },
          ExpressionAttributeValues: {
            ':partition': partition,
            ...(after && { ':bound': sortBound(after) }),
          },
        }),
      );
      return { records: Items.map(fromListedItem), exhausted: LastEvaluatedKey === undefined };
    },

    /** Returns what is due for reconcile at `now`, the longest due first, at most `limit`, beginning after `after`. */
    listDue: async ({
      now,
      limit,
      after,
    }: {
      now: Timestamp;
      limit: number;
      after?: Due | undefined;
    }): Promise<Due[]> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: indexes.open.name,
          KeyConditionExpression: '#open = :open AND #due <= :now',
          ExpressionAttributeNames: { '#open': indexes.open.partitionKey, '#due': indexes.open.sortKey },
          ExpressionAttributeValues: { ':open': openKeys(now).open, ':now': now },
          Limit: limit,
          ...(after && {
            ExclusiveStartKey: { [partitionKey]: after.id, ...openKeys(after.due) },
          }),
        }),
      );
      return Items.map(dueOf);
    },
  };

  async function get(id: ProviderCallId): Promise<StoredProviderCall | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { [partitionKey]: id }, ConsistentRead: true }),
    );
    return Item && fromItem(Item);
  }

  /** Writes a new item with its index keys. Returns what exists under its id afterwards. */
  async function insert<Item extends StoredProviderCall>(
    item: Item,
    keys: Record<string, string>,
  ): Promise<Item | StoredProviderCall> {
    const written = await ifConditionHolds(
      client.send(
        new PutCommand({
          TableName: table,
          Item: { ...toItem(item), ...keys },
          ConditionExpression: 'attribute_not_exists(#id)',
          ExpressionAttributeNames: { '#id': partitionKey },
        }),
      ),
    );
    return written ? item : ((await get(item.id)) ?? insert(item, keys));
  }

  /** Writes the change if the condition holds. Returns what exists under the id afterwards, changed or not. */
  async function update(
    id: ProviderCallId,
    change: Change,
    condition: Expression,
  ): Promise<StoredProviderCall | undefined> {
    const { text, names, values } = updateExpression(change);
    const updated = await ifConditionHolds(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { [partitionKey]: id },
          UpdateExpression: text,
          ConditionExpression: condition.text,
          ExpressionAttributeNames: { ...names, ...condition.names },
          ExpressionAttributeValues: { ...values, ...condition.values },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    // A condition also fails when the SDK repeats a write whose response was lost: what exists then is what was wanted.
    return updated ? fromItem(updated.Attributes) : await get(id);
  }

  /** Writes the change and adds the record to the lists, unless it was deleted while it was unconfirmed. */
  async function updateAndList(
    unsettled: UnsettledProviderCall,
    change: Change,
  ): Promise<StoredProviderCall | undefined> {
    if (unsettled.deletedAt === null) {
      const listed = { ...change, set: { ...change.set, ...listKeys(unsettled) } };
      const stored = await update(unsettled.id, listed, isUnsettledAndNotDeleted(unsettled));
      if (!stored || stored.deletedAt === null) return stored;
    }
    return await update(unsettled.id, change, isUnsettled(unsettled));
  }
}

/** Reads an item that is due. What cannot be read beside its keys counts as missing, so that it is listed like the others. */
function dueOf(item: Record<string, unknown>): Due {
  return {
    ...dueKeySchema.parse(item),
    tm_create: timestampSchema.safeParse(item['tm_create']).data,
    candidates: candidatesSchema.safeParse(item['candidates']).data,
  };
}

/** `postponed` counts those by reconcile; create's own is none. */
type Postponement = { unsettled: UnsettledProviderCall; due: Timestamp; postponed?: number };

function retryAttributes({ due, postponed = 0 }: Omit<Postponement, 'unsettled'>) {
  return { ...openKeys(due), postponed: postponed };
}

/** Only what this attempt made and nothing has settled yet: the condition of every write that settles it. */
function isUnsettled({ attempt }: UnsettledProviderCall): Expression {
  return {
    text: '#attempt = :ownAttempt AND #state IN (:intent, :unconfirmed)',
    names: { '#attempt': 'attempt', '#state': 'state' },
    values: { ':ownAttempt': attempt, ':intent': 'intent', ':unconfirmed': 'unconfirmed' },
  };
}

/** The same, and not deleted meanwhile: the condition of a write that adds the record to the lists. */
function isUnsettledAndNotDeleted(unsettled: UnsettledProviderCall): Expression {
  const { text, names, values } = isUnsettled(unsettled);
  return {
    text: `${text} AND attribute_not_exists(#deleted)`,
    names: { ...names, '#deleted': 'tm_delete' },
    values,
  };
}

async function ifConditionHolds<Result>(write: Promise<Result>): Promise<Result | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
