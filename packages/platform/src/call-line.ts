import type { PlannedCall } from './call-engine.ts';
import type { Call } from './records/call.ts';
import type { CallDocument } from './records/call-request.ts';
import type { Groupcall } from './records/groupcall.ts';
import type { TraceEntry } from './records/trace-entry.ts';

/** How placed calls come to life: dialled in this process, or worked out when somebody looks at them. */
export type CallLine = {
  /** Dials a call that has just been written. */
  start(planned: PlannedCall, document: CallDocument): void;
  /** Ends a call: CANCEL before the answer, BYE after it. The call then is as `current` tells. */
  hangup(document: CallDocument): Promise<void>;
  /** The call as it is now. */
  current(document: CallDocument): Promise<Call>;
  currentGroupcall(groupcall: Groupcall): Promise<Groupcall>;
  /** What happened to the call so far, oldest first. */
  traceOf(document: CallDocument): Promise<readonly TraceEntry[]>;
  /** Ends what an earlier process left in the middle. */
  recover(): Promise<void>;
  close(): Promise<void>;
};
