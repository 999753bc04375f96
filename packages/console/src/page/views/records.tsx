import type { Call, ProviderCall, ProviderCallList } from '@provider-call/client';
import { analyzeCall } from '@provider-call/evidence';
import { useEffect, useRef, useState } from 'preact/hooks';
import { download } from '../download.ts';
import { type Failure, failureOf, isAbort } from '../failure.ts';
import { useResource } from '../hooks.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { FailureNotice } from '../parts/failure-notice.tsx';
import { providerOptions, SelectField } from '../parts/field.tsx';
import { AddressText, ForeignText } from '../parts/foreign-text.tsx';
import { Link } from '../parts/link.tsx';
import { OutcomePill } from '../parts/outcome-pill.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { TimeText } from '../parts/time-text.tsx';
import { recordsAsCsv, recordsAsJson } from '../record-export.ts';
import { callsTokenOf, coversRecords } from '../record-outcomes.ts';
import { useSession } from '../session.ts';

const PAGE_SIZE = 50;
const MAX_DESTINATIONS_SHOWN = 3;

/** The records, newest first, page by page. */
export function RecordsView({ providerId, pageToken }: { providerId?: string; pageToken?: string }) {
  const { api, go } = useSession();
  const key = `records ${providerId ?? ''} ${pageToken ?? ''}`;
  const providers = useResource('providers', (signal) => api.listProviders(signal));
  const page = useResource(key, (signal) =>
    api.records.listProviderCalls(
      {
        pageSize: PAGE_SIZE,
        ...(providerId !== undefined && { providerId }),
        ...(pageToken !== undefined && { pageToken }),
      },
      { signal },
    ),
  );
  const names = new Map((providers.value ?? []).map(({ id, name }) => [id, name]));
  const isFirstPage = pageToken === undefined;
  useReloadWhenShown(isFirstPage ? page.reload : undefined);

  const options = [
    { value: '', label: 'All providers' },
    ...providerOptions(providers.value),
    ...(providerId !== undefined && !names.has(providerId)
      ? [{ value: providerId, label: `${providerId.slice(0, 8)}… (not in the list)` }]
      : []),
  ];

  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Records</h1>
        <p class="actions">
          <button type="button" onClick={page.reload}>
            Refresh
          </button>
          <Link
            class="button primary"
            to={{ view: 'place', ...(providerId !== undefined && { providerId }) }}
          >
            Place a call
          </Link>
        </p>
      </div>
      <div class="toolbar">
        <SelectField
          label="Provider"
          value={providerId ?? ''}
          onValue={(value) => go({ view: 'records', ...(value !== '' && { providerId: value }) })}
          options={options}
        />
        <Export providerId={providerId} providerNames={names} />
      </div>
      <ResourceView resource={page} what="records">
        {(found) => (
          <RecordPage
            key={key}
            page={found}
            names={names}
            providerId={providerId}
            isFirstPage={isFirstPage}
            isOutdated={page.failure !== undefined}
          />
        )}
      </ResourceView>
    </>
  );
}

function RecordPage({
  page,
  names,
  providerId,
  isFirstPage,
  isOutdated,
}: {
  page: ProviderCallList;
  names: ReadonlyMap<string, string>;
  providerId: string | undefined;
  isFirstPage: boolean;
  /** Whether reading the page again failed. The notice of that stands above it, and trying again also reads the calls. */
  isOutdated: boolean;
}) {
  const { api } = useSession();
  const { result: records, next_page_token: next } = page;
  const unconfirmed = new Set(page.unconfirmedIds);
  const calls = useResource(
    'calls',
    async (signal) => {
      const olderThan = callsTokenOf(records);
      if (olderThan === undefined) return new Map<string, Call>();
      const found = await api.recentCalls((read) => coversRecords(read, records), { olderThan, signal });
      return new Map(found.map((call) => [call.id, call]));
    },
    page,
  );

  if (records.length === 0) {
    return (
      <p class="empty">
        {isFirstPage
          ? providerId === undefined
            ? 'There is no record yet. Place a call, and it appears here, with who placed it and how it ended.'
            : 'No record of this provider. Choose another provider, or place a call through it.'
          : 'There is nothing older.'}
      </p>
    );
  }
  const filter = providerId === undefined ? {} : { providerId };
  return (
    <>
      {unconfirmed.size > 0 && (
        <p class="notice fair">
          {unconfirmed.size === 1
            ? 'One record is unconfirmed: its request may or may not have placed its calls.'
            : `${unconfirmed.size} records are unconfirmed: their requests may or may not have placed their calls.`}{' '}
          The system finds out by itself, usually within minutes. Do not place these calls again until then.
        </p>
      )}
      {calls.failure !== undefined && !isOutdated && (
        <FailureNotice failure={calls.failure} onRetry={calls.reload}>
          <p>
            {calls.value === undefined
              ? 'The outcomes of the calls are missing below.'
              : 'The outcomes below were read earlier.'}
          </p>
        </FailureNotice>
      )}
      <DataTable
        caption="Records"
        rows={records}
        keyOf={({ id }) => id}
        columns={columnsOf(names, unconfirmed, calls.value)}
      />
      <nav class="paging" aria-label="Pages">
        {!isFirstPage && <Link to={{ view: 'records', ...filter }}>Newest</Link>}
        {next !== '' && (
          <Link class="button" to={{ view: 'records', ...filter, pageToken: next }}>
            Older records
          </Link>
        )}
        {next === '' && !isFirstPage && <span class="muted">These are the oldest records.</span>}
      </nav>
    </>
  );
}

function columnsOf(
  names: ReadonlyMap<string, string>,
  unconfirmed: ReadonlySet<string>,
  calls: ReadonlyMap<string, Call> | undefined,
): Column<ProviderCall>[] {
  return [
    {
      header: 'Created',
      cell: ({ id, tm_create }) => (
        <Link to={{ view: 'record', id }}>
          <TimeText timestamp={tm_create} />
        </Link>
      ),
    },
    {
      header: 'Provider',
      cell: ({ provider_id: id }) => (
        <Link to={{ view: 'provider', id }}>
          <ForeignText value={names.get(id) || `${id.slice(0, 8)}…`} />
        </Link>
      ),
    },
    { header: 'Source', cell: ({ source }) => <AddressText address={source} /> },
    {
      header: 'Destinations',
      cell: ({ destinations }) => (
        <>
          {destinations.slice(0, MAX_DESTINATIONS_SHOWN).map((destination, index) => (
            <div key={index}>
              <AddressText address={destination} />
            </div>
          ))}
          {destinations.length > MAX_DESTINATIONS_SHOWN && (
            <div class="muted">and {destinations.length - MAX_DESTINATIONS_SHOWN} more</div>
          )}
        </>
      ),
    },
    {
      header: 'Outcome',
      cell: (record) =>
        unconfirmed.has(record.id) ? (
          <span class="pill fair" title="It is not known yet whether its calls were placed">
            ? Unconfirmed
          </span>
        ) : (
          <Outcomes record={record} calls={calls} />
        ),
    },
  ];
}

function Outcomes({ record, calls }: { record: ProviderCall; calls: ReadonlyMap<string, Call> | undefined }) {
  if (calls === undefined) return <span class="muted">…</span>;
  const known = record.call_ids.flatMap((id) => calls.get(id) ?? []);
  const groups = record.groupcall_ids.length;
  return (
    <span class="pills">
      {known.slice(0, MAX_DESTINATIONS_SHOWN).map((call) => (
        <OutcomePill key={call.id} analysis={analyzeCall(call)} />
      ))}
      {known.length > MAX_DESTINATIONS_SHOWN && (
        <span class="muted">and {known.length - MAX_DESTINATIONS_SHOWN} more</span>
      )}
      {groups > 0 && <span class="muted">{groups === 1 ? '1 group' : `${groups} groups`}</span>}
      {known.length === 0 && groups === 0 && <span class="muted">open the record</span>}
    </span>
  );
}

/** The maximum size of an export; for more, the table should be queried directly. */
const MAX_EXPORTED = 10_000;

function Export({
  providerId,
  providerNames,
}: {
  providerId: string | undefined;
  providerNames: ReadonlyMap<string, string>;
}) {
  const { api, announce } = useSession();
  const [count, setCount] = useState<number>();
  const [failure, setFailure] = useState<Failure>();
  const [isCut, setCut] = useState(false);
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  async function save(format: 'csv' | 'json') {
    const reading = new AbortController();
    const { signal } = reading;
    controller.current = reading;
    setFailure(undefined);
    setCut(false);
    setCount(0);
    const records: ProviderCall[] = [];
    const unconfirmedIds = new Set<string>();
    try {
      let pageToken = '';
      do {
        const page = await api.records.listProviderCalls(
          {
            pageSize: 100,
            ...(providerId !== undefined && { providerId }),
            ...(pageToken !== '' && { pageToken }),
          },
          { signal },
        );
        for (const record of page.result) records.push(record);
        for (const id of page.unconfirmedIds) unconfirmedIds.add(id);
        pageToken = page.next_page_token;
        setCount(records.length);
      } while (pageToken !== '' && records.length < MAX_EXPORTED);
      setCut(pageToken !== '');
      const exported = { records, unconfirmedIds, providerNames };
      if (format === 'csv') download('providercalls.csv', 'text/csv;charset=utf-8', recordsAsCsv(exported));
      else download('providercalls.json', 'application/json', recordsAsJson(exported));
      announce(`${records.length} records exported.`);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) setFailure(failureOf(error));
    }
    setCount(undefined);
  }

  return (
    <div class="export">
      {count === undefined ? (
        <>
          <button type="button" onClick={() => save('csv')}>
            Export CSV
          </button>
          <button type="button" onClick={() => save('json')}>
            Export JSON
          </button>
        </>
      ) : (
        <>
          <span role="status">{count} records read…</span>
          <button type="button" onClick={() => controller.current?.abort()}>
            Stop
          </button>
        </>
      )}
      {isCut && (
        <p class="notice fair" role="status">
          The export contains the newest {MAX_EXPORTED.toLocaleString()} records. For the others, filter by
          provider, or use <code>providercall list --json</code>.
        </p>
      )}
      {failure !== undefined && <FailureNotice failure={failure} />}
    </div>
  );
}

/** Reloads when the tab becomes visible, because another tab may have placed a call. */
function useReloadWhenShown(reload: (() => void) | undefined): void {
  useEffect(() => {
    if (reload === undefined) return;
    const onChange = () => {
      if (!document.hidden) reload();
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, [reload]);
}
