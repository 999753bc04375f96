import type { Clock } from '@provider-call/sip/clock';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { createCallEngine, type Evidence } from './call-engine.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRunner } from './call-runner.ts';
import type { Call } from './records/call.ts';
import { type CallDocument, plannedCalls } from './records/call-request.ts';
import { type TimelineEvent, timelineEventOf } from './records/timeline.ts';
import { createScriptedDialer, type ScriptTimes } from './scripted-dialer.ts';
import { createVirtualClock } from './virtual-clock.ts';

type ReplayedCallsOptions = {
  clock: Clock;
  records: CallRecords;
  times: ScriptTimes;
  dialTimeoutMs: number;
  maxDurationMs: number;
};

type Outcome = { call: Call; evidence: Evidence; events: TimelineEvent[] };

/**
 * Runs calls that nobody dials: the state of a call is computed whenever it is read, by running the script from the
 * time at which it was placed until now. This is for Lambda functions, which have no timers between requests. It sends
 * no webhooks.
 */
export function createReplayedCalls(options: ReplayedCallsOptions): CallRunner {
  const { clock, records, times, dialTimeoutMs, maxDurationMs } = options;

  /** Replays the document's call and, in a groupcall, all its other legs: when one is answered, the others end. */
  async function replay(document: CallDocument): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const request = await records.requests.get(document.request_id);
    if (request === undefined) return outcomes;
    const { id, groupcall_id: group } = document.call;
    const planned = plannedCalls(request).filter(({ call }) =>
      group === NIL_UUID ? call.id === id : call.groupcall_id === group,
    );
    const stored = await Promise.all(planned.map(({ call }) => records.calls.get(call.id)));

    const virtual = createVirtualClock(request.placed_at);
    const engine = createCallEngine({
      clock: virtual,
      dialer: createScriptedDialer({ clock: virtual, times }),
      dialTimeoutMs,
      maxDurationMs,
      onEvent: (event, call, evidence) => {
        const earlier = outcomes.get(call.id)?.events ?? [];
        outcomes.set(call.id, { call, evidence, events: [...earlier, timelineEventOf(event, call)] });
      },
    });
    for (const call of planned) engine.start(call);
    for (const { call, hangup_asked_at: askedAt } of stored.filter((found) => found !== undefined)) {
      if (askedAt !== null) virtual.after(askedAt - request.placed_at, () => engine.hangup(call.id));
    }
    virtual.advanceTo(clock.now());
    return outcomes;
  }

  async function current(document: CallDocument): Promise<Call> {
    if (document.call.status === 'hangup') return document.call;
    const outcome = (await replay(document)).get(document.call.id);
    if (outcome === undefined) return document.call;
    // The end is final: it is stored once and not computed again.
    if (outcome.call.status === 'hangup') await records.calls.put({ ...document, call: outcome.call });
    return outcome.call;
  }

  return {
    start: () => {},

    hangup: async (document) => {
      const now = clock.now();
      if ((await current(document)).status === 'hangup') return;
      await records.calls.change(document.call.id, (stored) =>
        stored?.hangup_asked_at === null ? { ...stored, hangup_asked_at: now } : undefined,
      );
    },

    current: async ({ call }) => {
      const document = await records.calls.get(call.id);
      return document === undefined ? call : await current(document);
    },

    currentGroupcall: async (groupcall) => {
      const [firstId] = groupcall.call_ids;
      if (firstId === undefined) throw new Error(`groupcall ${groupcall.id} has no legs`);
      const first = await records.calls.get(firstId);
      if (first === undefined) return groupcall;
      const legs = [...(await replay(first)).values()].map(({ call }) => call);
      const answered = legs
        .flatMap((leg) => (leg.tm_progressing === null ? [] : [{ id: leg.id, at: leg.tm_progressing }]))
        .toSorted((a, b) => a.at.localeCompare(b.at))[0];
      const ended = legs.every((leg) => leg.status === 'hangup');
      const updates = legs.flatMap((leg) =>
        leg.id === answered?.id || ended
          ? [leg.tm_progressing, leg.tm_hangup].filter((time) => time !== null)
          : [],
      );
      return {
        ...groupcall,
        status: ended ? 'hangup' : 'progressing',
        answer_call_id: answered?.id ?? NIL_UUID,
        tm_update: [groupcall.tm_update, ...updates].toSorted().at(-1) ?? groupcall.tm_update,
      };
    },

    analysisOf: async (document) => {
      const outcome = (await replay(document)).get(document.call.id);
      return outcome?.evidence();
    },

    eventsOf: async (document) => (await replay(document)).get(document.call.id)?.events ?? [],

    // Nothing is ever unfinished.
    recover: async () => {},
    close: async () => {},
  };
}
