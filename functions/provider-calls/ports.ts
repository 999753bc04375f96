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

/** The route backend: which providers calls can be placed through. */
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
   * Returns the id of the temporary flow that was created under the key; undefined when there is none and never will be. A
   * backend that knows keys is sent the same flow again, which it may create for that.
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

export type NewTemporaryFlow = {
  customerId: CustomerId;
  actions: Action[];
  idempotencyKey: FlowIdempotencyKey;
  /** When the attempt that it belongs to began. */
  createdAt: Timestamp;
};

/** The call backend: it dials. */
export type CallBackend = {
  /**
   * Places a call to every destination, through the one provider.
   *
   * @throws {BackendFailure} whose outcome says whether calls may have been placed
   */
  placeCalls(scope: RequestScope, order: CallOrder): Promise<PlacedCalls>;

  /**
   * Returns what was placed of an order; empty lists when nothing was and nothing will be.
   *
   * @throws {BackendFailure} when the backend cannot say
   */
  findPlaced(scope: RequestScope, order: CallOrder): Promise<PlacedCalls>;
};

/** What a record asks the call backend for, and by what its calls are found again. */
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
 * A call backend that knows no keys: what was placed of an order is found among what it lists (`claimed-calls.ts`).
 */
export type ListingCallBackend = Pick<CallBackend, 'placeCalls'> & {
  /**
   * Returns the calls and groupcalls of a customer with one flow that were created in a period, deleted ones included,
   * without the legs of groupcalls.
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

/** A groupcall as the platform lists it. It does not say which destination it rings: an agent's are its own addresses. */
export type ListedGroupcall = { id: GroupcallId; source: ListedAddress; createdAt: number };

/** A call as the platform lists it. */
export type ListedCall = {
  id: CallId;
  source: ListedAddress;
  destination: ListedAddress;
  /** The only provider that it may use, with its source unchecked; undefined when it was placed in any other way. */
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
 * A backend request without a usable response. `errorResponse` is set when the backend responded with an error; the message
 * quotes nothing of it.
 */
export class BackendFailure extends ReportableError {
  readonly backend: string;
  readonly outcome: Outcome;
  readonly timedOut: boolean;
  /** It was not sent, because the backend does not respond to anything at present. */
  readonly skipped: boolean;
  readonly errorResponse: BackendErrorResponse | undefined;
  /** Ids of the calls and groupcalls that may or may not be those that were asked for; undefined when nothing was compared. */
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
 * The times, in milliseconds, on which "never a second call" rests. They are counted from the intent's `tm_create`:
 * a create that has not begun to place its calls by `dialWithin` gives up, and what it then sent has failed or
 * succeeded `callBackend` later. Lambda ends it at `create`, whatever it is doing. Only after `intentLifetime`, with
 * room for clocks that differ, does anyone else touch the intent.
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
