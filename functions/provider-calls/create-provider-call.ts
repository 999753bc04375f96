import { randomUUID } from 'node:crypto';
import { answerToFailure } from '../backends/answer-to-failure.ts';
import { BackendFailure } from '../backends/backend-failure.ts';
import type { RouteBackend } from '../backends/route-backend.ts';
import { PlatformError } from '../platform-error.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import { deriveUuid, nilUuid } from '../uuid.ts';
import { type CreateRequest, fingerprintOf } from './create-request.ts';
import { hashIdempotencyKey } from './idempotency-key.ts';
import type { Actor } from './provider-call.ts';
import {
  abandon,
  dueAfterCreate,
  hasOutlivedCreate,
  type SettleCollaborators,
  settleProviderCall,
} from './settle-provider-call.ts';
import { callIdempotencyKey, flowIdempotencyKey, type StoredProviderCall } from './stored-provider-call.ts';
import { timeLimits } from './time-limits.ts';

export type CreateCollaborators = SettleCollaborators & { routeBackend: RouteBackend };

/** What one super-admin asks for. */
export type CreateOrder = {
  customerId: string;
  actor: Actor;
  request: CreateRequest;
  /** The client's Idempotency-Key; undefined makes every order a new one. */
  idempotencyKey: string | undefined;
};

export type CreateResult = { record: StoredProviderCall; replayed: boolean };

/** Seconds after which a request with the same key is worth another try while the first is under way. */
const IN_PROGRESS_RETRY_SECONDS = 5;

/** How often an earlier attempt under the same key may vanish before this one gives way. */
const INSERT_TRIES = 3;

const outcomeUnknown = (id: string, message: string, cause?: unknown) =>
  new PlatformError('CALL_OUTCOME_UNKNOWN', message, { details: [{ providercall_id: id }], cause });

const inProgress = () =>
  new PlatformError(
    'REQUEST_IN_PROGRESS',
    'The first request with this Idempotency-Key is still under way. Send the same request again later.',
    { retryAfterSeconds: IN_PROGRESS_RETRY_SECONDS },
  );

/** Why no call can go through the provider; undefined when one can. */
const providerFault = async (
  { routeBackend }: CreateCollaborators,
  scope: RequestScope,
  providerId: string,
): Promise<PlatformError | undefined> => {
  try {
    if (await routeBackend.hasProvider(scope, providerId)) return undefined;
  } catch (error) {
    if (error instanceof BackendFailure) return answerToFailure(error);
    throw error;
  }
  return new PlatformError(
    'PROVIDER_NOT_FOUND',
    'The provider does not exist or has been deleted. List the providers and choose a current one.',
    { details: [{ field: 'provider_id', message: 'names no current provider' }] },
  );
};

const intentOf = (
  { customerId, actor, request, idempotencyKey }: CreateOrder,
  requestId: string,
  now: Date,
): StoredProviderCall => {
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
      request.flow_id === nilUuid && request.actions.length > 0
        ? { actions: request.actions, flowId: null }
        : null,
  };
};

/**
 * Answers a request from what an earlier one with the same Idempotency-Key left. Gives the record; undefined when the
 * earlier one turns out to have placed nothing and is gone.
 */
const recall = async (
  collaborators: CreateCollaborators,
  scope: RequestScope,
  intent: StoredProviderCall,
  earlier: StoredProviderCall,
): Promise<StoredProviderCall | undefined> => {
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
      if (!hasOutlivedCreate(earlier, collaborators.now())) throw inProgress();
      const settlement = await settleProviderCall(collaborators, scope, earlier);
      if (settlement.kind === 'open') {
        throw outcomeUnknown(
          earlier.id,
          'What became of the first request with this Idempotency-Key cannot be found out now. Send the same request again later.',
        );
      }
      return settlement.kind === 'placed' ? settlement.record : undefined;
    }
  }
};

/** Step 3: gives the intent once it is stored, or the record that an earlier request with the same key left. */
const begin = async (
  collaborators: CreateCollaborators,
  scope: RequestScope,
  intent: StoredProviderCall,
): Promise<StoredProviderCall> => {
  for (let tries = 0; tries < INSERT_TRIES; tries += 1) {
    const standing = await collaborators.store.insertIntent(intent, dueAfterCreate(intent.createdAt));
    if (standing.attempt === intent.attempt) return standing;
    const earlier = await recall(collaborators, scope, intent, standing);
    if (earlier !== undefined) return earlier;
  }
  throw inProgress();
};

/** Takes the attempt back as far as that is possible now; reconcile does the rest. */
const takeBack = async (
  collaborators: CreateCollaborators,
  scope: RequestScope,
  intent: StoredProviderCall,
) => {
  try {
    await abandon(collaborators, scope, intent);
  } catch (error) {
    scope.warn('an attempt that placed nothing is left to reconcile', error);
  }
};

/** Step 4: gives the intent with its temporary flow's id noted, or as it is when it needs no such flow. */
const attachTemporaryFlow = async (
  collaborators: CreateCollaborators,
  scope: RequestScope,
  intent: StoredProviderCall,
): Promise<StoredProviderCall> => {
  if (intent.temporaryFlow === null) return intent;
  const { actions } = intent.temporaryFlow;
  let flowId: string;
  try {
    flowId = await collaborators.flowBackend.createTemporaryFlow(scope, {
      customerId: intent.customerId,
      actions,
      idempotencyKey: flowIdempotencyKey(intent),
    });
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    // A flow that may have been made has to be found again first. That would ask the same backend the same once more:
    // reconcile does it when the backend has had time to recover.
    if (error.outcome === 'nothing-done')
      await takeBack(collaborators, scope, { ...intent, temporaryFlow: null });
    throw answerToFailure(error);
  }
  const withFlow = { ...intent, temporaryFlow: { actions, flowId } };
  try {
    const standing = await collaborators.store.noteTemporaryFlow(intent, flowId);
    if (standing?.attempt === intent.attempt && standing.state === 'intent') return standing;
  } catch (error) {
    await takeBack(collaborators, scope, withFlow);
    throw error;
  }
  await takeBack(collaborators, scope, withFlow);
  throw outOfTime();
};

const outOfTime = () =>
  new PlatformError('REQUEST_TIMEOUT', 'The request took too long. Nothing was dialled; send it again.');

/** Step 5. A failure after which nothing can have been placed takes the attempt back; any other one leaves an unconfirmed record. */
const placeCalls = async (
  collaborators: CreateCollaborators,
  scope: RequestScope,
  intent: StoredProviderCall,
) => {
  const age = collaborators.now().getTime() - timestampMilliseconds(intent.createdAt);
  if (age > timeLimits.dialWithin) {
    await takeBack(collaborators, scope, intent);
    throw outOfTime();
  }
  try {
    const placed = await collaborators.callBackend.placeCalls(scope, {
      customerId: intent.customerId,
      providerId: intent.providerId,
      flowId: intent.temporaryFlow?.flowId ?? intent.flowId,
      source: intent.source,
      destinations: intent.destinations,
      anonymous: intent.anonymous,
      idempotencyKey: callIdempotencyKey(intent),
    });
    scope.count('CallsPlaced', placed.callIds.length + placed.groupcallIds.length);
    return placed;
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error;
    if (error.outcome === 'nothing-done') {
      await takeBack(collaborators, scope, intent);
      throw answerToFailure(error);
    }
    scope.count('CallsUnconfirmed', 1);
    try {
      await collaborators.store.markUnconfirmed(intent, dueAfterCreate(intent.createdAt));
    } catch (failure) {
      scope.warn('an unconfirmed record is left as an intent to reconcile', failure);
    }
    throw outcomeUnknown(
      intent.id,
      'The calls may have been placed. Read the record until it is confirmed or gone; do not send the request anew.',
      error,
    );
  }
};

/**
 * Places calls through one provider and gives their record.
 * 1. The request is valid: the edge has seen to that.
 * 2. The provider exists and is not deleted; otherwise nothing is written.
 * 3. Store the intent, on the condition that its id is new. An id made of an Idempotency-Key that is there already
 *    is answered from what it stands for.
 * 4. Make the temporary flow, if there are inline actions and no flow, and note its id on the intent.
 * 5. Place the calls.
 * 6. Turn the intent into the record.
 *
 * Throws PlatformError. What cannot be undone after step 3 is left on the intent for reconcile.
 */
export const createProviderCall = async (
  collaborators: CreateCollaborators,
  scope: RequestScope,
  order: CreateOrder,
): Promise<CreateResult> => {
  const { store, now } = collaborators;
  const intent = intentOf(order, scope.requestId, now());
  // 2
  const fault = await providerFault(collaborators, scope, intent.providerId);
  if (fault !== undefined) {
    // A provider may go after the calls were placed: the same request again still gets its record.
    const standing = order.idempotencyKey === undefined ? undefined : await store.get(intent.id);
    const earlier = standing && (await recall(collaborators, scope, intent, standing));
    if (earlier === undefined) throw fault;
    return { record: earlier, replayed: true };
  }
  // 3
  const standing = await begin(collaborators, scope, intent);
  if (standing.attempt !== intent.attempt) return { record: standing, replayed: true };
  // 4
  const prepared = await attachTemporaryFlow(collaborators, scope, standing);
  // 5
  const placed = await placeCalls(collaborators, scope, prepared);
  // 6
  try {
    return { record: await store.complete(prepared, placed, intent.createdAt), replayed: false };
  } catch (cause) {
    scope.count('CallsUnconfirmed', 1);
    throw outcomeUnknown(
      intent.id,
      'The calls were placed, but their record is not complete yet; it will be within minutes. Do not send the request anew.',
      cause,
    );
  }
};
