import { SEED_IDS } from '@provider-call/platform/seed';
import { expect, test } from 'vitest';
import { PlatformError } from '../../functions/platform-error.ts';
import { deleteProviderCall } from '../../functions/provider-calls/delete-provider-call.ts';
import { createRequestScope } from '../../functions/request-scope.ts';
import { checkPromises } from './check-promises.ts';
import { type ClientRequest, newClientRequest } from './client-request.ts';
import { startFixture } from './fixture.ts';
import { drive } from './run.ts';
import { type Attempt, createScenario, type Scenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';
import { SETTLED_AFTER } from './transport.ts';

/*
 * Requests that really are concurrent, over the network and in the table.
 */

const fixture = await startFixture();

function sendAtOnce(scenario: Scenario, clientRequests: ClientRequest[]): Promise<Attempt[]> {
  return Promise.all(
    clientRequests.map(async (clientRequest) => {
      const attempt = await scenario.send(clientRequest);
      await drive(attempt.run);
      return attempt;
    }),
  );
}

/** Outcomes by what the client sees: `new`, `replayed`, or the reason of the error. */
function outcomes(attempts: Attempt[]): Set<string> {
  return new Set(
    attempts.map(({ run: { outcome } }) => {
      if (outcome?.kind === 'returned') return outcome.value.replayed ? 'replayed' : 'new';
      return outcome?.error instanceof PlatformError ? outcome.error.reason : 'another error';
    }),
  );
}

function responsesOf(attempts: Attempt[]) {
  return attempts.flatMap(({ run: { outcome } }) => (outcome?.kind === 'returned' ? [outcome.value] : []));
}

test('one of fifty simultaneous requests with one key places its calls', async (context) => {
  const scenario = await createScenario(fixture);
  const clientRequest = newClientRequest({ withFlow: true, withKey: true, withGroupcall: true });
  const attempts = await sendAtOnce(scenario, Array(50).fill(clientRequest));
  expect(responsesOf(attempts).filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(outcomes(attempts).difference(new Set(['new', 'replayed', 'REQUEST_IN_PROGRESS'])).size).toBe(0);
  const { records, flows } = await checkPromises(scenario, statisticsOf(context));
  expect(records).toHaveLength(1);
  expect(flows).toHaveLength(1);
  // The others get the record that the first one created.
  const [late] = await sendAtOnce(scenario, [clientRequest]);
  expect(late?.run.outcome).toMatchObject({
    kind: 'returned',
    value: { replayed: true, record: records[0] },
  });
}, 60_000);

test('requests with one key and different bodies are rejected, except those with one of the bodies', async (context) => {
  const scenario = await createScenario(fixture);
  const clientRequest = newClientRequest({ withFlow: false, withKey: true });
  const other = {
    ...newClientRequest({ withFlow: false, withKey: true }),
    idempotencyKey: clientRequest.idempotencyKey,
  };
  const attempts = await sendAtOnce(scenario, [clientRequest, other, clientRequest, other]);
  expect(responsesOf(attempts).filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(outcomes(attempts)).toContain('IDEMPOTENCY_KEY_REUSED');
  const { records, calls } = await checkPromises(scenario, statisticsOf(context));
  expect([records.length, calls.length]).toEqual([1, 1]);
});

test('requests without a key are independent', async (context) => {
  const scenario = await createScenario(fixture);
  const attempts = await sendAtOnce(
    scenario,
    Array(5).fill(newClientRequest({ withFlow: true, withKey: false })),
  );
  expect(outcomes(attempts)).toEqual(new Set(['new']));
  const { records, calls } = await checkPromises(scenario, statisticsOf(context));
  expect([records.length, calls.length]).toEqual([5, 5]);
});

test.for([
  ['before its flow was made', 'flow', 'request'],
  ['after its flow was made', 'flow', 'response'],
  ['before its calls were placed', 'call', 'request'],
  ['after its calls were placed', 'call', 'response'],
] as const)(
  'ten retries and three reconciles at once settle what died %s, and the request is done once',
  async ([, backend, at], context) => {
    const scenario = await createScenario(fixture);
    const clientRequest = newClientRequest({ withFlow: true, withKey: true });
    const { run } = await scenario.send(clientRequest);
    await drive(run, ({ to, side }) => (to === backend && side === at ? 'stop' : 'pass'));
    scenario.wait(SETTLED_AFTER);
    const reconciling = Array.from({ length: 3 }, async () => drive(await scenario.reconcile()));
    const retries = await sendAtOnce(scenario, Array(10).fill(clientRequest));
    await Promise.all(reconciling);
    const [last] = await sendAtOnce(scenario, [clientRequest]);
    expect(last?.run.outcome).toMatchObject({ kind: 'returned' });
    expect(outcomes(retries).difference(new Set(['new', 'replayed', 'REQUEST_IN_PROGRESS'])).size).toBe(0);
    const { records, calls } = await checkPromises(scenario, statisticsOf(context));
    expect([records.length, calls.length]).toEqual([1, 1]);
  },
);

test('the first of several simultaneous deletes sets the time of the deletion, and the record stays as it is', async () => {
  const scenario = await createScenario(fixture);
  const [attempt] = await sendAtOnce(scenario, [newClientRequest({ withFlow: false, withKey: false })]);
  const [response] = attempt === undefined ? [] : responsesOf([attempt]);
  const id = response?.record.id ?? '';
  const remove = (seconds: number) =>
    deleteProviderCall(
      { store: scenario.store, now: () => new Date(Date.UTC(2026, 3, 22, 0, 0, seconds)) },
      createRequestScope('request-1'),
      { customerId: scenario.customerId, actor: { type: 'agent', id: SEED_IDS.agent }, id },
    );
  const deleted = await Promise.all([0, 1, 2, 3, 4].map(remove));
  expect(new Set(deleted.map(({ deletedAt }) => deletedAt)).size).toBe(1);
  expect(await remove(30)).toEqual(deleted[0]);
});
