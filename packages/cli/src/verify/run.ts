import { type Provider, ProviderCallApiError } from '@provider-call/client';
import { describeError } from '../describe-error.ts';
import { type CallEvidence, evidenceOf } from '../evidence-of.ts';
import type { Session } from '../session.ts';
import { hasEnded, pause, type WatchedCall, watchCalls } from '../watch-calls.ts';
import { deviationOf } from './judge.ts';
import { keyOf, type Plan, type PlannedCall, plannedCalls, requestFor } from './plan.ts';

/** The result of one call of a plan. */
export type CallResult = PlannedCall & {
  providerId: string;
  providerName: string;
  recordId?: string;
  evidence?: CallEvidence;
  /** Why it is not as expected; absent if it is. */
  deviation?: string;
};

export type RunOptions = {
  plan: Plan;
  run: string;
  /** By the name used in the plan. */
  providers: ReadonlyMap<string, Provider>;
  /** Stops further calls from being placed. */
  signal: AbortSignal;
  /** Also stops waiting for the calls that were placed. */
  abandon: AbortSignal;
  onResult: (result: CallResult) => void;
};

export type Run = {
  results: CallResult[];
  /** The number of calls that were not placed, or may not have been. */
  open: number;
};

const MAX_LIVE = 40;
/** Statuses after which no further call can succeed. */
const ENDS_THE_RUN = new Set([401, 402, 403]);

/**
 * Places a plan's calls at its pace and waits for each to end. Each has a key derived from plan, run and index: running
 * it again with the same run id returns the records of the calls that were placed, and dials only the others.
 *
 * @throws the first error after which no further call can be placed
 */
export async function runPlan(session: Session, options: RunOptions): Promise<Run> {
  const { plan, signal, onResult } = options;
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const results: CallResult[] = [];
  const live = new Set<Promise<void>>();
  let open = 0;
  let fault: unknown;

  const calls = plannedCalls(plan);
  let nextAt = Date.now();
  for (const planned of calls) {
    await pause(nextAt - Date.now(), stopped);
    while (live.size >= MAX_LIVE) await Promise.race(live);
    if (stopped.aborted) break;
    nextAt = Math.max(Date.now(), nextAt) + 1000 / plan.callsPerSecond;
    const task = runCall(session, planned, options).then(
      (result) => {
        if (result === undefined) {
          open += 1;
          return;
        }
        results.push(result);
        onResult(result);
      },
      (error: unknown) => {
        open += 1;
        fault ??= error;
        stop.abort();
      },
    );
    live.add(task);
    task.finally(() => live.delete(task));
  }
  await Promise.all(live);
  if (fault !== undefined) throw fault;
  const placed = results.length + open;
  return { results: results.sort((a, b) => a.index - b.index), open: open + calls.length - placed };
}

/**
 * Returns undefined if waiting was abandoned.
 *
 * @throws any error after which no further call can be placed
 */
async function runCall(
  session: Session,
  planned: PlannedCall,
  options: RunOptions,
): Promise<CallResult | undefined> {
  const { plan, run, providers } = options;
  const provider = providers.get(planned.provider);
  if (provider === undefined) throw new Error(`provider ${planned.provider} was not looked up`);
  const base = { ...planned, providerId: provider.id, providerName: provider.name };
  let recordId: string;
  let callId: string | undefined;
  try {
    const { record } = await session.providerCalls.createProviderCall(
      requestFor(plan, planned, provider.id),
      {
        idempotencyKey: keyOf(plan, run, planned.index),
      },
    );
    recordId = record.id;
    callId = record.call_ids[0];
  } catch (error) {
    if (!(error instanceof ProviderCallApiError) || ENDS_THE_RUN.has(error.httpStatus)) throw error;
    const { providerCallId } = error;
    const deviation =
      error.reason === 'CALL_OUTCOME_UNKNOWN'
        ? 'it is not known whether it was placed'
        : `not placed: ${describeError(error).message}`;
    return { ...base, ...(providerCallId !== undefined && { recordId: providerCallId }), deviation };
  }
  if (callId === undefined) return { ...base, recordId, deviation: 'it is not known whether it was placed' };
  const watched = await endOf(session, callId, options);
  if (watched?.isAbsent) return { ...base, recordId, deviation: 'the platform no longer has its call' };
  if (watched?.call === undefined) return undefined;
  const evidence = await evidenceOf(session, watched.call);
  const deviation = deviationOf(evidence.analysis, planned.expect, plan);
  return { ...base, recordId, evidence, ...(deviation !== undefined && { deviation }) };
}

/**
 * Waits for a call to end, and hangs up when the plan's limits are reached. Returns undefined if waiting was abandoned.
 */
async function endOf(
  session: Session,
  callId: string,
  { plan, abandon }: RunOptions,
): Promise<WatchedCall | undefined> {
  const since = new Map<string, number>();
  let askedToEnd = false;
  const { calls, finished } = await watchCalls(
    session,
    { call_ids: [callId], groupcall_ids: [] },
    {
      signal: abandon,
      onChange: ([watched]) => {
        const call = watched?.call;
        if (call === undefined || hasEnded(call) || askedToEnd) return;
        const first = since.get(call.status) ?? Date.now();
        since.set(call.status, first);
        const limit =
          call.status === 'progressing'
            ? plan.maxTalkSeconds
            : call.status === 'ringing'
              ? plan.maxRingSeconds
              : undefined;
        if (limit === undefined || Date.now() - first < limit * 1000) return;
        askedToEnd = true;
        session.platform.hangUp(callId).catch(() => {
          askedToEnd = false;
        });
      },
    },
  );
  return finished || !abandon.aborted ? calls[0] : undefined;
}
