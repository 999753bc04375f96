import { randomUUID } from 'node:crypto';
import type { ClientIdempotencyKey, CustomerId, FlowId, ProviderCallId, ProviderId } from '../flavor.ts';
import { PlatformError } from '../platform-error.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import { deriveUuid, NIL_UUID } from '../uuid.ts';
import { type CreateRequest, fingerprintOf, hashIdempotencyKey } from './create-request.ts';
import { nothingDialled } from './nothing-dialled.ts';
import { BackendFailure, type CreateDeps, TIME_LIMITS } from './ports.ts';
import {
  type Actor,
  callOrder,
  flowIdempotencyKey,
  type Intent,
  type PlacedCalls,
  type ProviderCallRecord,
  type StoredProviderCall,
} from './provider-call.ts';
import { dueAfterCreate, hasOutlivedCreate, rollBack, settleProviderCall } from './settle-provider-call.ts';

/** What one super-admin asks for. */
export type CreateInput = {
  customerId: CustomerId;
  actor: Actor;
  request: CreateRequest;
  /** The client's Idempotency-Key; without one every request is a new one. */
  idempotencyKey: ClientIdempotencyKey | undefined;
};

/** The record, and whether an earlier request with the same Idempotency-Key left it. */
export type CreateResult = { record: ProviderCallRecord; replayed: boolean };

/** Seconds after which a client should repeat a request whose first attempt is still in progress. */
const IN_PROGRESS_RETRY_SECONDS = 5;

/** How often an earlier attempt under the same key may disappear before this one fails. */
const MAX_INSERT_TRIES = 3;

/**
 * Places calls through one provider and returns their record.
 * 1. The request is valid, which the edge has checked.
 * 2. Check that the provider exists and is not deleted; otherwise nothing is written.
 * 3. Store the intent, on the condition that its id is new. If an id derived from an Idempotency-Key exists, the
 *    response is made from what is stored under it.
 * 4. Create the temporary flow, if there are inline actions and no flow, and store its id on the intent.
 * 5. Place the calls.
 * 6. Turn the intent into the record.
 *
 * What cannot be undone after step 3 is left on the intent for reconcile.
 *
 * @throws {PlatformError} PROVIDER_NOT_FOUND when no call can be placed through the provider
 * @throws {PlatformError} IDEMPOTENCY_KEY_REUSED when the key was used with another body
 * @throws {PlatformError} REQUEST_IN_PROGRESS while the first request with the key is in progress
 * @throws {PlatformError} CALL_OUTCOME_UNKNOWN when calls may have been placed that the record does not name yet
 * @throws {PlatformError} any reason of `nothingDialled` when a backend failed and certainly nothing was dialled
 */
export async function createProviderCall(
  deps: CreateDeps,
  scope: RequestScope,
  input: CreateInput,
): Promise<CreateResult> {
  const { store, now } = deps;
  const intent = newIntent(input, scope.requestId, now());
  // 2
  const providerError = await checkProvider(deps, scope, intent.providerId);
  if (providerError !== undefined) {
    // A provider may be deleted after the calls were placed: the same request again still gets its record.
    const existing = input.idempotencyKey === undefined ? undefined : await store.get(intent.id);
    const earlier = existing && (await replay(deps, scope, intent, existing));
    if (earlier === undefined) throw providerError;
    return { record: earlier, replayed: true };
  }
  // 3
  const start = await insertOrReplay(deps, scope, intent);
  if (start.kind === 'replayed') return { record: start.record, replayed: true };
  // 4
  const prepared = await attachTemporaryFlow(deps, scope, start.intent);
  // 5
  const placed = await placeCalls(deps, scope, prepared);
  // 6
  return { record: await completeRecord(deps, scope, prepared, placed), replayed: false };
}

function newIntent(
  { customerId, actor, request, idempotencyKey }: CreateInput,
  requestId: string,
  now: Date,
): Intent {
  const createdAt = formatTimestamp(now);
  return {
    id: idempotencyKey === undefined ? randomUUID() : deriveUuid('providercall', customerId, idempotencyKey),
    customerId,
    providerId: request.provider_id,
    flowId: request.flow_id,
    source: request.source,
    destinations: request.destinations,
    anonymous: request.anonymous,
    callIds: [],
    groupcallIds: [],
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
    state: 'intent',
    attempt: randomUUID(),
    createdBy: actor,
    deletedBy: null,
    requestId,
    idempotency:
      idempotencyKey === undefined
        ? null
        : { keyHash: hashIdempotencyKey(idempotencyKey), fingerprint: fingerprintOf(request) },
    temporaryFlow:
      request.flow_id === NIL_UUID && request.actions.length > 0
        ? { actions: request.actions, flowId: null }
        : null,
    neverDialled: false,
    postponed: 0,
    candidates: [],
  };
}

/** Step 2. Returns why calls cannot be placed through the provider, or undefined if they can. */
async function checkProvider(
  { routeBackend }: CreateDeps,
  scope: RequestScope,
  providerId: ProviderId,
): Promise<PlatformError | undefined> {
  try {
    if (await routeBackend.hasProvider(scope, providerId)) return undefined;
  } catch (error) {
    if (error instanceof BackendFailure) return nothingDialled(error);
    throw error;
  }
  return new PlatformError(
    'PROVIDER_NOT_FOUND',
    'The provider does not exist or has been deleted. List the providers and choose a current one.',
    { details: [{ field: 'provider_id', message: 'names no current provider' }] },
  );
}

type Start = { kind: 'inserted'; intent: Intent } | { kind: 'replayed'; record: ProviderCallRecord };

/** Step 3. Returns the intent once it is stored, or the record that an earlier request with the same key left. */
async function insertOrReplay(deps: CreateDeps, scope: RequestScope, intent: Intent): Promise<Start> {
  for (let tries = 0; tries < MAX_INSERT_TRIES; tries += 1) {
    const result = await deps.store.insertIntent({ intent, due: dueAfterCreate(intent.createdAt) });
    if (result.kind === 'inserted') return result;
    const earlier = await replay(deps, scope, intent, result.stored);
    if (earlier !== undefined) return { kind: 'replayed', record: earlier };
  }
  throw inProgress();
}

/**
 * Returns the record that an earlier request with the same Idempotency-Key left; undefined when that request turns out to
 * have placed nothing and is gone.
 *
 * @throws {PlatformError} IDEMPOTENCY_KEY_REUSED, REQUEST_IN_PROGRESS or CALL_OUTCOME_UNKNOWN
 */
async function replay(
  deps: CreateDeps,
  scope: RequestScope,
  intent: Intent,
  earlier: StoredProviderCall,
): Promise<ProviderCallRecord | undefined> {
  if (earlier.idempotency?.fingerprint !== intent.idempotency?.fingerprint) {
    throw new PlatformError(
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key was used with another body. Send the first body again, or choose a new key.',
    );
  }
  switch (earlier.state) {
    case 'placed':
      return earlier;
    case 'unconfirmed':
      throw outcomeUnknown(
        earlier.id,
        'Whether the first request with this Idempotency-Key placed its calls is not known yet. Read the record later.',
      );
    case 'intent': {
      // A create that has failed is no longer running, however recent its intent is.
      if (!earlier.neverDialled && !hasOutlivedCreate(earlier, deps.now())) throw inProgress();
      const settlement = await settleProviderCall(deps, scope, earlier);
      switch (settlement.kind) {
        case 'placed':
          return settlement.record;
        case 'gone':
          return undefined;
        case 'flow-remains':
          throw new PlatformError(
            'SERVICE_UNAVAILABLE',
            'The temporary flow of an earlier attempt could not be deleted yet. Nothing was dialled; try again.',
          );
        case 'unconfirmed':
          throw outcomeUnknown(
            earlier.id,
            'Whether the first request with this Idempotency-Key placed its calls cannot be determined now. Send the same request again later.',
          );
      }
    }
  }
}

/** Step 4. Returns the intent with its temporary flow's id, or unchanged if it needs no such flow. */
async function attachTemporaryFlow(deps: CreateDeps, scope: RequestScope, intent: Intent): Promise<Intent> {
  if (intent.temporaryFlow === null) return intent;
  const { actions } = intent.temporaryFlow;
  let flowId: FlowId;
  try {
    flowId = await deps.flowBackend.createTemporaryFlow(scope, {
      customerId: intent.customerId,
      actions,
      idempotencyKey: flowIdempotencyKey(intent),
      createdAt: intent.createdAt,
    });
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    // A flow that may exist has to be found first, by the same request to the same backend. The next request with the key
    // does that, or reconcile, once the backend has had time to recover.
    if (error.outcome === 'nothing-done') await tryRollBack(deps, scope, { ...intent, temporaryFlow: null });
    else await tryMarkNeverDialled(deps, scope, intent);
    throw nothingDialled(error);
  }
  const withFlow = { ...intent, temporaryFlow: { actions, flowId } };
  try {
    const noted = await deps.store.noteTemporaryFlow({ intent, flowId });
    if (noted !== undefined) return noted;
  } catch (error) {
    await tryRollBack(deps, scope, withFlow);
    throw error;
  }
  await tryRollBack(deps, scope, withFlow);
  throw outOfTime();
}

/** Step 5. A failure that certainly placed nothing rolls the attempt back; any other leaves an unconfirmed record. */
async function placeCalls(deps: CreateDeps, scope: RequestScope, intent: Intent): Promise<PlacedCalls> {
  const age = deps.now().getTime() - timestampMilliseconds(intent.createdAt);
  if (age > TIME_LIMITS.dialWithin) {
    await tryRollBack(deps, scope, intent);
    throw outOfTime();
  }
  try {
    const placed = await deps.callBackend.placeCalls(scope, callOrder(intent));
    scope.count('CallsPlaced', placed.callIds.length + placed.groupcallIds.length);
    return placed;
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    if (error.outcome === 'nothing-done') {
      await tryRollBack(deps, scope, intent);
      throw nothingDialled(error);
    }
    scope.count('CallsUnconfirmed', 1);
    try {
      await deps.store.markUnconfirmed({ unsettled: intent, due: dueAfterCreate(intent.createdAt) });
    } catch (failure) {
      scope.warn('an unconfirmed record is left as an intent to reconcile', failure);
    }
    throw outcomeUnknown(
      intent.id,
      'The calls may have been placed. Read the record until it is confirmed or gone; do not send the request as a new one.',
      error,
    );
  }
}

/** Step 6. The calls are placed: whatever fails here, reconcile finds them by the intent. */
async function completeRecord(
  { store }: CreateDeps,
  scope: RequestScope,
  intent: Intent,
  placed: PlacedCalls,
): Promise<ProviderCallRecord> {
  let cause: unknown;
  try {
    const stored = await store.complete({ unsettled: intent, placed, updatedAt: intent.createdAt });
    if (stored.state !== 'intent') return stored;
  } catch (error) {
    cause = error;
  }
  scope.count('CallsUnconfirmed', 1);
  throw outcomeUnknown(
    intent.id,
    'The calls were placed, but their record is not complete yet; it will be within minutes. Do not send the request as a new one.',
    cause,
  );
}

/** Rolls the attempt back as far as that is possible now; the next request with its key or reconcile does the rest. */
async function tryRollBack(deps: CreateDeps, scope: RequestScope, intent: Intent): Promise<void> {
  try {
    await rollBack(deps, scope, intent);
  } catch (error) {
    scope.warn('an attempt that placed nothing is left to reconcile', error);
    await tryMarkNeverDialled(deps, scope, intent);
  }
}

/** Marks the intent of a create that failed before it dialled and could not be rolled back. */
async function tryMarkNeverDialled(
  { store }: CreateDeps,
  scope: RequestScope,
  intent: Intent,
): Promise<void> {
  try {
    await store.markNeverDialled(intent);
  } catch (error) {
    scope.warn('a failed attempt could not be marked as one', error);
  }
}

function outcomeUnknown(id: ProviderCallId, message: string, cause?: unknown): PlatformError {
  return new PlatformError('CALL_OUTCOME_UNKNOWN', message, { details: [{ providercall_id: id }], cause });
}

function inProgress(): PlatformError {
  return new PlatformError(
    'REQUEST_IN_PROGRESS',
    'The first request with this Idempotency-Key is still in progress. Send the same request again later.',
    { retryAfterSeconds: IN_PROGRESS_RETRY_SECONDS },
  );
}

function outOfTime(): PlatformError {
  return new PlatformError(
    'REQUEST_TIMEOUT',
    'The request took too long. Nothing was dialled; send it again.',
  );
}
