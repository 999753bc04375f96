import { timestampOf } from '@provider-call/sip/clock';
import { nilUuid } from '../../../functions/uuid.ts';
import { type CallEngineOptions, type CallEvent, createCallEngine, type PlannedCall } from './call-engine.ts';
import type { CallLine } from './call-line.ts';
import type { CallRecords } from './call-records.ts';
import type { Call } from './records/call.ts';
import type { CallDocument } from './records/call-request.ts';
import type { TraceEntry } from './records/trace-entry.ts';
import type { Webhooks } from './webhooks.ts';

const traceLifetimeSeconds = 7 * 24 * 3600;

/** A call that a process which is gone had in hand: nobody is on it any more. */
export const endedCall = (call: Call, now: string): Call => ({
  ...call,
  status: 'hangup',
  hangup_by: 'local',
  hangup_reason: 'failed',
  tm_hangup: now,
  tm_update: now,
});

type LiveCallsOptions = Omit<CallEngineOptions, 'onEvent'> & {
  records: CallRecords;
  webhooks: Webhooks;
  /** Told what could not be written; the call goes on. */
  onError(error: unknown): void;
};

/** Calls that this process dials. Every step is written down, one after the other for one call. */
export function createLiveCalls(options: LiveCallsOptions): CallLine {
  const { clock, records, webhooks, onError } = options;
  const documents = new Map<string, CallDocument>();
  const liveLegs = new Map<string, Set<string>>();
  const writes = new Map<string, Promise<void>>();
  let closed = false;

  /** Runs `write` after all earlier writes about `id`. */
  const inOrder = (id: string, write: () => Promise<unknown>): Promise<void> => {
    const earlier = writes.get(id) ?? Promise.resolve();
    const done = earlier.then(write).then(() => {}, onError);
    writes.set(id, done);
    void done.then(() => {
      if (writes.get(id) === done) writes.delete(id);
    });
    return done;
  };

  const noteOnGroupcall = (call: Call): void => {
    const { id, groupcall_id: group, status, tm_update: now } = call;
    if (group === nilUuid) return;
    const legs = liveLegs.get(group);
    if (status === 'hangup') legs?.delete(id);
    const over = legs?.size === 0;
    if (over) liveLegs.delete(group);
    if (status !== 'progressing' && !over) return;
    void inOrder(group, () =>
      records.groupcalls.change(group, (groupcall) =>
        groupcall === undefined
          ? undefined
          : {
              ...groupcall,
              status: over ? 'hangup' : groupcall.status,
              answer_call_id:
                status === 'progressing' && groupcall.answer_call_id === nilUuid
                  ? id
                  : groupcall.answer_call_id,
              tm_update: now,
            },
      ),
    );
  };

  const saveTrace = (call: Call, trace: readonly TraceEntry[]) =>
    records.traces.put({
      id: call.id,
      entries: [...trace],
      expires: Math.floor(clock.now() / 1000) + traceLifetimeSeconds,
    });

  const onEvent = (event: CallEvent, call: Call, trace: readonly TraceEntry[]): void => {
    if (closed) return;
    webhooks.send(event, call);
    // A call is stored as dialing before it is dialled.
    if (event === 'call_created' || event === 'call_dialing') return;
    const document = documents.get(call.id);
    if (document === undefined) return;
    void inOrder(call.id, async () => {
      // Whoever finds the call ended also finds its trace.
      if (call.status === 'hangup') await saveTrace(call, trace);
      await records.calls.put({ ...document, call });
    });
    if (call.status === 'hangup') documents.delete(call.id);
    noteOnGroupcall(call);
  };

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
      await writes.get(call.id);
      return (await records.calls.get(call.id))?.call ?? call;
    },

    currentGroupcall: async (groupcall) => {
      await writes.get(groupcall.id);
      return (await records.groupcalls.get(groupcall.id)) ?? groupcall;
    },

    traceOf: async ({ call }) => {
      const live = engine.traceOf(call.id);
      if (live !== undefined) return live;
      await writes.get(call.id);
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
      await Promise.all(writes.values());
    },
  };
}
