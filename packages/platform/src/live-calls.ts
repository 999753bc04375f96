import { timestampOf } from '@provider-call/sip/clock';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { type CallEngineOptions, createCallEngine, type Evidence } from './call-engine.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRunner } from './call-runner.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { type Call, endedCall } from './records/call.ts';
import type { CallDocument, PlannedCall } from './records/call-request.ts';
import { type CallEvent, type TimelineEvent, timelineEventOf } from './records/timeline.ts';
import type { Webhooks } from './webhooks.ts';

/** Seconds for which captures and events are kept. */
const TIMELINE_LIFETIME = 7 * 24 * 3600;

type LiveCallsOptions = Omit<CallEngineOptions, 'onEvent' | 'onLateCapture'> & {
  records: CallRecords;
  webhooks: Webhooks;
  /** Receives the errors of failed writes; the call goes on. */
  onError(error: unknown): void;
};

/** Runs calls that this process dials. Every step is stored, in order for each call. */
export function createLiveCalls(options: LiveCallsOptions): CallRunner {
  const { clock, records, webhooks, onError } = options;
  const documents = new Map<string, CallDocument>();
  const events = new Map<string, TimelineEvent[]>();
  const liveLegs = new Map<string, Set<string>>();
  const lateWrites = new Set<string>();
  const writes = new KeyedQueue();
  let closed = false;

  function writeInOrder(id: string, write: () => Promise<unknown>): void {
    writes.run(id, write).catch(onError);
  }

  function updateGroupcall(call: Call): void {
    const { id, groupcall_id: group, status, tm_update: now } = call;
    if (group === NIL_UUID) return;
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
                status === 'progressing' && groupcall.answer_call_id === NIL_UUID
                  ? id
                  : groupcall.answer_call_id,
              tm_update: now,
            },
      ),
    );
  }

  function expiry(): number {
    return Math.floor(clock.now() / 1000) + TIMELINE_LIFETIME;
  }

  async function saveEvidence(id: string, evidence: Evidence): Promise<void> {
    const analysis = evidence();
    if (analysis !== undefined) await records.analyses.put({ id, analysis, expires: expiry() });
  }

  function onEvent(event: CallEvent, call: Call, evidence: Evidence): void {
    if (closed) return;
    webhooks.send(event, call);
    const document = documents.get(call.id);
    if (document === undefined) throw new Error(`call ${call.id} has an event before its start`);
    const soFar = [...(events.get(call.id) ?? []), timelineEventOf(event, call)];
    events.set(call.id, soFar);
    // A call is stored as dialing before it is dialled.
    if (event === 'call_created' || event === 'call_dialing') return;
    writeInOrder(call.id, async () => {
      // A reader that finds the call in this state also finds the events that led to it.
      await saveEvidence(call.id, evidence);
      await records.events.put({ id: call.id, events: soFar, expires: expiry() });
      await records.calls.put({ ...document, call });
      if (call.status === 'hangup') events.delete(call.id);
    });
    if (call.status === 'hangup') documents.delete(call.id);
    updateGroupcall(call);
  }

  /** Stores what was captured after the end. Further messages are included in a write that has not begun yet. */
  function onLateCapture({ id }: Call, evidence: Evidence): void {
    if (closed || lateWrites.has(id)) return;
    lateWrites.add(id);
    writeInOrder(id, async () => {
      lateWrites.delete(id);
      await saveEvidence(id, evidence);
    });
  }

  /** DynamoDB removes an item some time after it has expired; until then it does not exist for us. */
  function current<Stored extends { expires: number }>(stored: Stored | undefined): Stored | undefined {
    return stored === undefined || stored.expires * 1000 <= clock.now() ? undefined : stored;
  }

  const engine = createCallEngine({ ...options, onEvent, onLateCapture });

  return {
    start: (planned: PlannedCall, document: CallDocument) => {
      const { id, groupcall_id: group } = planned.call;
      documents.set(id, document);
      if (group !== NIL_UUID) liveLegs.set(group, (liveLegs.get(group) ?? new Set()).add(id));
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

    analysisOf: async ({ call }) => {
      const live = engine.evidenceOf(call.id);
      if (live !== undefined) return live();
      await writes.settled(call.id);
      return current(await records.analyses.get(call.id))?.analysis;
    },

    eventsOf: async ({ call }) => {
      await writes.settled(call.id);
      return events.get(call.id) ?? current(await records.events.get(call.id))?.events ?? [];
    },

    recover: async () => {
      const now = timestampOf(clock.now());
      for (const document of await records.calls.listOpen()) {
        const call = endedCall(document.call, now);
        const stored = await records.events.get(call.id);
        const soFar = [...(stored?.events ?? []), timelineEventOf('call_hangup', call)];
        await records.events.put({ id: call.id, events: soFar, expires: expiry() });
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
