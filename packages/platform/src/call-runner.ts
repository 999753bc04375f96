import type { Call } from './records/call.ts';
import type { CallDocument, PlannedCall } from './records/call-request.ts';
import type { Groupcall } from './records/groupcall.ts';
import type { SipAnalysis, TimelineEvent } from './records/timeline.ts';

/** Runs placed calls: either dials them in this process, or computes their state whenever it is read. */
export type CallRunner = {
  /** Dials a call that has just been stored. */
  start(planned: PlannedCall, document: CallDocument): void;
  /** Ends a call: CANCEL before the answer, BYE after it. `current` then returns its new state. */
  hangup(document: CallDocument): Promise<void>;
  /** Returns the call in its current state. */
  current(document: CallDocument): Promise<Call>;
  currentGroupcall(groupcall: Groupcall): Promise<Groupcall>;
  /** Returns the capture of the call so far, or undefined if there is none or it has expired. */
  analysisOf(document: CallDocument): Promise<SipAnalysis | undefined>;
  /** Returns the call's steps so far, oldest first. */
  eventsOf(document: CallDocument): Promise<readonly TimelineEvent[]>;
  /** Ends the calls that an earlier process left unfinished. */
  recover(): Promise<void>;
  /** Stops recording; resolves when everything recorded so far is stored. */
  close(): Promise<void>;
};
