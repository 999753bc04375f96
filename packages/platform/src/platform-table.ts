/**
 * The platform stand-in's single table, for the process that creates it and the stack that declares it. All keys are
 * strings. Every index projects all attributes and is sparse: a deleted provider has no list keys, and an ended call
 * has no `open`.
 */
export const PLATFORM_TABLE = {
  /** Name of the table on one machine. Older data folders contain a table with this name. */
  name: 'sandbox',
  partitionKey: 'key',
  /** Seconds since 1970. DynamoDB removes an item some time after it. */
  timeToLive: 'expires',
  indexes: {
    /** All documents of a kind, by time and id. */
    byKind: { name: 'by-kind', partitionKey: 'list_kind', sortKey: 'list_order' },
    /** All documents of a kind that belong to one customer, in the same order. */
    byCustomer: { name: 'by-customer', partitionKey: 'list_customer', sortKey: 'list_order' },
    /** Documents that are unfinished, by kind, so that they are found after a crash. */
    open: { name: 'open', partitionKey: 'open', sortKey: 'key' },
  },
} as const;
