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
import { type PagePosition, sortBound } from './page-token.ts';
import type { Actor } from './provider-call.ts';
import {
  fromItem,
  fromShownItem,
  listKeys,
  openKeys,
  providerPartition,
  shownAttributes,
  toItem,
} from './provider-call-item.ts';
import type { StoredProviderCall } from './stored-provider-call.ts';
import { providerCallTable } from './table.ts';
import { type Change, type Expression, updateExpression } from './update-expression.ts';

const { partitionKey, indexes } = providerCallTable;

const dueSchema = z.object({ id: z.string(), due: z.string() });
/** What reconcile has to look at, and from when on (a platform timestamp). */
export type Due = z.infer<typeof dueSchema>;

/** Which records to list: of one customer, of one provider where it is named, older than `after` where it is named. */
export type ListQuery = {
  customerId: string;
  providerId: string | undefined;
  after: PagePosition | undefined;
  limit: number;
};

export type ProviderCallStore = ReturnType<typeof createProviderCallStore>;

/** The ProjectionExpression of a list, with its placeholders. */
const shown = {
  text: shownAttributes.map((attribute) => `#${attribute}`).join(', '),
  names: Object.fromEntries(shownAttributes.map((attribute) => [`#${attribute}`, attribute])),
};

/** Only what this attempt made and nothing has settled yet: the condition of every write that settles it. */
const unsettled = ({ attempt }: StoredProviderCall): Expression => ({
  text: '#attempt = :ownAttempt AND #state IN (:intent, :unconfirmed)',
  names: { '#attempt': 'attempt', '#state': 'state' },
  values: { ':ownAttempt': attempt, ':intent': 'intent', ':unconfirmed': 'unconfirmed' },
});

/** The same, and not deleted meanwhile: the condition of a write that puts the record into the lists. */
const unsettledAndListable = (stored: StoredProviderCall): Expression => {
  const { text, names, values } = unsettled(stored);
  return {
    text: `${text} AND attribute_not_exists(#deleted)`,
    names: { ...names, '#deleted': 'tm_delete' },
    values,
  };
};

const whereConditionHolds = async <Result>(write: Promise<Result>): Promise<Result | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

/**
 * The ProviderCall table. Every write is one conditional request on one item; reads of one record are consistent,
 * lists are as current as DynamoDB's indexes. Errors of the SDK come through as they are.
 */
export const createProviderCallStore = (client: DynamoDBDocumentClient, table: string) => {
  const get = async (id: string): Promise<StoredProviderCall | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { [partitionKey]: id }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : fromItem(Item);
  };

  /** Writes a new item with its index keys. Gives what stands under its id afterwards. */
  const insert = async (
    stored: StoredProviderCall,
    keys: Record<string, string>,
  ): Promise<StoredProviderCall> => {
    const written = await whereConditionHolds(
      client.send(
        new PutCommand({
          TableName: table,
          Item: { ...toItem(stored), ...keys },
          ConditionExpression: 'attribute_not_exists(#id)',
          ExpressionAttributeNames: { '#id': partitionKey },
        }),
      ),
    );
    return written === undefined ? ((await get(stored.id)) ?? insert(stored, keys)) : stored;
  };

  /** Writes the change where the condition holds. Gives what stands under the id afterwards, changed or not. */
  const update = async (
    id: string,
    change: Change,
    condition: Expression,
  ): Promise<StoredProviderCall | undefined> => {
    const { text, names, values } = updateExpression(change);
    const updated = await whereConditionHolds(
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
    // A condition also fails when the SDK repeats a write whose answer was lost: what stands then is what was wanted.
    return updated === undefined ? await get(id) : fromItem(updated.Attributes);
  };

  /** Writes the change and puts the record into the lists, unless it was deleted while it was unconfirmed. */
  const updateAndList = async (stored: StoredProviderCall, change: Change) => {
    if (stored.deletedAt === null) {
      const listed = { ...change, set: { ...change.set, ...listKeys(stored) } };
      const standing = await update(stored.id, listed, unsettledAndListable(stored));
      if (standing === undefined || standing.deletedAt === null) return standing;
    }
    return await update(stored.id, change, unsettled(stored));
  };

  return {
    get,

    /**
     * Stores a new intent, due for reconcile at `due` (a platform timestamp). Gives what stands under its id: the
     * intent, or what was there before.
     */
    insertIntent: (intent: StoredProviderCall, due: string) => insert(intent, openKeys(due)),

    /** Notes the temporary flow's id on the intent. Gives what stands under the id afterwards. */
    noteTemporaryFlow: (intent: StoredProviderCall, flowId: string) =>
      update(intent.id, { set: { temporary_flow_id: flowId } }, unsettled(intent)),

    /**
     * Turns an intent or an unconfirmed record into the finished one, and gives what stands afterwards. Calls that were
     * placed get their record even where somebody, told that there were none, has removed the intent meanwhile.
     */
    complete: async (
      stored: StoredProviderCall,
      { callIds, groupcallIds }: { callIds: string[]; groupcallIds: string[] },
      updatedAt: string,
    ): Promise<StoredProviderCall> => {
      const standing = await updateAndList(stored, {
        set: { state: 'placed', call_ids: callIds, groupcall_ids: groupcallIds, tm_update: updatedAt },
        remove: [indexes.open.partitionKey, indexes.open.sortKey, 'actions'],
      });
      if (standing !== undefined) return standing;
      const record: StoredProviderCall = {
        ...stored,
        state: 'placed',
        callIds,
        groupcallIds,
        updatedAt,
        temporaryFlow: null,
      };
      return await insert(record, record.deletedAt === null ? listKeys(record) : {});
    },

    /** Makes an intent visible as unconfirmed, due for reconcile again at `due`. Gives what stands afterwards. */
    markUnconfirmed: (stored: StoredProviderCall, due: string) =>
      updateAndList(stored, { set: { state: 'unconfirmed', ...openKeys(due) } }),

    /** Leaves it as it is until `due` (a platform timestamp), when reconcile tries again. */
    postpone: (stored: StoredProviderCall, due: string) =>
      update(stored.id, { set: openKeys(due) }, unsettled(stored)),

    /** Removes what an attempt left, after nothing was placed for certain. Does nothing once it is settled or gone. */
    remove: async (stored: StoredProviderCall): Promise<void> => {
      const condition = unsettled(stored);
      await whereConditionHolds(
        client.send(
          new DeleteCommand({
            TableName: table,
            Key: { [partitionKey]: stored.id },
            ConditionExpression: condition.text,
            ExpressionAttributeNames: condition.names,
            ExpressionAttributeValues: condition.values,
          }),
        ),
      );
    },

    /**
     * Marks a customer's record as deleted. Gives the record as it stands afterwards, with the first deletion's time;
     * undefined when the customer has no such record (an intent is none).
     */
    softDelete: async (
      id: string,
      customerId: string,
      deletedBy: Actor,
      deletedAt: string,
    ): Promise<StoredProviderCall | undefined> => {
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
     * A customer's records, newest first, `limit` at most, in one query. `exhausted` says that there are no more;
     * large records can make it fewer than `limit`, for DynamoDB ends an answer at 1 MB.
     */
    list: async ({ customerId, providerId, after, limit }: ListQuery) => {
      const { index, partition } =
        providerId === undefined
          ? { index: indexes.byCustomer, partition: customerId }
          : { index: indexes.byProvider, partition: providerPartition(customerId, providerId) };
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: index.name,
          ScanIndexForward: false,
          Limit: limit,
          ProjectionExpression: shown.text,
          ...(after === undefined
            ? {
                KeyConditionExpression: '#partition = :partition',
                ExpressionAttributeNames: { ...shown.names, '#partition': index.partitionKey },
                ExpressionAttributeValues: { ':partition': partition },
              }
            : {
                KeyConditionExpression: '#partition = :partition AND #order < :bound',
                ExpressionAttributeNames: {
                  ...shown.names,
                  '#partition': index.partitionKey,
                  '#order': index.sortKey,
                },
                ExpressionAttributeValues: { ':partition': partition, ':bound': sortBound(after) },
              }),
        }),
      );
      return { records: Items.map(fromShownItem), exhausted: LastEvaluatedKey === undefined };
    },

    /**
     * What is due for reconcile at `now`, the longest due first, `limit` at most; of the rest, what comes after `after`.
     */
    listDue: async (now: string, limit: number, after?: Due): Promise<Due[]> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: indexes.open.name,
          KeyConditionExpression: '#open = :open AND #due <= :now',
          ExpressionAttributeNames: { '#open': indexes.open.partitionKey, '#due': indexes.open.sortKey },
          ExpressionAttributeValues: { ':open': openKeys(now).open, ':now': now },
          Limit: limit,
          ...(after !== undefined && {
            ExclusiveStartKey: { [partitionKey]: after.id, ...openKeys(after.due) },
          }),
        }),
      );
      return Items.map((item) => dueSchema.parse(item));
    },
  };
};
