/**
 * A string with a meaning. Two flavors are not assignable to each other, so a customer's id cannot be passed where a
 * flow's is expected, nor a timestamp where a key is; a plain string, such as a parsed one, is assignable to any
 * flavor.
 */
export type Flavor<Meaning extends string> = string & { readonly flavor?: Meaning };

export type ProviderCallId = Flavor<'ProviderCall id'>;
export type CustomerId = Flavor<'customer id'>;
export type ProviderId = Flavor<'provider id'>;
export type FlowId = Flavor<'flow id'>;
export type CallId = Flavor<'call id'>;
export type GroupcallId = Flavor<'groupcall id'>;

/** The run of create that stored an intent. */
export type AttemptId = Flavor<'attempt id'>;

/** The key that a client chose for its request. */
export type ClientIdempotencyKey = Flavor<"client's idempotency key">;

/** The key under which an attempt's temporary flow is created. */
export type FlowIdempotencyKey = Flavor<"flow's idempotency key">;

/** The key under which a record's calls are placed. */
export type CallIdempotencyKey = Flavor<"calls' idempotency key">;

/** A platform timestamp: UTC, `YYYY-MM-DD HH:MM:SS.ffffff`. */
export type Timestamp = Flavor<'timestamp'>;
