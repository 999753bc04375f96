import { type Call, NIL_UUID, type ProviderCallResult } from '@provider-call/client';
import { useState } from 'preact/hooks';
import { EMPTY_DRAFT } from '../call-draft.ts';
import { type Failure, failureOf } from '../failure.ts';
import { usePolling, useResource } from '../hooks.ts';
import { stateLabel } from '../outcome.ts';
import { CallPanel } from '../parts/call-panel.tsx';
import { ConfirmDeletion } from '../parts/confirm-deletion.tsx';
import { Fact, None } from '../parts/facts.tsx';
import { FailureNotice } from '../parts/failure-notice.tsx';
import { AddressText, ForeignText } from '../parts/foreign-text.tsx';
import { Link } from '../parts/link.tsx';
import { Loading } from '../parts/loading.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { TimeText } from '../parts/time-text.tsx';
import { MAX_CONCURRENT_POLLS, readRecordCalls } from '../record-calls.ts';
import { limitRequests } from '../request-limit.ts';
import type { Route } from '../router.ts';
import { useSession } from '../session.ts';
import { callDraftStore } from './place.tsx';

/** With more calls than this, only the selected one is open. */
const MAX_OPEN_CALLS = 3;

type RecordRoute = Extract<Route, { view: 'record' }>;

/** One record: what was requested, by whom, and how its calls are going. */
export function RecordView({ route }: { route: RecordRoute }) {
  const { api } = useSession();
  const { id } = route;
  const record = useResource(`record ${id}`, (signal) => api.records.getProviderCall(id, { signal }));
  return (
    <ResourceView resource={record} what="the record" title="Record">
      {(found) => <RecordDetail route={route} result={found} onChanged={record.reload} />}
    </ResourceView>
  );
}

function RecordDetail({
  route,
  result,
  onChanged,
}: {
  route: RecordRoute;
  result: ProviderCallResult;
  onChanged: () => void;
}) {
  const { api, go } = useSession();
  const { record, unconfirmed } = result;
  const [isDeleting, setDeleting] = useState(false);
  const providers = useResource('providers', (signal) => api.listProviders(signal));
  const provider = providers.value?.find(({ id }) => id === record.provider_id);

  // An unconfirmed record is settled by the system itself, within minutes.
  usePolling(unconfirmed ? record.id : undefined, async (signal) => {
    try {
      const now = await api.records.getProviderCall(record.id, { signal });
      if (now.unconfirmed && now.candidates.join() === result.candidates.join()) return { changed: false };
      onChanged();
      return now.unconfirmed ? { changed: true } : 'ended';
    } catch (error) {
      return { retryAfterSeconds: failureOf(error).retryAfterSeconds };
    }
  });

  function placeAgain() {
    callDraftStore().save({
      ...EMPTY_DRAFT,
      providerId: record.provider_id,
      source: record.source === null ? '' : addressLine(record.source),
      sourceName: record.source?.target_name ?? '',
      destinations: record.destinations.map(addressLine).join('\n'),
      anonymous: record.anonymous === '' ? 'auto' : record.anonymous,
      ...(record.flow_id !== NIL_UUID && { after: 'flow' as const, flowId: record.flow_id }),
    });
    go({ view: 'place' });
  }

  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>
          {record.destinations.length === 1
            ? 'Call to '
            : `${record.destinations.length} calls, the first to `}
          <AddressText address={record.destinations[0]} />
        </h1>
        <p class="actions">
          <button type="button" onClick={placeAgain}>
            Place again…
          </button>
          {record.tm_delete === null && (
            <button type="button" class="danger" onClick={() => setDeleting(true)}>
              Delete
            </button>
          )}
        </p>
      </div>
      {record.tm_delete !== null && (
        <div class="notice fair">
          <p class="notice-title">
            Deleted at <TimeText timestamp={record.tm_delete} />
          </p>
          <p>It is no longer in the list, but stays readable at this address. Its calls were not affected.</p>
        </div>
      )}
      {unconfirmed && <Unconfirmed candidates={result.candidates} />}
      <Calls route={route} result={result} />
      <section aria-labelledby="request">
        <h2 id="request">The request</h2>
        <dl class="facts">
          <Fact name="Provider">
            <Link to={{ view: 'provider', id: record.provider_id }}>
              <ForeignText value={provider?.name || record.provider_id} />
            </Link>
          </Fact>
          <Fact name="Source">
            <AddressText address={record.source} />
          </Fact>
          <Fact name="Anonymous">{record.anonymous === '' ? '"", the same as auto' : record.anonymous}</Fact>
          <Fact name="Flow">{record.flow_id === NIL_UUID ? <None /> : <code>{record.flow_id}</code>}</Fact>
          <Fact name="Created">
            <TimeText timestamp={record.tm_create} /> by <Actor name={result.createdBy} />
          </Fact>
          {record.tm_delete !== null && (
            <Fact name="Deleted">
              <TimeText timestamp={record.tm_delete} /> by <Actor name={result.deletedBy} />
            </Fact>
          )}
          <Fact name="Request id">
            {result.createdByRequestId === undefined ? (
              <span class="muted">not recorded</span>
            ) : (
              <code>{result.createdByRequestId}</code>
            )}
          </Fact>
          <Fact name="Record id">
            <code>{record.id}</code>
          </Fact>
        </dl>
      </section>
      {isDeleting && (
        <ConfirmDeletion
          what="record"
          remove={() => api.records.deleteProviderCall(record.id)}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            setDeleting(false);
            onChanged();
          }}
        >
          <p>
            It disappears from the list and stays readable at its own address. Its calls go on: to end one,
            hang it up instead.
          </p>
        </ConfirmDeletion>
      )}
    </>
  );
}

function addressLine({ type, target }: { type: string; target: string }): string {
  return type === 'tel' ? target : `${type}:${target}`;
}

/** The author of an action: `agent:UUID` or `accesskey:UUID`. */
function Actor({ name }: { name: string | undefined }) {
  const [, kind, id] = /^(agent|accesskey):(.+)$/.exec(name ?? '') ?? [];
  if (kind === undefined || id === undefined) return <span class="muted">not recorded</span>;
  return (
    <>
      {kind === 'agent' ? 'agent' : 'access key'} <code>{id}</code>
    </>
  );
}

function Unconfirmed({ candidates }: { candidates: readonly string[] }) {
  return (
    <div class="notice fair" role="status">
      <p class="notice-title">Unconfirmed: it is not known yet whether its calls were placed</p>
      <p>
        The call backend did not respond in time, or the system stopped in the middle. The system is finding
        out, and this page will show the result by itself. Do not place the calls again until then.
      </p>
      {candidates.length > 0 && <Candidates ids={candidates} />}
    </div>
  );
}

/** Calls that may belong to the record, with the fields that distinguish them. A groupcall has only its id. */
function Candidates({ ids }: { ids: readonly string[] }) {
  const { api } = useSession();
  const calls = useResource(`calls ${ids.join()}`, async (signal) => {
    const run = limitRequests(MAX_CONCURRENT_POLLS);
    const found = await Promise.allSettled(
      ids.map((id) => run(() => api.platform.getCall(id, { signal }), signal)),
    );
    return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  });
  return (
    <>
      <p>
        These calls match, but may belong to another request, and the system does not guess. Compare their
        destinations and times with this record; then an operator completes it with the ids of its calls
        (docs/operations.md, “Records with several candidates”).
      </p>
      <ul aria-label="Candidates">
        {ids.map((id) => {
          const call = calls.value?.find((one) => one.id === id);
          return (
            <li key={id}>
              <code>{id}</code>
              {call !== undefined && (
                <>
                  {' '}
                  to <AddressText address={call.destination} />, created{' '}
                  <TimeText timestamp={call.tm_create} />
                </>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** The record's calls, polled until all have ended. */
function Calls({ route, result }: { route: RecordRoute; result: ProviderCallResult }) {
  const { api, announce } = useSession();
  const { record } = result;
  const [calls, setCalls] = useState<readonly Call[]>();
  const [failure, setFailure] = useState<Failure>();
  const hasCalls = record.call_ids.length + record.groupcall_ids.length > 0;

  usePolling(hasCalls ? `calls of ${record.id} ${record.call_ids.length}` : undefined, async (signal) => {
    try {
      const read = await readRecordCalls(api, record, signal);
      const statuses = new Map(calls?.map(({ id, status }) => [id, status]));
      const changed = read.calls.filter(({ id, status }) => statuses.get(id) !== status);
      setCalls(read.calls);
      setFailure(undefined);
      if (changed.length > 0 && changed.length <= MAX_OPEN_CALLS) announce(changed.map(sentenceOf).join(' '));
      return read.haveEnded ? 'ended' : { changed: changed.length > 0 };
    } catch (error) {
      if (signal.aborted) return 'ended';
      const found = failureOf(error);
      setFailure(found);
      return found.kind === 'not-found' ? 'ended' : { retryAfterSeconds: found.retryAfterSeconds };
    }
  });

  const onChange = (call: Call) =>
    setCalls((known) => known?.map((other) => (other.id === call.id ? call : other)));
  return (
    <section aria-label="Calls">
      {failure !== undefined && (
        <FailureNotice failure={failure}>
          {failure.kind !== 'not-found' && <p>The page keeps trying.</p>}
        </FailureNotice>
      )}
      {hasCalls && calls === undefined && failure === undefined && <Loading what="the calls" />}
      {calls?.length === 0 && <p class="muted">The calls have been deleted, or are not there yet.</p>}
      {calls?.map((call) => (
        <CallPanel
          key={call.id}
          call={call}
          route={route}
          isOpen={route.callId === undefined ? calls.length <= MAX_OPEN_CALLS : route.callId === call.id}
          onChange={onChange}
        />
      ))}
    </section>
  );
}

function sentenceOf({ destination, status }: Call): string {
  return `Call to ${destination?.target ?? 'unknown'}: ${stateLabel(status).toLowerCase()}.`;
}
