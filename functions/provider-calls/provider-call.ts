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
import type { CallOrder } from './ports.ts';

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

/** What is kept until the record is settled. */
type Unsettled = Stored & {
  temporaryFlow: TemporaryFlow | null;
  /** Its create gave up before it dialled, or nothing was placed for certain: only the temporary flow is left to settle. */
  neverDialled: boolean;
  /** How often reconcile has postponed it. */
  postponed: number;
  /** Ids of the calls and groupcalls that may or may not be its own, when several sets of them match. */
  candidates: string[];
};

/** Stored before anything is dialled: create is at work on it, died at it, or failed. No client ever sees it. */
export type Intent = Unsettled & { state: 'intent' };

/** Whether its calls were placed is not known yet. Its customer sees it, with empty id lists. */
export type UnconfirmedProviderCall = Unsettled & { state: 'unconfirmed' };

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

/**
 * Returns the key of a record's calls: one for all its attempts, so that whatever is tried and however late a lost request
 * arrives, no two of them can both dial.
 */
function callIdempotencyKey({ id }: Pick<UnsettledProviderCall, 'id'>): CallIdempotencyKey {
  return `providercall:${id}:calls`;
}

/** Returns what an attempt asks the call backend for. */
export function callOrder(unsettled: UnsettledProviderCall): CallOrder {
  const { id, customerId, providerId, source, destinations, anonymous, createdAt } = unsettled;
  const ownFlowId = unsettled.temporaryFlow?.flowId;
  return {
    id,
    customerId,
    providerId,
    flowId: ownFlowId ?? unsettled.flowId,
    hasOwnFlow: !!ownFlowId,
    source,
    destinations,
    anonymous,
    idempotencyKey: callIdempotencyKey(unsettled),
    createdAt,
  };
}

/** Returns whether an attempt has certainly dialled nothing: create dials only once its flow's id is stored. */
export function hasNeverDialled({
  neverDialled,
  temporaryFlow,
}: Pick<UnsettledProviderCall, 'neverDialled' | 'temporaryFlow'>): boolean {
  return neverDialled || (temporaryFlow !== null && temporaryFlow.flowId === null);
}

/** Returns the response that carries one record. Its headers say what the specification's record has no field for. */
export function recordResponse(record: ProviderCallRecord) {
  return {
    body: presentProviderCall(record),
    headers: {
      'X-ProviderCall-State': record.state,
      'X-ProviderCall-Created-By': actorText(record.createdBy),
      ...(record.deletedBy !== null && { 'X-ProviderCall-Deleted-By': actorText(record.deletedBy) }),
      'X-ProviderCall-Request-Id': record.requestId,
      ...(record.state === 'unconfirmed' &&
        record.candidates.length > 0 && { 'X-ProviderCall-Candidates': record.candidates.join(', ') }),
    },
  };
}

function actorText({ type, id }: Actor): string {
  return `${type}:${id}`;
}

/** Returns the error for what does not exist or is another customer's: neither reveals that the other exists. */
export function providerCallNotFound(): PlatformError {
  return new PlatformError(
    'PROVIDERCALL_NOT_FOUND',
    'There is no such ProviderCall. List the ProviderCalls and choose one.',
  );
}
