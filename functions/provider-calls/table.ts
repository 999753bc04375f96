/**
 * Keys and indexes of the ProviderCall table, for the store that reads it and the stack that makes it.
 *
 * Every index is sparse: an item is in it only while it carries that index's keys. An intent has `open` keys
 * and no list keys; a record has list keys; a deleted record has neither, so that no read ever passes over it.
 */
export const providerCallTable = {
  partitionKey: 'id',
  indexes: {
    /** A customer's records in the order of `list_order`. */
    byCustomer: { name: 'by-customer', partitionKey: 'list_customer', sortKey: 'list_order' },
    /** A customer's records through one provider, in the same order. */
    byProvider: { name: 'by-provider', partitionKey: 'list_provider', sortKey: 'list_order' },
    /** What reconcile still has to settle, by the time at which it is due. */
    open: { name: 'open', partitionKey: 'open', sortKey: 'due' },
  },
} as const;
