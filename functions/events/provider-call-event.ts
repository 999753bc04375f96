import {
  type PlacedProviderCall,
  presentProviderCall,
  type StoredProviderCall,
} from '../provider-calls/provider-call.ts';

/** The `source` of every event on the bus. */
export const EVENT_SOURCE = 'provider-call';

/**
 * An event of a record, before EventBridge puts its envelope around it. `detail` is the record as the API returns it, and
 * who made the change. `request_id` is that of the request that placed the calls.
 */
export type ProviderCallEvent = {
  detail_type: 'providercall_created' | 'providercall_deleted';
  detail: ReturnType<typeof presentProviderCall> & {
    actor: { type: 'agent' | 'accesskey'; id: string } | null;
    request_id: string;
  };
};

/**
 * Returns the event for a change of an item; undefined when the change is not an event. A record is published when its
 * calls are known, with `tm_delete` if it was deleted before that, and once more when it is deleted afterwards.
 *
 * @param before undefined for a new item
 */
export function eventOfChange(
  before: StoredProviderCall | undefined,
  after: StoredProviderCall,
): ProviderCallEvent | undefined {
  if (after.state !== 'placed') return undefined;
  if (before?.state !== 'placed') return event('providercall_created', after, after.createdBy);
  if (before.deletedAt === null && after.deletedAt !== null) {
    return event('providercall_deleted', after, after.deletedBy);
  }
  return undefined;
}

function event(
  detailType: ProviderCallEvent['detail_type'],
  record: PlacedProviderCall,
  actor: ProviderCallEvent['detail']['actor'],
): ProviderCallEvent {
  return {
    detail_type: detailType,
    detail: { ...presentProviderCall(record), actor, request_id: record.requestId },
  };
}
