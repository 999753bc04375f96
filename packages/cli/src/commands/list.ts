import type { ProviderCall } from '@provider-call/client';
import { findProvider } from '../find.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { type Column, csvText, tableLines } from '../table.ts';

export type ListInput = { provider?: string; all?: boolean; limit: number; json?: boolean; csv?: boolean };

type Row = { record: ProviderCall; unconfirmed: boolean; provider: string };

const COLUMNS: Column<Row>[] = [
  { title: 'id', value: ({ record }) => record.id },
  { title: 'created (UTC)', value: ({ record }) => record.tm_create.slice(0, 19) },
  { title: 'provider', value: ({ provider }) => provider },
  { title: 'source', value: ({ record }) => record.source?.target ?? '' },
  { title: 'destinations', value: ({ record }) => record.destinations.map(({ target }) => target).join(' ') },
  {
    title: 'calls',
    align: 'right',
    value: ({ record }) => String(record.call_ids.length + record.groupcall_ids.length),
  },
  { title: 'state', value: ({ unconfirmed }) => (unconfirmed ? 'unconfirmed' : 'placed') },
];

/** Prints the newest records, or all of them. */
export async function listRecords(session: Session, input: ListInput): Promise<number> {
  const { terminal, providerCalls } = session;
  const provider = input.provider === undefined ? undefined : await findProvider(session, input.provider);
  const rows: Omit<Row, 'provider'>[] = [];
  let pageToken = '';
  do {
    const pageSize = input.all ? 100 : Math.min(input.limit - rows.length, 100);
    const page = await providerCalls.listProviderCalls({
      pageSize,
      ...(pageToken !== '' && { pageToken }),
      ...(provider !== undefined && { providerId: provider.id }),
    });
    const unconfirmed = new Set(page.unconfirmedIds);
    rows.push(...page.result.map((record) => ({ record, unconfirmed: unconfirmed.has(record.id) })));
    // If a token were repeated, --all would never end.
    pageToken = page.next_page_token === pageToken ? '' : page.next_page_token;
  } while (pageToken !== '' && (input.all || rows.length < input.limit));

  if (input.json) {
    const unconfirmedIds = rows.flatMap(({ record, unconfirmed }) => (unconfirmed ? [record.id] : []));
    const result = rows.map(({ record }) => record);
    terminal.print(
      JSON.stringify({ result, next_page_token: pageToken, unconfirmed_ids: unconfirmedIds }, null, 2),
    );
    return 0;
  }
  const names = await providerNames(session);
  const named = rows.map((row) => ({
    ...row,
    provider: names.get(row.record.provider_id) ?? row.record.provider_id,
  }));
  if (input.csv) terminal.write(csvText(named, COLUMNS));
  else for (const line of tableLines(named, COLUMNS, terminal)) terminal.print(line);
  if (named.length === 0) terminal.note('no records');
  else if (pageToken !== '' && !input.csv) terminal.note('there are older ones: --all shows them');
  return 0;
}

/** The platform may be elsewhere, or down; the records are listed anyway. */
export async function providerNames({ platform }: Session): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  try {
    for await (const { id, name } of platform.allProviders()) if (name !== '') names.set(id, plainLine(name));
  } catch {
    // The ids are shown instead.
  }
  return names;
}
