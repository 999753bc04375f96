import type { Timestamp } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import { type SettleDeps, TIME_LIMITS } from './ports.ts';
import {
  callIdempotencyKey,
  flowIdempotencyKey,
  type PlacedCalls,
  type PlacedProviderCall,
  type UnsettledProviderCall,
} from './provider-call.ts';

/** How settling ended: the calls are known, nothing was placed and the attempt is gone, or that cannot be known yet. */
export type Settlement = { kind: 'placed'; record: PlacedProviderCall } | { kind: 'gone' } | { kind: 'open' };

/**
 * Finds out how an intent or unconfirmed record whose create is over has ended, and settles it.
 * 1. Ask the call backend what was placed under the record's key; while it cannot say, the record is unconfirmed.
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
  const { store, callBackend, now } = deps;
  const retryAt = () => formatTimestamp(new Date(now().getTime() + TIME_LIMITS.settleAgainAfter));
  // 1
  let placed: PlacedCalls;
  try {
    placed = await callBackend.findPlaced(scope, callIdempotencyKey(unsettled));
  } catch (error) {
    scope.warn('the call backend cannot say what was placed', error);
    await store.markUnconfirmed({ unsettled, due: retryAt() });
    return { kind: 'open' };
  }
  // 2
  if (placed.callIds.length + placed.groupcallIds.length > 0) {
    const record = await store.complete({ unsettled, placed, updatedAt: formatTimestamp(now()) });
    // If a later attempt exists under the same id, the calls are its own: it places them under the same key.
    return record.state === 'placed' ? { kind: 'placed', record } : { kind: 'open' };
  }
  // 3
  try {
    await rollBack(deps, scope, unsettled);
  } catch (error) {
    scope.warn('the temporary flow could not be deleted', error);
    await store.postpone({ unsettled, due: retryAt() });
    return { kind: 'open' };
  }
  return { kind: 'gone' };
}

/**
 * Rolls back an attempt that has certainly placed nothing: first its temporary flow, then the intent, so that whoever
 * is stopped in between leaves the intent to find the flow by. An attempt that never learnt its flow's id
 * posts the same flow with the same key again, which finds it, or creates one only to delete it.
 *
 * @throws {BackendFailure} when the flow could not be deleted; then the intent remains
 */
export async function rollBack(
  { store, flowBackend }: Pick<SettleDeps, 'store' | 'flowBackend'>,
  scope: RequestScope,
  unsettled: UnsettledProviderCall,
): Promise<void> {
  if (unsettled.temporaryFlow !== null) {
    const { actions, flowId } = unsettled.temporaryFlow;
    const found =
      flowId ??
      (await flowBackend.createTemporaryFlow(scope, {
        customerId: unsettled.customerId,
        actions,
        idempotencyKey: flowIdempotencyKey(unsettled),
      }));
    await flowBackend.deleteFlow(scope, found);
  }
  await store.remove(unsettled);
}

/** Returns whether no create can be at work on it any more. */
export function hasOutlivedCreate({ createdAt }: { createdAt: Timestamp }, now: Date): boolean {
  return now.getTime() - timestampMilliseconds(createdAt) >= TIME_LIMITS.intentLifetime;
}

/** Returns the time at which an intent made at `createdAt` may be settled by others than its create. */
export function dueAfterCreate(createdAt: Timestamp): Timestamp {
  return formatTimestamp(new Date(timestampMilliseconds(createdAt) + TIME_LIMITS.intentLifetime));
}
