import type { Call, Provider } from '@provider-call/client';
import { providerName, providerOf } from '../api.ts';
import { plainText } from '../display-text.ts';
import { useResource } from '../hooks.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { HealthPill } from '../parts/health.tsx';
import { Link } from '../parts/link.tsx';
import { OutcomeStrip, STRIP_LENGTH } from '../parts/outcome-strip.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { useSession } from '../session.ts';
import { percent, statisticsOf } from '../statistics.ts';
import { durationText } from '../time.ts';
import { STATISTICS_CALLS } from './provider.tsx';

/** How far back the overview looks; a provider's own page reads more. */
const MAX_OVERVIEW_CALLS = 300;

/** All providers with their health and how their last calls went. */
export function ProvidersView() {
  const { api } = useSession();
  const providers = useResource('providers', (signal) => api.listProviders(signal));
  const calls = useResource('recent calls', (signal) =>
    api.recentCalls((found) => found.length >= MAX_OVERVIEW_CALLS, { signal }),
  );
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Providers</h1>
        <p class="actions">
          <button
            type="button"
            onClick={() => {
              providers.reload();
              calls.reload();
            }}
          >
            Refresh
          </button>
          <Link class="button primary" to={{ view: 'new-provider' }}>
            Add a provider
          </Link>
        </p>
      </div>
      <ResourceView resource={providers} what="providers">
        {(found) =>
          found.length === 0 ? (
            <p class="empty">
              There is no provider yet. Add one, then place a test call through it: nothing else is needed.
            </p>
          ) : (
            <DataTable
              caption="Providers"
              rows={found}
              keyOf={({ id }) => id}
              columns={columnsOf(calls.value, calls.failure !== undefined)}
            />
          )
        }
      </ResourceView>
      <p class="hint">
        Outcomes and ratios count each provider’s calls among your customer’s newest {MAX_OVERVIEW_CALLS}, at
        most {STATISTICS_CALLS} of them. A provider’s own page looks further back and shows the intervals.
      </p>
    </>
  );
}

function columnsOf(calls: readonly Call[] | undefined, failed: boolean): Column<Provider>[] {
  const byProvider = new Map<string | undefined, Call[]>();
  for (const call of calls ?? []) {
    const id = providerOf(call);
    byProvider.set(id, [...(byProvider.get(id) ?? []), call]);
  }
  const callsOf = ({ id }: Provider) => (byProvider.get(id) ?? []).slice(0, STATISTICS_CALLS);
  const pending = failed ? 'not available' : '…';
  return [
    {
      header: 'Provider',
      cell: (provider) => (
        <Link to={{ view: 'provider', id: provider.id }}>
          <ForeignText value={providerName(provider)} />
        </Link>
      ),
    },
    { header: 'Host', cell: ({ hostname }) => <ForeignText value={hostname} ltr />, class: 'mono' },
    { header: 'Health', cell: (provider) => <HealthPill provider={provider} /> },
    {
      header: `Last ${STRIP_LENGTH} calls`,
      cell: (provider) => (calls === undefined ? pending : <OutcomeStrip calls={callsOf(provider)} />),
    },
    {
      header: 'ASR',
      class: 'numeric',
      cell: (provider) => {
        const { asr } = statisticsOf(callsOf(provider));
        if (calls === undefined || asr.value === undefined) return '–';
        return (
          <>
            {percent(asr.value)} <span class="muted">of {asr.total}</span>
          </>
        );
      },
    },
    {
      header: 'Delay',
      class: 'numeric',
      cell: (provider) => {
        const { value } = statisticsOf(callsOf(provider)).postDialDelayP50;
        return calls === undefined || value === undefined ? '–' : durationText(value);
      },
    },
    {
      header: 'Test',
      cell: (provider) => (
        <Link
          to={{ view: 'place', providerId: provider.id }}
          aria-label={`Place a call through ${plainText(providerName(provider))}`}
        >
          Place a call
        </Link>
      ),
    },
  ];
}
