import {
  type CreateProviderCall,
  curlCommand,
  type Flow,
  type Provider,
  powerShellCommand,
  providercallCommand,
  type RequestWarning,
  warningsOf,
} from '@provider-call/client';
import { useMemo, useRef, useState } from 'preact/hooks';
import { providerName } from '../api.ts';
import { addressesIn, type CallDraft, type DraftProblem, EMPTY_DRAFT, requestOf } from '../call-draft.ts';
import { ownerOf } from '../credential.ts';
import { type Failure, failureOf, isCertainlyNotPlaced } from '../failure.ts';
import { useNow, useResource } from '../hooks.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNotice } from '../parts/failure-notice.tsx';
import { SelectField, TextArea, TextField } from '../parts/field.tsx';
import { AddressText, ForeignText } from '../parts/foreign-text.tsx';
import { InvitePreview } from '../parts/invite-preview.tsx';
import { Link } from '../parts/link.tsx';
import { Loading } from '../parts/loading.tsx';
import { createPlacementStore, type Placement } from '../placement.ts';
import { TAB_STORAGE, useSession } from '../session.ts';
import { createFormStore } from '../stored-form.ts';
import { instantOf, localTime } from '../time.ts';

/** Returns the store of the next call's draft, for the views that fill it in. */
export function callDraftStore() {
  return createFormStore(TAB_STORAGE, 'call', EMPTY_DRAFT);
}
function placementStore() {
  return createPlacementStore(TAB_STORAGE, () => crypto.randomUUID());
}

/** The tab must keep a request before it is sent. */
const NOT_STORED: Failure = {
  kind: 'page',
  title: 'The request was not sent',
  advice:
    'This browser does not let the page store it, so after a reload it could be dialled again. Allow this site to store data, or copy the request as a command.',
  details: [],
};

/** Places calls: the form, what the provider will be sent, and the confirmation. */
export function PlaceView({ providerId }: { providerId: string | undefined }) {
  const { api, credential, go, announce } = useSession();
  const drafts = useMemo(callDraftStore, []);
  const placements = useMemo(placementStore, []);
  const [draft, setDraft] = useState<CallDraft>(() => withProvider(drafts.load(), providerId));
  const [problems, setProblems] = useState<readonly DraftProblem[]>([]);
  const [confirming, setConfirming] = useState<Placement>();
  const [unresolved, setUnresolved] = useState(() => placements.unresolved());
  const [sendingSince, setSendingSince] = useState<Date>();
  const [failure, setFailure] = useState<Failure>();
  // Set before anything is awaited, so that it is visible to the second click of a double click.
  const isSending = useRef(false);
  const providers = useResource('providers', (signal) => api.listProviders(signal));
  const flows = useResource('flows', (signal) => api.platform.listFlows({ pageSize: 100 }, { signal }));
  const owner = ownerOf(credential);

  function change(changes: Partial<CallDraft>) {
    const changed = { ...draft, ...changes };
    setDraft(changed);
    drafts.save(changed);
    setProblems([]);
  }

  function review(event: Event) {
    event.preventDefault();
    const read = requestOf(draft);
    setFailure(undefined);
    if ('problems' in read) {
      setProblems(read.problems);
      announce(read.problems.map(({ message }) => message).join(' '));
      return;
    }
    setConfirming(placements.prepare(read.request, owner));
  }

  async function send(prepared: Placement) {
    if (isSending.current) return;
    const isFirstAttempt = prepared.sentAt === null;
    const placement = placements.markSent(prepared, new Date());
    setConfirming(undefined);
    setFailure(placement === undefined ? NOT_STORED : undefined);
    if (placement === undefined) return;
    isSending.current = true;
    setSendingSince(new Date());
    announce('The request is being sent.');
    try {
      const { record, replayed } = await api.placeCalls(placement);
      placements.resolve();
      announce(
        replayed ? 'The calls had been placed already; nothing was dialled twice.' : 'The calls are placed.',
      );
      go({ view: 'record', id: record.id });
    } catch (error) {
      const found = failureOf(error);
      const isSettled = found.kind === 'outcome-unknown' || (isFirstAttempt && isCertainlyNotPlaced(found));
      if (isSettled) placements.resolve();
      setFailure(found);
      setUnresolved(placements.unresolved());
      setSendingSince(undefined);
      isSending.current = false;
    }
  }

  const provider = providers.value?.find(({ id }) => id === draft.providerId);
  const read = requestOf(draft);
  const warnings = 'request' in read ? warningsOf(read.request) : draftWarnings(draft);

  if (sendingSince !== undefined) return <Sending since={sendingSince} />;
  if (unresolved !== undefined) {
    return (
      <>
        <h1 tabIndex={-1}>Place a call</h1>
        {failure !== undefined && <FailureNotice failure={failure} />}
        <Unresolved
          placement={unresolved}
          owner={owner}
          providers={providers.value}
          onSend={() => send(unresolved)}
          onDiscard={() => {
            placements.resolve();
            setUnresolved(undefined);
            setFailure(undefined);
          }}
        />
      </>
    );
  }

  const problemOf = (field: keyof CallDraft) => problems.find((problem) => problem.field === field)?.message;
  const field = (name: keyof CallDraft) => ({
    value: draft[name],
    onValue: (value: string) => change({ [name]: value }),
    problem: problemOf(name),
  });

  return (
    <>
      <h1 tabIndex={-1}>Place a call</h1>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {providers.failure !== undefined && (
        <FailureNotice failure={providers.failure} onRetry={providers.reload} />
      )}
      <form class="columns" onSubmit={review} noValidate>
        <div>
          <SelectField
            label="Provider"
            {...field('providerId')}
            options={chooseProvider(providers.value, draft.providerId)}
          />
          <div class="pair">
            <TextField
              label="Source"
              hint="A number that the provider allows you, in E.164: +14155550100"
              {...field('source')}
              input={{ inputMode: 'tel', class: 'mono' }}
            />
            <TextField
              label="Source name"
              hint="Shown to the called party, if the carrier keeps it"
              {...field('sourceName')}
            />
          </div>
          <TextArea
            label="Destinations"
            hint="One in each line: a number in E.164, sip:user@host, extension:1001 or agent:ID"
            placeholder="+821012345678"
            {...field('destinations')}
          />
          <SelectField
            label="Caller id"
            {...field('anonymous')}
            onValue={(value) => change({ anonymous: value === 'yes' || value === 'no' ? value : 'auto' })}
            options={[
              { value: 'auto', label: 'auto: shown, today the same as “no”' },
              { value: 'no', label: 'no: shown' },
              { value: 'yes', label: 'yes: anonymous to the called party' },
            ]}
          />
          <SelectField
            label="After the answer"
            {...field('after')}
            onValue={(value) =>
              change({
                after: value === 'say' || value === 'flow' || value === 'actions' ? value : 'nothing',
              })
            }
            options={[
              { value: 'nothing', label: 'Nothing' },
              { value: 'say', label: 'Say a text and hang up' },
              { value: 'flow', label: 'Run a flow' },
              { value: 'actions', label: 'Run actions (JSON)' },
            ]}
          />
          {draft.after === 'say' && <TextArea label="Text to say" rows={2} {...field('say')} />}
          {draft.after === 'flow' && (
            <SelectField label="Flow" {...field('flowId')} options={flowOptions(flows.value?.result)} />
          )}
          {draft.after === 'actions' && <TextArea label="Actions" rows={6} {...field('actions')} />}
          <Warnings warnings={warnings} draft={draft} onChange={change} />
          <p class="actions">
            <button type="submit" class="primary">
              Review and place
            </button>
            <button
              type="button"
              onClick={() => {
                drafts.clear();
                setDraft(EMPTY_DRAFT);
                setProblems([]);
              }}
            >
              Empty the form
            </button>
          </p>
        </div>
        <aside aria-label="Preview">
          <h2>What the provider will be sent</h2>
          <Preview provider={provider} draft={draft} />
          {'request' in read && (
            <Commands
              request={read.request}
              baseUrl={api.baseUrl}
              keyOf={() => placements.prepare(read.request, owner).idempotencyKey}
            />
          )}
        </aside>
      </form>
      {confirming !== undefined && (
        <Confirmation
          placement={confirming}
          provider={provider}
          warnings={warnings}
          onClose={() => setConfirming(undefined)}
          onConfirm={() => send(confirming)}
        />
      )}
    </>
  );
}

function withProvider(draft: CallDraft, providerId: string | undefined): CallDraft {
  return providerId === undefined ? draft : { ...draft, providerId };
}

function chooseProvider(providers: readonly Provider[] | undefined, chosen: string) {
  const listed = (providers ?? []).map((provider) => ({
    value: provider.id,
    label: `${providerName(provider)} (${provider.hostname})`,
  }));
  const isListed = chosen === '' || listed.some(({ value }) => value === chosen);
  return [
    { value: '', label: providers === undefined ? 'Loading the providers…' : 'Choose a provider' },
    ...listed,
    ...(isListed
      ? []
      : [{ value: chosen, label: providers === undefined ? chosen : `${chosen}: no longer exists` }]),
  ];
}

function flowOptions(flows: readonly Flow[] | undefined) {
  return [
    { value: '', label: flows === undefined ? 'Loading the flows…' : 'Choose a flow' },
    ...(flows ?? []).map(({ id, name }) => ({ value: id, label: name === '' ? id : name })),
  ];
}

/** Returns warnings about the draft, even if it is not a complete request yet. */
function draftWarnings(draft: CallDraft): RequestWarning[] {
  const destinations = addressesIn(draft.destinations);
  const [source = null] = addressesIn(draft.source);
  return destinations.length === 0 && source === null ? [] : warningsOf({ source, destinations });
}

function Warnings({
  warnings,
  draft,
  onChange,
}: {
  warnings: readonly RequestWarning[];
  draft: CallDraft;
  onChange: (changes: Partial<CallDraft>) => void;
}) {
  if (warnings.length === 0) return null;

  function accept({ field, suggestion = '' }: RequestWarning) {
    const index = /^destinations\[(\d+)\]\.target$/.exec(field)?.[1];
    if (field === 'source.target') onChange({ source: suggestion });
    else if (index !== undefined) {
      const lines = draft.destinations.split(/\r?\n/).filter((line) => line.trim() !== '');
      onChange({ destinations: lines.with(Number(index), suggestion).join('\n') });
    }
  }

  return (
    <div class="notice fair" role="status">
      <p class="notice-title">The API would accept this, but check it</p>
      <ul>
        {warnings.map((warning) => (
          <li key={warning.field + warning.code}>
            <ForeignText value={warning.message} />{' '}
            {warning.suggestion !== undefined && warning.code === 'not_e164' && (
              <button type="button" class="small" onClick={() => accept(warning)}>
                Use <ForeignText value={warning.suggestion} ltr />
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Preview({ provider, draft }: { provider: Provider | undefined; draft: CallDraft }) {
  const [source = null] = addressesIn(draft.source);
  const destinations = addressesIn(draft.destinations).filter(({ type }) => type === 'tel' || type === 'sip');
  return (
    <InvitePreview
      provider={provider ?? { hostname: '', tech_prefix: '', tech_postfix: '', tech_headers: {} }}
      source={source && { ...source, target_name: draft.sourceName.trim() }}
      destinations={destinations.map((destination) => ({ ...destination, target_name: '' }))}
      anonymous={draft.anonymous}
    />
  );
}

/** The request as a command for a terminal. It has the draft's own key, so whichever is sent second places nothing. */
function Commands({
  request,
  baseUrl,
  keyOf,
}: {
  request: CreateProviderCall;
  baseUrl: string;
  keyOf: () => string;
}) {
  const [shown, setShown] = useState<'curl' | 'PowerShell' | 'providercall'>('curl');
  const [isOpen, setOpen] = useState(false);
  const input = isOpen ? { baseUrl, request, idempotencyKey: keyOf() } : undefined;
  const command =
    input === undefined
      ? ''
      : shown === 'curl'
        ? curlCommand(input)
        : shown === 'PowerShell'
          ? powerShellCommand(input)
          : providercallCommand(input);
  return (
    <details class="commands" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Copy as a command</summary>
      <fieldset class="choices">
        <legend class="visually-hidden">Kind of command</legend>
        {(['curl', 'PowerShell', 'providercall'] as const).map((kind) => (
          <label key={kind}>
            <input type="radio" name="command" checked={shown === kind} onChange={() => setShown(kind)} />{' '}
            {kind}
          </label>
        ))}
      </fieldset>
      <textarea class="mono" readOnly rows={7} aria-label={`${shown} command`} value={command} />
      <p>
        <CopyButton text={command} label="Copy" name={`the ${shown} command`} />
      </p>
      <p class="hint">
        {shown === 'providercall'
          ? 'It uses the login of providercall, or the variable PROVIDERCALL_TOKEN,'
          : 'It takes your token from the variable TOKEN'}{' '}
        and has this draft’s idempotency key: even if the request is sent from there and from here, it dials
        only once.
      </p>
      {shown === 'providercall' && request.source?.target_name !== undefined && (
        <p class="hint">This command leaves out the source’s name. Use curl or PowerShell to send it.</p>
      )}
    </details>
  );
}

function Confirmation({
  placement,
  provider,
  warnings,
  onClose,
  onConfirm,
}: {
  placement: Placement;
  provider: Provider | undefined;
  warnings: readonly RequestWarning[];
  onClose: () => void;
  onConfirm: () => void;
}) {
  const { request } = placement;
  const { destinations, source } = request;
  const count = destinations.length;
  return (
    <Dialog title={count === 1 ? 'Place a real call?' : `Place ${count} real calls?`} onClose={onClose}>
      <p>
        {count === 1 ? 'This is a real call' : 'These are real calls'}, and your customer account is billed
        for {count === 1 ? 'it' : 'them'}. {count === 1 ? 'A phone rings' : 'Phones ring'} at once.
      </p>
      <dl class="facts">
        <div>
          <dt>Through</dt>
          <dd>
            <ForeignText value={provider?.name || request.provider_id} />
          </dd>
        </div>
        <div>
          <dt>From</dt>
          <dd>
            <AddressText address={source} />
            {request.anonymous === 'yes' && ' (anonymous to the called party)'}
          </dd>
        </div>
        <div>
          <dt>To</dt>
          <dd>
            {destinations.map((destination, index) => (
              <div key={index}>
                <AddressText address={destination} />
              </div>
            ))}
          </dd>
        </div>
      </dl>
      {warnings.length > 0 && (
        <ul class="notice fair">
          {warnings.map((warning) => (
            <li key={warning.field + warning.code}>
              <ForeignText value={warning.message} />
            </li>
          ))}
        </ul>
      )}
      <p class="actions">
        <button type="button" onClick={onClose}>
          Not now
        </button>
        <button type="button" class="primary" onClick={onConfirm}>
          {count === 1 ? 'Place the call' : `Place ${count} calls`}
        </button>
      </p>
    </Dialog>
  );
}

function Sending({ since }: { since: Date }) {
  const seconds = Math.floor((useNow(1_000).getTime() - since.getTime()) / 1_000);
  return (
    <>
      <h1 tabIndex={-1}>Placing…</h1>
      <Loading what="the response" />
      <p>
        The request was sent {seconds} s ago. You may leave or reload this page: the request keeps its
        idempotency key, so nothing is dialled twice.
      </p>
    </>
  );
}

/** A request whose response has not been read: it may or may not have placed its calls. */
function Unresolved({
  placement,
  owner,
  providers,
  onSend,
  onDiscard,
}: {
  placement: Placement;
  owner: string;
  providers: readonly Provider[] | undefined;
  onSend: () => void;
  onDiscard: () => void;
}) {
  const [isAsking, setAsking] = useState(false);
  const { request } = placement;
  const provider = providers?.find(({ id }) => id === request.provider_id);
  const sentAt = placement.sentAt === null ? undefined : instantOf(placement.sentAt);
  const isMine = placement.owner === owner;
  return (
    <section class="notice fair" aria-labelledby="unresolved">
      <h2 id="unresolved">A request has no response yet</h2>
      <p>
        {sentAt !== undefined && `At ${localTime(sentAt, new Date())} `}a request was sent through{' '}
        <ForeignText value={provider?.name || request.provider_id} /> to{' '}
        {request.destinations.map((destination, index) => (
          <span key={index}>
            {index > 0 && ', '}
            <AddressText address={destination} />
          </span>
        ))}
        . Its response was not read, so the calls may or may not have been placed.
      </p>
      {isMine ? (
        <p>
          Send the same request again: it has the same idempotency key, so it either returns the record of the
          calls that were placed, or places them if the first request never arrived. It cannot dial twice.
        </p>
      ) : (
        <p>
          It was sent with another customer’s credential. Sign in with that one to send it again; with the
          current one it would be a different request, and could dial twice.
        </p>
      )}
      <p class="actions">
        {isMine && (
          <button type="button" class="primary" onClick={onSend}>
            Send the same request again
          </button>
        )}
        <Link class="button" to={{ view: 'records', providerId: request.provider_id }}>
          Look into the records
        </Link>
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          Discard it
        </button>
      </p>
      {isAsking && (
        <Dialog title="Discard the request?" onClose={() => setAsking(false)}>
          <p>
            Calls that it has placed go on, and their record is in the list. Only do this once you have looked
            there: placing the same call afterwards is a new request and dials again.
          </p>
          <p class="actions">
            <button type="button" onClick={() => setAsking(false)}>
              Keep it
            </button>
            <button type="button" class="danger" onClick={onDiscard}>
              Discard it
            </button>
          </p>
        </Dialog>
      )}
    </section>
  );
}
