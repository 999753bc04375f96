import type { ProviderCall } from '@provider-call/client';
import { csvOf } from './csv.ts';

const COLUMNS = [
  ...['id', 'tm_create', 'provider_id', 'provider_name', 'source', 'destinations', 'anonymous', 'flow_id'],
  ...['call_ids', 'groupcall_ids', 'unconfirmed', 'tm_update', 'tm_delete'],
];

export type ExportedRecords = {
  records: readonly ProviderCall[];
  unconfirmedIds: ReadonlySet<string>;
  providerNames: ReadonlyMap<string, string>;
};

/** Returns records as CSV, one row each; several values of a cell are separated by spaces. */
export function recordsAsCsv({ records, unconfirmedIds, providerNames }: ExportedRecords): string {
  return csvOf(
    COLUMNS,
    records.map((record) => [
      ...[record.id, record.tm_create, record.provider_id, providerNames.get(record.provider_id)],
      ...[record.source?.target, record.destinations.map(({ target }) => target).join(' ')],
      ...[record.anonymous, record.flow_id, record.call_ids.join(' '), record.groupcall_ids.join(' ')],
      ...[unconfirmedIds.has(record.id) ? 'yes' : 'no', record.tm_update, record.tm_delete],
    ]),
  );
}

/** Returns records as JSON, each as the API returned it, with `unconfirmed` added. */
export function recordsAsJson({ records, unconfirmedIds }: ExportedRecords): string {
  const listed = records.map((record) => ({ ...record, unconfirmed: unconfirmedIds.has(record.id) }));
  return `${JSON.stringify(listed, null, 2)}\n`;
}
