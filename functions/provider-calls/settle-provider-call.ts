import type { FlowId, Timestamp } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import type { Action } from './create-request.ts';
import { BackendFailure, type SettleDeps, TIME_LIMITS } from './ports.ts';
import {
  callOrder,
  flowIdempotencyKey,
  hasNeverDialled,
  type PlacedCalls,
  type PlacedProviderCall,
  type UnsettledProviderCall,
} from './provider-call.ts';

/**
 * How settling ended: the calls are known; nothing was placed and the attempt is gone; nothing was placed, but its flow
 * remains for now; or what was placed cannot be known yet, and the record is unconfirmed.
 */
export type Settlement =
  | { kind: 'placed'; record: PlacedProviderCall }
  | { kind: 'gone' }
  | { kind: 'flow-remains'; cause: unknown }
  | { kind: 'unconfirmed' };

/**
 * Finds out how an intent or unconfirmed record whose create is over has ended, and settles it.
 * 1. Ask the call backend what was placed of the record's order, unless it has never dialled. While the backend cannot
 *    say, or may have forgotten the request, the record is unconfirmed.
 * 2. Something: complete the record.
 * 3. Nothing: delete the temporary flow, then the intent.
 *
 * Every step can be repeated, by this run, a later one or two at once. Backend failures are noted on the scope and
 * leave it open.
 *
 * @throws {Error} whatever the store throws
 */
export async function settleProviderCall(
  deps: SettleDeps,
  scope: RequestScope,
  unsettled: UnsettledProviderCall,
): Promise<Settlement> {
  const { store, now } = deps;
  if (!hasNeverDialled(unsettled)) {
    // 1
    let placed: PlacedCalls;
    try {
      placed = await findPlaced(deps, scope, unsettled);
    } catch (error) {
      scope.warn('the call backend cannot say what was placed', error);
      const { candidates = unsettled.candidates } = error instanceof BackendFailure ? error : unsettled;
      await store.markUnconfirmed({ unsettled, candidates, ...nextTry(unsettled, now(), error) });
      return { kind: 'unconfirmed' };
    }
    // 2
    if (placed.callIds.length + placed.groupcallIds.length > 0) {
      const record = await store.complete({ unsettled, placed, updatedAt: formatTimestamp(now()) });
      // If a later attempt exists under the same id, the calls are its own: it places them under the same key.
      return record.state === 'placed' ? { kind: 'placed', record } : { kind: 'unconfirmed' };
    }
  }
  // 3
  try {
    await rollBack(deps, scope, unsettled);
  } catch (error) {
    scope.warn('the temporary flow could not be deleted', error);
    return { kind: 'flow-remains', cause: error };
  }
  return { kind: 'gone' };
}

/**
 * Step 1.
 *
 * @throws {BackendFailure} when the backend cannot say, and when it may have forgotten the request
 */
async function findPlaced(
  { callBackend, now }: SettleDeps,
  scope: RequestScope,
  unsettled: UnsettledProviderCall,
): Promise<PlacedCalls> {
  const placed = await callBackend.findPlaced(scope, callOrder(unsettled));
  if (placed.callIds.length + placed.groupcallIds.length === 0 && mayBeForgotten(unsettled, now())) {
    throw new BackendFailure('call', 'the record is older than the backend remembers requests', {
      outcome: 'unknown',
    });
  }
  return placed;
}

/**
 * Rolls back an attempt that has certainly placed nothing: first its temporary flow, then the intent, so that whoever
 * is stopped in between leaves the intent to find the flow by. An attempt that never learnt its flow's id
 * posts the same flow with the same key again, which finds it, or creates one only to delete it.
 *
 * @throws {BackendFailure} when the flow could not be deleted; then the intent remains
 */
export async function rollBack(
  deps: Pick<SettleDeps, 'store' | 'flowBackend' | 'now'>,
  scope: RequestScope,
  unsettled: UnsettledProviderCall,
): Promise<void> {
  if (unsettled.temporaryFlow !== null) {
    const { actions, flowId: knownId } = unsettled.temporaryFlow;
    const flowId = knownId ?? (await findFlow(deps, scope, unsettled, actions));
    if (flowId !== undefined) await deps.flowBackend.deleteFlow(scope, flowId);
  }
  await deps.store.remove(unsettled);
}

/** Returns the id of the flow that an attempt never learnt; undefined when there is none. */
async function findFlow(
  { flowBackend, now }: Pick<SettleDeps, 'flowBackend' | 'now'>,
  scope: RequestScope,
  unsettled: UnsettledProviderCall,
  actions: Action[],
): Promise<FlowId | undefined> {
  if (mayBeForgotten(unsettled, now())) {
    throw new BackendFailure('flow', 'the record is older than the backend remembers requests', {
      outcome: 'nothing-done',
    });
  }
  const flowId = await flowBackend.findTemporaryFlow(scope, {
    customerId: unsettled.customerId,
    actions,
    idempotencyKey: flowIdempotencyKey(unsettled),
    createdAt: unsettled.createdAt,
  });
  // The attempt's own request may still be on its way, and the backend may take it although it refuses this one.
  if (flowId === undefined && !hasOutlivedCreate(unsettled, now())) {
    throw new BackendFailure('flow', 'refuses the flow while the first request for it may be on its way', {
      outcome: 'unknown',
    });
  }
  return flowId;
}

/**
 * Returns when reconcile tries again what it could not settle: after 5, 10, 20 … minutes, at most an hour. What it only skipped was not
 * tried, and is next in line after five minutes, so that it never waits for those at which a backend hangs.
 */
export function nextTry(
  { postponed }: Pick<UnsettledProviderCall, 'postponed'>,
  now: Date,
  cause: unknown,
): { due: Timestamp; postponed: number } {
  const isSkipped = cause instanceof BackendFailure && cause.skipped;
  const factor = isSkipped ? 1 : 2 ** postponed;
  const wait = Math.min(TIME_LIMITS.settleAgainAfter * factor, TIME_LIMITS.maxSettleAgainAfter);
  return {
    due: formatTimestamp(new Date(now.getTime() + wait)),
    postponed: isSkipped ? postponed : postponed + 1,
  };
}

/** Returns whether the backends may have forgotten an attempt's requests, so that an empty response proves nothing. */
function mayBeForgotten({ createdAt }: { createdAt: Timestamp }, now: Date): boolean {
  return now.getTime() - timestampMilliseconds(createdAt) >= TIME_LIMITS.requestsRemembered;
}

/** Returns whether no create can be at work on it any more. */
export function hasOutlivedCreate({ createdAt }: { createdAt: Timestamp }, now: Date): boolean {
  return now.getTime() - timestampMilliseconds(createdAt) >= TIME_LIMITS.intentLifetime;
}

/** Returns the time at which an intent made at `createdAt` may be settled by others than its create. */
export function dueAfterCreate(createdAt: Timestamp): Timestamp {
  return formatTimestamp(new Date(timestampMilliseconds(createdAt) + TIME_LIMITS.intentLifetime));
}
