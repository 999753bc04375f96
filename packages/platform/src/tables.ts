/**
 * The stand-in's one table, for the process that makes it and the stack that declares it. All keys are strings, every
 * index projects everything and is sparse: what has been deleted has no list keys, what has ended no `open`.
 */
export const sandboxTable = {
  name: 'sandbox',
  partitionKey: 'key',
  /** Seconds since 1970; DynamoDB removes an item some time after it. */
  timeToLive: 'expires',
  indexes: {
    /** All of a kind, by time and id. */
    byKind: { name: 'by-kind', partitionKey: 'list_kind', sortKey: 'list_order' },
    /** All of a kind that one customer has, in the same order. */
    byCustomer: { name: 'by-customer', partitionKey: 'list_customer', sortKey: 'list_order' },
    /** What has begun and not ended, by kind: found again after a crash. */
    open: { name: 'open', partitionKey: 'open', sortKey: 'key' },
  },
} as const;
