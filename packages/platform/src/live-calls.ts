import { timestampOf } from '@provider-call/sip/clock';
import { nilUuid } from '../../../functions/uuid.ts';
import { type CallEngineOptions, type CallEvent, createCallEngine } from './call-engine.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRunner } from './call-runner.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { type Call, endedCall } from './records/call.ts';
import type { CallDocument, PlannedCall } from './records/call-request.ts';
import type { TraceEntry } from './records/trace-entry.ts';
import type { Webhooks } from './webhooks.ts';

const TRACE_LIFETIME_SECONDS = 7 * 24 * 3600;

type LiveCallsOptions = Omit<CallEngineOptions, 'onEvent'> & {
  records: CallRecords;
  webhooks: Webhooks;
  /** Receives errors of writes; the call goes on. */
  onError(error: unknown): void;
};

/** Runs calls that this process dials. Every step is stored, one after the other for one call. */
export function createLiveCalls(options: LiveCallsOptions): CallRunner {
  const { clock, records, webhooks, onError } = options;
  const documents = new Map<string, CallDocument>();
  const liveLegs = new Map<string, Set<string>>();
  const writes = new KeyedQueue();
  let closed = false;

  function writeInOrder(id: string, write: () => Promise<unknown>): void {
    writes.run(id, write).catch(onError);
  }

  function updateGroupcall(call: Call): void {
    const { id, groupcall_id: group, status, tm_update: now } = call;
    if (group === nilUuid) return;
    const legs = liveLegs.get(group);
    if (status === 'hangup') legs?.delete(id);
    const ended = legs?.size === 0;
    if (ended) liveLegs.delete(group);
    if (status !== 'progressing' && !ended) return;
    writeInOrder(group, () =>
      records.groupcalls.change(group, (groupcall) =>
        groupcall === undefined
          ? undefined
          : {
              ...groupcall,
              status: ended ? 'hangup' : groupcall.status,
              answer_call_id:
                status === 'progressing' && groupcall.answer_call_id === nilUuid
                  ? id
                  : groupcall.answer_call_id,
              tm_update: now,
            },
      ),
    );
  }

  function saveTrace(call: Call, trace: readonly TraceEntry[]): Promise<void> {
    return records.traces.put({
      id: call.id,
      entries: [...trace],
      expires: Math.floor(clock.now() / 1000) + TRACE_LIFETIME_SECONDS,
    });
  }

  function onEvent(event: CallEvent, call: Call, trace: readonly TraceEntry[]): void {
    if (closed) return;
    webhooks.send(event, call);
    // A call is stored as dialing before it is dialled.
    if (event === 'call_created' || event === 'call_dialing') return;
    const document = documents.get(call.id);
    if (document === undefined) throw new Error(`call ${call.id} has an event before its start`);
    writeInOrder(call.id, async () => {
      // Whoever finds the call ended also finds its trace.
      if (call.status === 'hangup') await saveTrace(call, trace);
      await records.calls.put({ ...document, call });
    });
    if (call.status === 'hangup') documents.delete(call.id);
    updateGroupcall(call);
  }

  const engine = createCallEngine({ ...options, onEvent });

  return {
    start: (planned: PlannedCall, document: CallDocument) => {
      const { id, groupcall_id: group } = planned.call;
      documents.set(id, document);
      if (group !== nilUuid) liveLegs.set(group, (liveLegs.get(group) ?? new Set()).add(id));
      engine.start(planned);
    },

    hangup: async ({ call }) => engine.hangup(call.id),

    current: async ({ call }) => {
      await writes.settled(call.id);
      return (await records.calls.get(call.id))?.call ?? call;
    },

    currentGroupcall: async (groupcall) => {
      await writes.settled(groupcall.id);
      return (await records.groupcalls.get(groupcall.id)) ?? groupcall;
    },

    traceOf: async ({ call }) => {
      const live = engine.traceOf(call.id);
      if (live !== undefined) return live;
      await writes.settled(call.id);
      const trace = await records.traces.get(call.id);
      return trace === undefined || trace.expires * 1000 <= clock.now() ? [] : trace.entries;
    },

    recover: async () => {
      const now = timestampOf(clock.now());
      for (const document of await records.calls.listOpen()) {
        const call = endedCall(document.call, now);
        await records.calls.put({ ...document, call });
        webhooks.send('call_hangup', call);
      }
      for (const groupcall of await records.groupcalls.listOpen()) {
        await records.groupcalls.put({ ...groupcall, status: 'hangup', tm_update: now });
      }
    },

    close: async () => {
      closed = true;
      await writes.allSettled();
    },
  };
}
