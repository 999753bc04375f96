import * as z from 'zod/mini';
import { sortBound } from '../../../functions/provider-calls/page-token.ts';
import { timestampSchema } from '../../../functions/timestamp.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRunner } from './call-runner.ts';
import { callDocumentOf } from './calls.ts';
import { ManagerError } from './manager-error.ts';
import { type Page, pageOf } from './paging.ts';
import type { SipAnalysis, TimelineEvent } from './records/timeline.ts';

export type Timelines = ReturnType<typeof createTimelines>;

/** The timeline manager: the SIP messages and the events of calls. */
export function createTimelines({ records, runner }: { records: CallRecords; runner: CallRunner }) {
  return {
    /**
     * Returns the SIP messages of a call, the counters of its media and notes about it.
     *
     * @throws {ManagerError} CALL_NOT_FOUND, TIMELINE_NOT_FOUND when nothing was captured
     */
    sipAnalysis: async (id: string, customerId?: string): Promise<SipAnalysis> => {
      const analysis = await runner.analysisOf(await callDocumentOf(records, id, customerId));
      if (analysis === undefined) {
        throw new ManagerError('NOT_FOUND', 'TIMELINE_NOT_FOUND', 'No messages of this call were captured.');
      }
      return analysis;
    },

    /**
     * Returns one page of a call's steps, newest first.
     *
     * @throws {ManagerError} CALL_NOT_FOUND
     * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
     */
    events: async (
      id: string,
      customerId: string | undefined,
      query: URLSearchParams,
    ): Promise<Page<TimelineEvent>> => {
      const document = await callDocumentOf(records, id, customerId);
      const positioned = (await runner.eventsOf(document)).map(positionedEvent).toReversed();
      const page = await pageOf<PositionedEvent>(
        async ({ after, limit }) =>
          positioned
            .filter(({ tm_create, id: position }) =>
              after === undefined
                ? true
                : sortBound({ createdAt: tm_create, id: position }) < sortBound(after),
            )
            .slice(0, limit),
        query,
      );
      return { ...page, result: page.result.map(({ event }) => event) };
    },
  };
}

type PositionedEvent = { id: string; tm_create: string; event: TimelineEvent };

/** Positions an event in a list that is ordered by time and id, so that events with the same time keep their order. */
function positionedEvent(event: TimelineEvent, index: number): PositionedEvent {
  return {
    id: `00000000-0000-8000-8000-${index.toString(16).padStart(12, '0')}`,
    tm_create: z.parse(timestampSchema, event.timestamp),
    event,
  };
}
