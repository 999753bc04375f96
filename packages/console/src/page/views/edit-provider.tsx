import type { Provider } from '@provider-call/client';
import { useMemo, useState } from 'preact/hooks';
import { type Failure, failureOf } from '../failure.ts';
import { useResource } from '../hooks.ts';
import { FailureNotice } from '../parts/failure-notice.tsx';
import { PasswordField, TextArea, TextField } from '../parts/field.tsx';
import { InvitePreview } from '../parts/invite-preview.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import {
  draftOf,
  EMPTY_PROVIDER_DRAFT,
  inputOf,
  type ProviderDraft,
  type ProviderDraftProblem,
} from '../provider-draft.ts';
import { TAB_STORAGE, useSession } from '../session.ts';
import { createFormStore } from '../stored-form.ts';

/** Adds a provider. */
export function NewProviderView() {
  return (
    <>
      <h1 tabIndex={-1}>Add a provider</h1>
      <ProviderForm storedAs="new-provider" initial={EMPTY_PROVIDER_DRAFT} existing={undefined} />
    </>
  );
}

/** Changes a provider. */
export function EditProviderView({ id }: { id: string }) {
  const { api } = useSession();
  const provider = useResource(`provider ${id}`, (signal) => api.platform.getProvider(id, { signal }));
  return (
    <>
      <h1 tabIndex={-1}>Edit the provider</h1>
      <ResourceView resource={provider} what="the provider">
        {(found) =>
          found.tm_delete === null ? (
            <ProviderForm storedAs={`provider-${id}`} initial={draftOf(found)} existing={found} />
          ) : (
            <p class="notice fair">This provider has been deleted, so it cannot be changed.</p>
          )
        }
      </ResourceView>
    </>
  );
}

function ProviderForm({
  storedAs,
  initial,
  existing,
}: {
  storedAs: string;
  initial: ProviderDraft;
  existing: Provider | undefined;
}) {
  const { api, go, announce } = useSession();
  const store = useMemo(() => createFormStore(TAB_STORAGE, storedAs, initial, ['authPassword']), [storedAs]);
  const [draft, setDraft] = useState<ProviderDraft>(() => store.load());
  const [problems, setProblems] = useState<readonly ProviderDraftProblem[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);

  function change(changes: Partial<ProviderDraft>) {
    const changed = { ...draft, ...changes };
    setDraft(changed);
    store.save(changed);
  }

  async function submit(event: Event) {
    event.preventDefault();
    if (isBusy) return;
    const read = inputOf(draft);
    setProblems('problems' in read ? read.problems : []);
    setFailure(undefined);
    if ('problems' in read) {
      announce(read.problems.map(({ message }) => message).join(' '));
      return;
    }
    setBusy(true);
    try {
      const saved =
        existing === undefined
          ? await api.platform.createProvider(read.input)
          : await api.platform.updateProvider(existing.id, read.input);
      store.clear();
      announce('The provider is saved.');
      go({ view: 'provider', id: saved.id }, { replace: true });
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  const problemOf = (field: keyof ProviderDraft) =>
    problems.find((problem) => problem.field === field)?.message;
  const field = (name: keyof ProviderDraft) => ({
    value: draft[name],
    onValue: (value: string) => change({ [name]: value }),
    problem: problemOf(name),
  });

  return (
    <form class="columns" onSubmit={submit} noValidate>
      <div>
        <TextField label="Name" {...field('name')} />
        <TextField
          label="Host"
          hint="Host name or IP address, with a port unless it is 5060: sip.carrier.example:5070"
          {...field('hostname')}
          input={{ class: 'mono' }}
        />
        <div class="pair">
          <TextField
            label="Prefix"
            hint="Before the number"
            {...field('techPrefix')}
            input={{ class: 'mono' }}
          />
          <TextField
            label="Postfix"
            hint="After the number"
            {...field('techPostfix')}
            input={{ class: 'mono' }}
          />
        </div>
        <TextArea
          label="Headers of each call"
          hint="One Name: value in each line. Names that the platform sets itself are left out."
          {...field('techHeaders')}
        />
        <TextField
          label="Codecs"
          hint="In order of preference"
          {...field('codecs')}
          input={{ class: 'mono' }}
        />
        <div class="pair">
          <TextField
            label="User name"
            hint={existing === undefined ? 'If the provider asks for one' : 'Leave empty to keep it'}
            {...field('authUsername')}
          />
          <PasswordField label="Password" hint="Not kept if you leave this form" {...field('authPassword')} />
        </div>
        <TextArea label="Detail" rows={2} {...field('detail')} />
        {failure !== undefined && <FailureNotice failure={failure} />}
        <p class="actions">
          <button type="submit" class="primary" disabled={isBusy}>
            {existing === undefined ? 'Add the provider' : 'Save the changes'}
          </button>
          <button
            type="button"
            onClick={() => {
              store.clear();
              setDraft(initial);
              setProblems([]);
            }}
          >
            {existing === undefined ? 'Empty the form' : 'Discard the changes'}
          </button>
        </p>
      </div>
      <aside aria-label="Preview">
        <h2>What a call looks like</h2>
        <InvitePreview
          provider={previewed(draft)}
          source={{ type: 'tel', target: '+14155550100', target_name: '' }}
          destinations={[{ type: 'tel', target: '+821012345678', target_name: '' }]}
          anonymous="no"
        />
      </aside>
    </form>
  );
}

/** Returns the provider as far as the form describes it; parts that cannot be read yet are left out. */
function previewed(draft: ProviderDraft) {
  const read = inputOf({ ...draft, name: draft.name || 'preview', techHeaders: '' });
  const headers = inputOf({ ...draft, name: 'preview', hostname: 'preview' });
  return {
    hostname: 'input' in read ? read.input.hostname : '',
    tech_prefix: draft.techPrefix.trim(),
    tech_postfix: draft.techPostfix.trim(),
    tech_headers: 'input' in headers ? (headers.input.tech_headers ?? {}) : {},
  };
}
