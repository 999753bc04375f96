import type { Call } from '@provider-call/client';
import type { ComponentChildren } from 'preact';
import { plainText } from '../display-text.ts';
import { useResource } from '../hooks.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { FailureNotice } from '../parts/failure-notice.tsx';
import { providerOptions, SelectField } from '../parts/field.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { OutcomeStrip } from '../parts/outcome-strip.tsx';
import { ReadMessages } from '../parts/read-messages.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { StatusCounts } from '../parts/statistics-panel.tsx';
import { useAnalyses } from '../parts/use-analyses.ts';
import { useSession } from '../session.ts';
import { compareFigures, type FigureValue, statisticsOf } from '../statistics.ts';
import { STATISTICS_CALLS, useCallsOf } from './provider.tsx';

/** Two providers side by side, over their most recent calls. */
export function CompareView({ first, second }: { first: string | undefined; second: string | undefined }) {
  const { api, go } = useSession();
  const providers = useResource('providers', (signal) => api.listProviders(signal));
  const options = [{ value: '', label: 'Choose a provider' }, ...providerOptions(providers.value)];
  const choose = (a: string | undefined, b: string | undefined) =>
    go({
      view: 'compare',
      ...(a !== undefined && a !== '' && { first: a }),
      ...(b !== undefined && b !== '' && { second: b }),
    });
  const nameOf = (id: string) => providers.value?.find((provider) => provider.id === id)?.name || id;
  return (
    <>
      <h1 tabIndex={-1}>Compare</h1>
      {providers.failure !== undefined && (
        <FailureNotice failure={providers.failure} onRetry={providers.reload} />
      )}
      <div class="toolbar">
        <SelectField
          label="First provider"
          value={first ?? ''}
          onValue={(value) => choose(value, second)}
          options={options}
        />
        <SelectField
          label="Second provider"
          value={second ?? ''}
          onValue={(value) => choose(first, value)}
          options={options}
        />
      </div>
      {first === undefined || second === undefined ? (
        <p class="empty">Choose two providers to see their last {STATISTICS_CALLS} calls side by side.</p>
      ) : (
        <Comparison
          key={`${first} ${second}`}
          first={{ id: first, name: nameOf(first) }}
          second={{ id: second, name: nameOf(second) }}
        />
      )}
    </>
  );
}

type Side = { id: string; name: string };

function Comparison({ first, second }: { first: Side; second: Side }) {
  const firstCalls = useCallsOf(first.id);
  const secondCalls = useCallsOf(second.id);
  return (
    <ResourceView resource={firstCalls} what={`calls of ${first.name}`}>
      {(a) => (
        <ResourceView resource={secondCalls} what={`calls of ${second.name}`}>
          {(b) => <SideBySide first={{ ...first, calls: a.calls }} second={{ ...second, calls: b.calls }} />}
        </ResourceView>
      )}
    </ResourceView>
  );
}

type ComparisonRow = { name: string; meaning?: string; cells: ComponentChildren[]; difference?: string };

function FigureCell({ figure: { value, interval, basis } }: { figure: FigureValue }) {
  return (
    <>
      <strong>{value}</strong>{' '}
      <span class="muted">
        {interval !== undefined && `${interval}, `}
        {basis}
      </span>
    </>
  );
}

function SideBySide({
  first,
  second,
}: {
  first: Side & { calls: Call[] };
  second: Side & { calls: Call[] };
}) {
  const both = [...first.calls, ...second.calls];
  const read = useAnalyses(`${first.id} ${second.id}`, both);
  const sides = [first, second].map((side) => ({
    ...side,
    statistics: statisticsOf(side.calls, read.analyses),
  }));
  const [a, b] = sides.map(({ statistics }) => statistics);
  if (a === undefined || b === undefined) return null;
  const rows: ComparisonRow[] = [
    { name: 'Last calls', cells: sides.map(({ calls }) => <OutcomeStrip calls={calls} />) },
    ...compareFigures(a, b).map(({ figures, ...row }) => ({
      ...row,
      cells: figures.map((figure) => <FigureCell figure={figure} />),
    })),
  ];
  const columns: Column<ComparisonRow>[] = [
    { header: 'Figure', cell: ({ name, meaning }) => <strong title={meaning}>{name}</strong> },
    ...sides.map(({ name }, index) => ({
      header: plainText(name),
      cell: ({ cells }: ComparisonRow) => cells[index],
    })),
    { header: 'Difference', cell: ({ difference }) => difference },
  ];
  return (
    <>
      <DataTable caption="Comparison" rows={rows} keyOf={({ name }) => name} columns={columns} />
      <p class="hint">
        Intervals and differences are at 95%. A difference that “may be chance” needs more calls before it
        means anything.
      </p>
      <section aria-labelledby="statuses">
        <h2 id="statuses">SIP statuses</h2>
        {read.analyses === undefined ? (
          <ReadMessages calls={both} reading={read} />
        ) : (
          <div class="pair">
            {sides.map(({ id, name, statistics }, index) => (
              <div key={`${index} ${id}`}>
                <h3>
                  <ForeignText value={name} />
                </h3>
                <StatusCounts statistics={statistics} />
              </div>
            ))}
          </div>
        )}
      </section>
    </>
  );
}
