import type { CallBackend } from '../backends/call-backend.ts';
import type { FlowBackend } from '../backends/flow-backend.ts';
import type { RequestScope } from '../request-scope.ts';
import { formatTimestamp, timestampMilliseconds } from '../timestamp.ts';
import type { ProviderCallStore } from './provider-call-store.ts';
import { callIdempotencyKey, flowIdempotencyKey, type StoredProviderCall } from './stored-provider-call.ts';
import { timeLimits } from './time-limits.ts';

export type SettleCollaborators = {
  store: ProviderCallStore;
  flowBackend: FlowBackend;
  callBackend: CallBackend;
  now: () => Date;
};

/** What became of it: the calls are known, nothing was placed and it is gone, or that could not be found out yet. */
export type Settlement = { kind: 'placed'; record: StoredProviderCall } | { kind: 'gone' } | { kind: 'open' };

/** Whether no create can be at work on it any more. */
export const hasOutlivedCreate = ({ createdAt }: StoredProviderCall, now: Date): boolean =>
  now.getTime() - timestampMilliseconds(createdAt) >= timeLimits.intentLifetime;

/** The time, as a platform timestamp, at which an intent made at `createdAt` may be settled by others than its create. */
export const dueAfterCreate = (createdAt: string): string =>
  formatTimestamp(new Date(timestampMilliseconds(createdAt) + timeLimits.intentLifetime));

/**
 * Takes back an attempt of which nothing was placed for certain: first its temporary flow, then the intent, so that
 * whoever is stopped in between leaves the intent to find the flow by. An attempt that never learnt its flow's id
 * posts the same flow with the same key again, which finds it, or makes one just to delete it.
 */
export const abandon = async (
  { store, flowBackend }: Pick<SettleCollaborators, 'store' | 'flowBackend'>,
  scope: RequestScope,
  stored: StoredProviderCall,
): Promise<void> => {
  if (stored.temporaryFlow !== null) {
    const { actions, flowId } = stored.temporaryFlow;
    const found =
      flowId ??
      (await flowBackend.createTemporaryFlow(scope, {
        customerId: stored.customerId,
        actions,
        idempotencyKey: flowIdempotencyKey(stored),
      }));
    await flowBackend.deleteFlow(scope, found);
  }
  await store.remove(stored);
};

/**
 * Finds out what became of an intent or unconfirmed record whose create is over, and brings it to its end.
 * 1. Ask the call backend what was placed under the record's key; while it cannot say, the record is unconfirmed.
 * 2. Something: complete the record.
 * 3. Nothing: the temporary flow goes, then the intent.
 *
 * Every step can be repeated, by this run, a later one or two at once. Backend failures are noted on the scope and
 * leave it open; errors of the store come through.
 */
export const settleProviderCall = async (
  collaborators: SettleCollaborators,
  scope: RequestScope,
  stored: StoredProviderCall,
): Promise<Settlement> => {
  const { store, callBackend, now } = collaborators;
  const again = () => formatTimestamp(new Date(now().getTime() + timeLimits.settleAgainAfter));
  // 1
  let placed: Awaited<ReturnType<CallBackend['findPlaced']>>;
  try {
    placed = await callBackend.findPlaced(scope, callIdempotencyKey(stored));
  } catch (error) {
    scope.warn('the call backend cannot say what was placed', error);
    await store.markUnconfirmed(stored, again());
    return { kind: 'open' };
  }
  // 2
  if (placed.callIds.length + placed.groupcallIds.length > 0) {
    const record = await store.complete(stored, placed, formatTimestamp(now()));
    // Where a later attempt stands under the same id, the calls are its own: it places them under the same key.
    return record.state === 'placed' ? { kind: 'placed', record } : { kind: 'open' };
  }
  // 3
  try {
    await abandon(collaborators, scope, stored);
  } catch (error) {
    scope.warn('the temporary flow could not be deleted', error);
    await store.postpone(stored, again());
    return { kind: 'open' };
  }
  return { kind: 'gone' };
};
