import { presentProviderCall } from '../provider-calls/provider-call.ts';
import type { StoredProviderCall } from '../provider-calls/stored-provider-call.ts';

/** `source` of every event on the bus. */
export const EVENT_SOURCE = 'provider-call';

/**
 * An event of a record, before EventBridge puts its envelope around it. `detail` is the record as the API answers it, and
 * who made the change. `request_id` is that of the request that placed the calls.
 */
export type ProviderCallEvent = {
  detail_type: 'providercall_created' | 'providercall_deleted';
  detail: ReturnType<typeof presentProviderCall> & {
    actor: { type: 'agent' | 'accesskey'; id: string } | null;
    request_id: string;
  };
};

/** The event that a change of an item is, when the change is one at all. `before` is undefined for a new item. */
export const eventOfChange = (
  before: StoredProviderCall | undefined,
  after: StoredProviderCall,
): ProviderCallEvent | undefined => {
  if (after.deletedAt !== null && before !== undefined && before.deletedAt === null) {
    return event('providercall_deleted', after, after.deletedBy);
  }
  if (after.state === 'placed' && before?.state !== 'placed') {
    return event('providercall_created', after, after.createdBy);
  }
  return undefined;
};

const event = (
  detailType: ProviderCallEvent['detail_type'],
  stored: StoredProviderCall,
  actor: ProviderCallEvent['detail']['actor'],
): ProviderCallEvent => ({
  detail_type: detailType,
  detail: { ...presentProviderCall(stored), actor, request_id: stored.requestId },
});
