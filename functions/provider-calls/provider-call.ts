import type {
  AttemptId,
  CallId,
  CallIdempotencyKey,
  CustomerId,
  FlowId,
  FlowIdempotencyKey,
  GroupcallId,
  ProviderCallId,
  ProviderId,
  Timestamp,
} from '../flavor.ts';
import { PlatformError } from '../platform-error.ts';
import type { Action, Address, Anonymous } from './create-request.ts';

/** Who did something: an agent by token, or an access key, by id. */
export type Actor = { type: 'agent' | 'accesskey'; id: string };

/**
 * The audit record of the specification. `flowId` is the nil UUID when no flow was attached; a temporary flow created
 * for inline actions is not named here.
 */
export type ProviderCall = {
  id: ProviderCallId;
  customerId: CustomerId;
  providerId: ProviderId;
  flowId: FlowId;
  source: Address | null;
  destinations: Address[];
  anonymous: Anonymous;
  callIds: CallId[];
  groupcallIds: GroupcallId[];
  createdAt: Timestamp;
  updatedAt: Timestamp;
  deletedAt: Timestamp | null;
};

/** The ids of what one request to the call backend placed. */
export type PlacedCalls = Pick<ProviderCall, 'callIds' | 'groupcallIds'>;

/** The client's Idempotency-Key as lower-case hexadecimal SHA-256, and what the first request with it asked for. */
type Idempotency = { keyHash: string; fingerprint: string };

/** The inline actions, kept until the record is settled: posting them again finds a flow whose id was never learnt. */
type TemporaryFlow = { actions: Action[]; flowId: FlowId | null };

type Stored = ProviderCall & {
  /**
   * Which run of create made the intent. Every later write names it, so that a run that was thought dead can
   * never write to what another run has made under the same id.
   */
  attempt: AttemptId;
  createdBy: Actor;
  deletedBy: Actor | null;
  requestId: string;
  idempotency: Idempotency | null;
};

/** Stored before anything is dialled: create is at work on it, or died at it. No client ever sees it. */
export type Intent = Stored & { state: 'intent'; temporaryFlow: TemporaryFlow | null };

/** Whether its calls were placed is not known yet. Its customer sees it, with empty id lists. */
export type UnconfirmedProviderCall = Stored & {
  state: 'unconfirmed';
  temporaryFlow: TemporaryFlow | null;
};

/** Its calls were placed and their ids are known. */
export type PlacedProviderCall = Stored & { state: 'placed'; temporaryFlow: null };

/** What settling may still change. */
export type UnsettledProviderCall = Intent | UnconfirmedProviderCall;

/** What a client may see, with everything that is stored. */
export type ProviderCallRecord = UnconfirmedProviderCall | PlacedProviderCall;

/** Everything the table can hold under an id. */
export type StoredProviderCall = Intent | ProviderCallRecord;

/** A record as lists return it: the fields of the specification, and whether it is confirmed. */
export type VisibleProviderCall = ProviderCall & { state: ProviderCallRecord['state'] };

/** Returns the record as the API responds with it: the specification's fields in the specification's order. */
export function presentProviderCall(record: VisibleProviderCall) {
  return {
    id: record.id,
    customer_id: record.customerId,
    provider_id: record.providerId,
    flow_id: record.flowId,
    source: record.source,
    destinations: record.destinations,
    anonymous: record.anonymous,
    call_ids: record.callIds,
    groupcall_ids: record.groupcallIds,
    tm_create: record.createdAt,
    tm_update: record.updatedAt,
    tm_delete: record.deletedAt,
  };
}

/** Returns the key of an attempt's temporary flow. Each attempt has a flow of its own: that of an earlier one may be deleted. */
export function flowIdempotencyKey({ id, attempt }: Pick<Stored, 'id' | 'attempt'>): FlowIdempotencyKey {
  return `providercall:${id}:flow:${attempt}`;
}

/** Returns the key of a record's calls: one, whatever is attempted, so that no two attempts can both dial. */
export function callIdempotencyKey({ id }: Pick<Stored, 'id'>): CallIdempotencyKey {
  return `providercall:${id}:calls`;
}

/** Returns the response that carries one record. */
export function recordResponse(record: VisibleProviderCall) {
  return { body: presentProviderCall(record), headers: stateHeader([record]) };
}

/** Returns the header that says that a record is unconfirmed: the record itself has the specification's fields only. */
export function stateHeader(records: Pick<VisibleProviderCall, 'state'>[]): Record<string, string> {
  return records.some(({ state }) => state === 'unconfirmed')
    ? { 'X-ProviderCall-State': 'unconfirmed' }
    : {};
}

/** Returns the error for what does not exist or is another customer's: neither reveals that the other exists. */
export function providerCallNotFound(): PlatformError {
  return new PlatformError(
    'PROVIDERCALL_NOT_FOUND',
    'There is no such ProviderCall. List the ProviderCalls and choose one.',
  );
}
