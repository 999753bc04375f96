import type {
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
import { ReportableError } from '../platform-error.ts';
import type { RequestScope } from '../request-scope.ts';
import type { Action, Address, Anonymous } from './create-request.ts';
import type { PlacedCalls } from './provider-call.ts';
import type { ProviderCallStore } from './provider-call-store.ts';

/*
 * What the use cases need from the backends. functions/backends implements these ports; each of its failures is a
 * BackendFailure that says what is known about the request's effect.
 */

/** The route backend, which knows the providers through which calls can be placed. */
export type RouteBackend = {
  /**
   * Returns whether the provider exists and is not deleted.
   *
   * @throws {BackendFailure} when the backend cannot say
   */
  hasProvider(scope: RequestScope, id: ProviderId): Promise<boolean>;
};

/** The flow backend: temporary flows for inline actions. */
export type FlowBackend = {
  /**
   * Creates the temporary flow. Returns its id.
   *
   * @throws {BackendFailure}
   */
  createTemporaryFlow(scope: RequestScope, flow: NewTemporaryFlow): Promise<FlowId>;

  /**
   * Returns the id of the temporary flow that was created under the key; undefined when there is none and never will
   * be. A backend that supports idempotency keys is sent the same flow again, and may create it in response.
   *
   * @throws {BackendFailure} when the backend cannot say
   */
  findTemporaryFlow(scope: RequestScope, flow: NewTemporaryFlow): Promise<FlowId | undefined>;

  /**
   * Deletes a flow; one that does not exist counts as deleted.
   *
   * @throws {BackendFailure}
   */
  deleteFlow(scope: RequestScope, id: FlowId): Promise<void>;
};

/** What a temporary flow is created from. */
export type NewTemporaryFlow = {
  customerId: CustomerId;
  actions: Action[];
  idempotencyKey: FlowIdempotencyKey;
  /** When the attempt to which it belongs started. */
  createdAt: Timestamp;
};

/** The call backend, which dials. */
export type CallBackend = {
  /**
   * Places a call to every destination, through the given provider.
   *
   * @throws {BackendFailure} whose outcome says whether calls may have been placed
   */
  placeCalls(scope: RequestScope, order: CallOrder): Promise<PlacedCalls>;

  /**
   * Returns the calls and groupcalls that were placed for an order; empty lists if there are none and will be none.
   *
   * @throws {BackendFailure} when the backend cannot say
   */
  findPlaced(scope: RequestScope, order: CallOrder): Promise<PlacedCalls>;
};

/** The calls that a record requests from the call backend, and the properties by which they are found again. */
export type CallOrder = {
  /** The record's id. */
  id: ProviderCallId;
  customerId: CustomerId;
  providerId: ProviderId;
  /** The flow that the calls run, the temporary one if there is one; the nil UUID for none. */
  flowId: FlowId;
  /** Whether the flow was created for these calls, so that no others can have it. */
  hasOwnFlow: boolean;
  source: Address | null;
  destinations: Address[];
  anonymous: Anonymous;
  idempotencyKey: CallIdempotencyKey;
  /** When the attempt began: no call of it is older. */
  createdAt: Timestamp;
};

/**
 * A call backend without idempotency keys: the calls placed for an order are found among those that it lists
 * (`claimed-calls.ts`).
 */
export type ListingCallBackend = Pick<CallBackend, 'placeCalls'> & {
  /**
   * Returns a customer's calls and groupcalls with a given flow that were created in a period, including deleted ones,
   * but not the legs of groupcalls.
   *
   * @throws {BackendFailure} when the backend cannot say
   */
  listCalls(
    scope: RequestScope,
    order: Pick<CallOrder, 'customerId' | 'flowId'>,
    period: Period,
  ): Promise<{ calls: ListedCall[]; groupcalls: ListedGroupcall[] }>;
};

/** An address as the platform lists it. */
export type ListedAddress = { type: string; target: string };

/**
 * A groupcall as the platform lists it. It does not name the requested destination: for an agent, it has the agent's
 * own addresses.
 */
export type ListedGroupcall = { id: GroupcallId; source: ListedAddress; createdAt: number };

/** A call as the platform lists it. */
export type ListedCall = {
  id: CallId;
  source: ListedAddress;
  destination: ListedAddress;
  /**
   * The only provider that the call may use, with its source unchecked; undefined if it was placed in any other way.
   */
  providerId: ProviderId | undefined;
  createdAt: number;
};

/** Milliseconds since 1970, both inclusive. */
export type Period = { from: number; to: number };

/** What settling an attempt needs. */
export type SettleDeps = {
  store: ProviderCallStore;
  flowBackend: FlowBackend;
  callBackend: CallBackend;
  now: () => Date;
};

/** What create needs. */
export type CreateDeps = SettleDeps & { routeBackend: RouteBackend };

/**
 * What is known about a request that did not succeed: `nothing-done` when the backend has certainly not acted on it,
 * `unknown` when it may have.
 */
export type Outcome = 'nothing-done' | 'unknown';

/** An error response of a backend, as far as it follows the platform's envelope. */
export type BackendErrorResponse = {
  status: number;
  reason: string | undefined;
  message: string | undefined;
  retryAfterSeconds: number | undefined;
};

/**
 * A backend request without a usable response. `errorResponse` is set if the backend responded with an error; the
 * message does not quote it.
 */
export class BackendFailure extends ReportableError {
  readonly backend: string;
  readonly outcome: Outcome;
  readonly timedOut: boolean;
  /** Whether the request was not sent because the backend is not responding at present. */
  readonly skipped: boolean;
  readonly errorResponse: BackendErrorResponse | undefined;
  /** Ids of the calls and groupcalls that may or may not be the requested ones; undefined if nothing was compared. */
  readonly candidates: string[] | undefined;

  constructor(
    backend: string,
    message: string,
    known: {
      outcome: Outcome;
      timedOut?: boolean;
      skipped?: boolean;
      errorResponse?: BackendErrorResponse;
      candidates?: string[];
      cause?: unknown;
    },
  ) {
    super(`${backend} backend: ${message}`, { cause: known.cause });
    this.name = 'BackendFailure';
    this.backend = backend;
    this.outcome = known.outcome;
    this.timedOut = known.timedOut ?? false;
    this.skipped = known.skipped ?? false;
    this.errorResponse = known.errorResponse;
    this.candidates = known.candidates;
  }
}

/**
 * The times, in milliseconds, on which "never a second call" rests. They are counted from the intent's `tm_create`: a
 * create that has not started to place its calls by `dialWithin` does not place them, and a request that it sent by then has
 * failed or succeeded `callBackend` later. Lambda stops it at `create`, whatever it is doing. Only after
 * `intentLifetime`, with room for clocks that differ, does anyone else touch the intent.
 */
export const TIME_LIMITS = {
  routeBackend: 3_000,
  flowBackend: 4_000,
  callBackend: 10_000,
  dialWithin: 10_000,
  create: 28_000,
  intentLifetime: 60_000,
  /** How long reconcile waits before it retries what it could not settle: doubled each time, up to the maximum. */
  settleAgainAfter: 5 * 60_000,
  maxSettleAgainAfter: 60 * 60_000,
  /** How long the flow and call backends remember an Idempotency-Key, or what was requested without one. After that, an empty response proves nothing. */
  requestsRemembered: 7 * 24 * 60 * 60_000,
  /** The age from which an unsettled record needs an operator. */
  operatorAfter: 24 * 60 * 60_000,
} as const;
