import type { Call, Provider } from '@provider-call/client';
import { useState } from 'preact/hooks';
import { providerName, providerOf } from '../api.ts';
import { useResource } from '../hooks.ts';
import { ConfirmDeletion } from '../parts/confirm-deletion.tsx';
import { DelayChart } from '../parts/delay-chart.tsx';
import { Fact, None } from '../parts/facts.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { HealthDetail } from '../parts/health.tsx';
import { Link } from '../parts/link.tsx';
import { OutcomeStrip } from '../parts/outcome-strip.tsx';
import { ReadMessages } from '../parts/read-messages.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { StatisticsPanel, StatusCounts } from '../parts/statistics-panel.tsx';
import { TimeText } from '../parts/time-text.tsx';
import { useAnalyses } from '../parts/use-analyses.ts';
import { useSession } from '../session.ts';
import { statisticsOf } from '../statistics.ts';

/** How many of a provider's calls the statistics count. */
export const STATISTICS_CALLS = 100;

/** One provider: its health, its configuration, and the statistics of its last calls. */
export function ProviderView({ id }: { id: string }) {
  const { api } = useSession();
  const provider = useResource(`provider ${id}`, (signal) => api.platform.getProvider(id, { signal }));
  return (
    <ResourceView resource={provider} what="the provider" title="Provider">
      {(found) => <ProviderDetail provider={found} onChanged={provider.reload} />}
    </ResourceView>
  );
}

function ProviderDetail({ provider, onChanged }: { provider: Provider; onChanged: () => void }) {
  const { api } = useSession();
  const { id, tm_delete: deletedAt } = provider;
  const [isDeleting, setDeleting] = useState(false);
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>
          <ForeignText value={providerName(provider)} />
        </h1>
        {deletedAt === null && (
          <p class="actions">
            <Link class="button primary" to={{ view: 'place', providerId: id }}>
              Place a call
            </Link>
            <Link class="button" to={{ view: 'edit-provider', id }}>
              Edit
            </Link>
            <button type="button" class="danger" onClick={() => setDeleting(true)}>
              Delete
            </button>
          </p>
        )}
      </div>
      {deletedAt !== null && (
        <div class="notice fair">
          <p class="notice-title">
            Deleted at <TimeText timestamp={deletedAt} />
          </p>
          <p>No call can go through it. Its records and statistics stay.</p>
        </div>
      )}
      <HealthDetail provider={provider} />
      <p class="links">
        <Link to={{ view: 'records', providerId: id }}>Its records</Link>
        <Link to={{ view: 'compare', first: id }}>Compare with another provider</Link>
      </p>
      <ProviderCalls id={id} />
      <section aria-labelledby="configuration">
        <h2 id="configuration">Configuration</h2>
        <Configuration provider={provider} />
      </section>
      {isDeleting && (
        <ConfirmDeletion
          what="provider"
          remove={() => api.platform.deleteProvider(id)}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            setDeleting(false);
            onChanged();
          }}
        >
          <p>
            No call can go through <ForeignText value={providerName(provider)} /> any more. Calls under way go
            on, and its records stay. This cannot be undone.
          </p>
        </ConfirmDeletion>
      )}
    </>
  );
}

/** Returns the newest calls of a provider, as far back as they are searched. */
export function useCallsOf(id: string) {
  const { api } = useSession();
  const isOfProvider = (call: Call) => providerOf(call) === id;
  return useResource(`calls of ${id}`, async (signal) => {
    const calls = await api.recentCalls((found) => found.filter(isOfProvider).length >= STATISTICS_CALLS, {
      signal,
    });
    return { calls: calls.filter(isOfProvider).slice(0, STATISTICS_CALLS), searched: calls.length };
  });
}

function ProviderCalls({ id }: { id: string }) {
  const found = useCallsOf(id);
  const calls = found.value?.calls ?? [];
  const read = useAnalyses(id, calls);
  return (
    <section aria-labelledby="statistics">
      <div class="heading">
        <h2 id="statistics">Last {calls.length === 1 ? 'call' : `${calls.length || ''} calls`}</h2>
        <button type="button" onClick={found.reload}>
          Refresh
        </button>
      </div>
      <ResourceView resource={found} what="calls">
        {({ searched }) =>
          calls.length === 0 ? (
            <p class="empty">
              This provider has no call among your customer’s newest ({searched} searched). Place one to see
              how it responds.
            </p>
          ) : (
            <>
              <OutcomeStrip calls={calls} />
              <StatisticsPanel statistics={statisticsOf(calls, read.analyses)} />
              <p class="hint">
                {read.analyses === undefined
                  ? 'Based on the Calls’ own timestamps.'
                  : 'Based on the SIP messages of the calls, and on the Calls’ own timestamps where nothing was captured.'}
                {statisticsOf(calls).excluded > 0 &&
                  ` ${statisticsOf(calls).excluded} are left out: under way, or stopped on this side.`}
              </p>
              <DelayChart calls={calls} />
              <h3>SIP statuses</h3>
              {read.analyses === undefined ? (
                <ReadMessages calls={calls} reading={read} />
              ) : (
                <StatusCounts statistics={statisticsOf(calls, read.analyses)} />
              )}
            </>
          )
        }
      </ResourceView>
    </section>
  );
}

function Configuration({ provider }: { provider: Provider }) {
  const { id, hostname, tech_prefix, tech_postfix, codecs, detail, tm_create, tm_update } = provider;
  const headers = Object.entries(provider.tech_headers);
  return (
    <dl class="facts">
      <Fact name="Host">
        <ForeignText value={hostname} ltr />
      </Fact>
      <Fact name="Prefix">{tech_prefix === '' ? <None /> : <ForeignText value={tech_prefix} ltr />}</Fact>
      <Fact name="Postfix">{tech_postfix === '' ? <None /> : <ForeignText value={tech_postfix} ltr />}</Fact>
      <Fact name="Headers">
        {headers.length === 0 ? (
          <None />
        ) : (
          headers.map(([name, value]) => (
            <div key={name}>
              <ForeignText value={`${name}: ${value}`} ltr />
            </div>
          ))
        )}
      </Fact>
      <Fact name="Codecs">{codecs === '' ? <None /> : <ForeignText value={codecs} ltr />}</Fact>
      <Fact name="Detail">{detail === '' ? <None /> : <ForeignText value={detail} />}</Fact>
      <Fact name="Created">
        <TimeText timestamp={tm_create} />
      </Fact>
      <Fact name="Changed">
        <TimeText timestamp={tm_update} />
      </Fact>
      <Fact name="Id">
        <code>{id}</code>
      </Fact>
    </dl>
  );
}
