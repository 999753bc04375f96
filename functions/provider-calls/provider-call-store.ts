import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { PagePosition } from './page-token.ts';
import { sortBound } from './page-token.ts';
import type { Actor } from './provider-call.ts';
import { fromItem, listKeys, openKeys, providerPartition, toItem } from './provider-call-item.ts';
import type { StoredProviderCall } from './stored-provider-call.ts';
import { providerCallTable } from './table.ts';

const { partitionKey, indexes } = providerCallTable;

/** Which records to list: of one customer, of one provider where it is named, older than `after` where it is named. */
export type ListQuery = {
  customerId: string;
  providerId: string | undefined;
  after: PagePosition | undefined;
  limit: number;
};

export type ProviderCallStore = ReturnType<typeof createProviderCallStore>;

/** Only what this attempt made and nothing has settled yet: the condition of every write to it. */
const unsettledOf = (stored: StoredProviderCall) => ({
  ConditionExpression: '#attempt = :attempt AND #state IN (:intent, :unconfirmed)',
  names: { '#attempt': 'attempt', '#state': 'state' },
  values: { ':attempt': stored.attempt, ':intent': 'intent', ':unconfirmed': 'unconfirmed' },
});

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

  /** Stores a new intent, due for reconcile at `due`. Gives what stands under its id: itself, or what was there before. */
  const insertIntent = async (
    intent: StoredProviderCall,
    due: string,
  ): Promise<StoredProviderCall | undefined> => {
    const written = await whereConditionHolds(
      client.send(
        new PutCommand({
          TableName: table,
          Item: { ...toItem(intent), ...openKeys(due) },
          ConditionExpression: 'attribute_not_exists(#id)',
          ExpressionAttributeNames: { '#id': partitionKey },
        }),
      ),
    );
    // A put whose answer was lost is repeated by the SDK and then meets the item it wrote itself.
    return written === undefined ? await get(intent.id) : intent;
  };

  const update = async (
    stored: StoredProviderCall,
    expression: string,
    names: Record<string, string>,
    values: Record<string, unknown>,
  ): Promise<StoredProviderCall | undefined> => {
    const { ConditionExpression, ...condition } = unsettledOf(stored);
    const updated = await whereConditionHolds(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { [partitionKey]: stored.id },
          UpdateExpression: expression,
          ConditionExpression,
          ExpressionAttributeNames: { ...condition.names, ...names },
          ExpressionAttributeValues: { ...condition.values, ...values },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    return updated === undefined ? await get(stored.id) : fromItem(updated.Attributes);
  };

  /** List keys, but for a record that was deleted while it was unconfirmed. */
  const listing = (stored: StoredProviderCall) => {
    if (stored.deletedAt !== null) return { expression: '', names: {}, values: {} };
    const keys = listKeys(stored);
    return {
      expression: ', #customer = :customer, #provider = :provider, #order = :order',
      names: { '#customer': 'list_customer', '#provider': 'list_provider', '#order': 'list_order' },
      values: { ':customer': keys.list_customer, ':provider': keys.list_provider, ':order': keys.list_order },
    };
  };

  return {
    get,
    insertIntent,

    /** Notes the temporary flow's id on the intent. Gives what stands under the id afterwards. */
    noteTemporaryFlow: (intent: StoredProviderCall, flowId: string) =>
      update(intent, 'SET #flow = :flow', { '#flow': 'temporary_flow_id' }, { ':flow': flowId }),

    /** Turns an intent or an unconfirmed record into the finished one. Gives what stands under the id afterwards. */
    complete: (
      stored: StoredProviderCall,
      placed: { callIds: string[]; groupcallIds: string[] },
      updatedAt: string,
    ) => {
      const { expression, names, values } = listing(stored);
      return update(
        stored,
        `SET #state = :placed, #calls = :calls, #groupcalls = :groupcalls, #updated = :updated${expression} REMOVE #open, #due, #actions`,
        {
          '#calls': 'call_ids',
          '#groupcalls': 'groupcall_ids',
          '#updated': 'tm_update',
          '#open': indexes.open.partitionKey,
          '#due': indexes.open.sortKey,
          '#actions': 'actions',
          ...names,
        },
        {
          ':placed': 'placed',
          ':calls': placed.callIds,
          ':groupcalls': placed.groupcallIds,
          ':updated': updatedAt,
          ...values,
        },
      );
    },

    /** Makes an intent visible as unconfirmed, and due for reconcile again at `due`. Gives what stands afterwards. */
    markUnconfirmed: (stored: StoredProviderCall, due: string) => {
      const { expression, names, values } = listing(stored);
      return update(
        stored,
        `SET #state = :unconfirmed, #due = :due${expression}`,
        { '#due': indexes.open.sortKey, ...names },
        { ':due': due, ...values },
      );
    },

    /** Removes what an attempt left, after nothing was placed for certain. Does nothing once it is settled or gone. */
    remove: async (stored: StoredProviderCall): Promise<void> => {
      const { names, values, ConditionExpression } = unsettledOf(stored);
      await whereConditionHolds(
        client.send(
          new DeleteCommand({
            TableName: table,
            Key: { [partitionKey]: stored.id },
            ConditionExpression,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
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
      const updated = await whereConditionHolds(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: { [partitionKey]: id },
            UpdateExpression:
              'SET #deleted = :now, #updated = :now, #by = :by REMOVE #customerKey, #providerKey, #order',
            ConditionExpression:
              '#customer = :customer AND #state <> :intent AND attribute_not_exists(#deleted)',
            ExpressionAttributeNames: {
              '#customer': 'customer_id',
              '#state': 'state',
              '#deleted': 'tm_delete',
              '#updated': 'tm_update',
              '#by': 'deleted_by',
              '#customerKey': indexes.byCustomer.partitionKey,
              '#providerKey': indexes.byProvider.partitionKey,
              '#order': indexes.byCustomer.sortKey,
            },
            ExpressionAttributeValues: {
              ':customer': customerId,
              ':intent': 'intent',
              ':now': deletedAt,
              ':by': deletedBy,
            },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      const stored = updated === undefined ? await get(id) : fromItem(updated.Attributes);
      return stored?.customerId === customerId && stored.state !== 'intent' ? stored : undefined;
    },

    /** A customer's records, newest first, `limit` at most. One query. */
    list: async ({ customerId, providerId, after, limit }: ListQuery): Promise<StoredProviderCall[]> => {
      const index = providerId === undefined ? indexes.byCustomer : indexes.byProvider;
      const partition = providerId === undefined ? customerId : providerPartition(customerId, providerId);
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: index.name,
          KeyConditionExpression: `#partition = :partition${after === undefined ? '' : ' AND #order < :bound'}`,
          ExpressionAttributeNames: {
            '#partition': index.partitionKey,
            ...(after !== undefined && { '#order': index.sortKey }),
          },
          ExpressionAttributeValues: {
            ':partition': partition,
            ...(after !== undefined && { ':bound': sortBound(after) }),
          },
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      return Items.map(fromItem);
    },

    /** Ids of what is due for reconcile at `now`, the longest due first, `limit` at most. */
    listDueIds: async (now: string, limit: number): Promise<string[]> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: indexes.open.name,
          KeyConditionExpression: '#open = :open AND #due <= :now',
          ExpressionAttributeNames: { '#open': indexes.open.partitionKey, '#due': indexes.open.sortKey },
          ExpressionAttributeValues: { ':open': openKeys(now).open, ':now': now },
          Limit: limit,
        }),
      );
      return Items.map((item) => fromItem(item).id);
    },
  };
};
