import { presentProviderCall } from '../provider-calls/provider-call.ts';
import type { StoredProviderCall } from '../provider-calls/stored-provider-call.ts';
import type { Answer } from './api-handler.ts';

/** Says of an answer that a record in it is unconfirmed: the record itself has the specification's fields only. */
export const stateHeader = (records: Pick<StoredProviderCall, 'state'>[]): Record<string, string> =>
  records.some(({ state }) => state === 'unconfirmed') ? { 'X-ProviderCall-State': 'unconfirmed' } : {};

/** The answer that carries one record. */
export const recordAnswer = (record: StoredProviderCall): Answer & { headers: Record<string, string> } => ({
  body: presentProviderCall(record),
  headers: stateHeader([record]),
});
