import { type Call, type Groupcall, type ProviderCall, ProviderCallApiError } from '@provider-call/client';
import { isEnded } from './api.ts';
import { limitRequests } from './request-limit.ts';

export const MAX_CONCURRENT_POLLS = 4;

type Environment = {
  getCall(id: string, signal: AbortSignal): Promise<Call>;
  platform: { getGroupcall(id: string, options: { signal: AbortSignal }): Promise<Groupcall> };
};

/**
 * Returns the calls of a record and of its groupcalls, nested ones too, in order and without deleted ones, and whether
 * all have ended. At most four requests run at a time.
 */
export async function readRecordCalls(
  api: Environment,
  record: Pick<ProviderCall, 'call_ids' | 'groupcall_ids'>,
  signal: AbortSignal,
): Promise<{ calls: Call[]; haveEnded: boolean }> {
  const run = limitRequests(MAX_CONCURRENT_POLLS);
  const groups: Groupcall[] = [];
  const seen = new Set<string>();
  // A groupcall to an agent has one for each of the agent's extensions.
  for (let level = record.groupcall_ids; level.length > 0; ) {
    for (const id of level) seen.add(id);
    const read = level.map((id) => run(() => api.platform.getGroupcall(id, { signal }), signal));
    const found = await Promise.all(read);
    for (const group of found) groups.push(group);
    level = [...new Set(found.flatMap((group) => group.groupcall_ids))].filter((id) => !seen.has(id));
  }
  let areMoreExpected = groups.some((group) => group.status === 'progressing' && group.call_ids.length === 0);

  async function read(id: string, group?: Groupcall): Promise<Call[]> {
    try {
      return [await run(() => api.getCall(id, signal), signal)];
    } catch (error) {
      const status = error instanceof ProviderCallApiError && error.httpStatus;
      const isExpected = status === 404 && group?.status === 'progressing';
      if (isExpected) areMoreExpected = true;
      // A deleted call is a 409 (STATE_INVALID).
      else if (status !== 409) throw error;
      return [];
    }
  }

  const reads = [
    ...record.call_ids.map((id) => read(id)),
    ...groups.flatMap((group) => group.call_ids.map((id) => read(id, group))),
  ];
  const calls = (await Promise.all(reads)).flat();
  return { calls, haveEnded: !areMoreExpected && calls.every(isEnded) };
}
