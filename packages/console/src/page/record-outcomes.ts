import type { Call, ProviderCall } from '@provider-call/client';
import { instantOf } from './time.ts';

/** A call is created shortly after its record's intent, within this time even if clocks differ. */
const CREATED_WITHIN_MS = 60_000;

/** Returns the page token, in the platform's form, that means "older than the calls of the newest of these records". */
export function callsTokenOf(records: readonly Pick<ProviderCall, 'tm_create'>[]): string | undefined {
  const newest = instantOf(records[0]?.tm_create);
  if (newest === undefined) return undefined;
  const after = new Date(newest.getTime() + CREATED_WITHIN_MS);
  return `${after.toISOString().replace('T', ' ').replace('Z', '')}000`;
}

/** Returns whether calls, newest first, reach back to all of the records' calls. */
export function coversRecords(
  calls: readonly Pick<Call, 'id' | 'tm_create'>[],
  records: readonly Pick<ProviderCall, 'tm_create' | 'call_ids'>[],
): boolean {
  const oldestRecord = instantOf(records.at(-1)?.tm_create);
  const oldestCall = instantOf(calls.at(-1)?.tm_create);
  if (oldestRecord === undefined || oldestCall === undefined) return false;
  if (oldestCall < oldestRecord) return true;
  const known = new Set(calls.map(({ id }) => id));
  return records.every(({ call_ids }) => call_ids.every((id) => known.has(id)));
}
