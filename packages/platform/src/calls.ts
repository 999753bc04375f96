import { randomUUID } from 'node:crypto';
import { timestampOf } from '@provider-call/sip/clock';
import type { CallRecords } from './call-records.ts';
import type { CallRunner } from './call-runner.ts';
import type { Customers } from './customers.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { ManagerError } from './manager-error.ts';
import { type Page, pageOf } from './paging.ts';
import { type CreateCalls, type PlanningDependencies, planCalls } from './plan-calls.ts';
import { type Call, endedCall } from './records/call.ts';
import { type CallDocument, type CallRequest, plannedCalls } from './records/call-request.ts';
import type { Groupcall } from './records/groupcall.ts';

/** What a request has placed: a Call for each tel and sip destination, a Groupcall for each agent and extension. */
export type PlacedCalls = { calls: Call[]; groupcalls: Groupcall[] };

export type CallsOptions = PlanningDependencies & {
  records: CallRecords;
  customers: Customers;
  runner: CallRunner;
};

export type Calls = ReturnType<typeof createCalls>;

/** What placing calls needs besides the options: the identity of this process and the calls that it has dialled. */
type Placing = CallsOptions & {
  processId: string;
  /** Calls of unfinished requests that this process has dialled or ended. */
  started: Set<string>;
};

/** The call manager. */
export function createCalls(options: CallsOptions) {
  const { records, runner } = options;
  const placing: Placing = { ...options, processId: randomUUID(), started: new Set() };
  const requests = new KeyedQueue();

  return {
    /**
     * Places calls. With an idempotency key, any number of requests place one set of calls and get the same response,
     * even after a restart; a request that was rejected placed nothing and may succeed later.
     *
     * @throws {ManagerError} the errors of `planCalls`, RATE_LIMIT_EXCEEDED, INSUFFICIENT_BALANCE
     */
    create: (request: CreateCalls, idempotencyKey?: string): Promise<PlacedCalls> => {
      const id = idempotencyKey ?? randomUUID();
      return requests.run(id, () => placeCalls(placing, request, id));
    },

    /**
     * Returns the current state of what the requests with a key have placed. Nothing is added to it after this
     * response.
     */
    placedBy: (idempotencyKey: string): Promise<PlacedCalls> =>
      requests.run(idempotencyKey, async () => {
        const request = await records.requests.get(idempotencyKey);
        if (request === undefined) return { calls: [], groupcalls: [] };
        await finishRequest(placing, request, 'write-ended');
        const documents = await Promise.all(request.calls.map(({ id }) => records.calls.get(id)));
        return {
          calls: await Promise.all(
            documents.filter((document) => document !== undefined).map(runner.current),
          ),
          groupcalls: await Promise.all(request.groupcalls.map(runner.currentGroupcall)),
        };
      }),

    /**
     * Returns a call in its current state.
     *
     * @param customerId the customer that must own the call; without it, any may
     * @throws {ManagerError} CALL_NOT_FOUND
     */
    get: async (id: string, customerId?: string): Promise<Call> =>
      runner.current(await callDocumentOf(records, id, customerId)),

    /**
     * Returns one page of calls, newest first, each in its current state.
     *
     * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
     */
    list: (query: URLSearchParams): Promise<Page<Call>> =>
      pageOf(async (wanted) => Promise.all((await records.calls.list(wanted)).map(runner.current)), query),

    /**
     * Ends a call, whatever its status; one that has already ended is not changed.
     *
     * @throws {ManagerError} CALL_NOT_FOUND
     */
    hangup: async (id: string, customerId?: string): Promise<Call> => {
      const document = await callDocumentOf(records, id, customerId);
      await runner.hangup(document);
      return await runner.current(document);
    },

    /**
     * Marks a call that has ended as deleted. A deleted one stays as it is. The platform's own manager ends a call in
     * progress first.
     *
     * @throws {ManagerError} CALL_NOT_FOUND, CALL_IN_PROGRESS
     */
    delete: async (id: string, customerId?: string): Promise<Call> => {
      const call = await runner.current(await callDocumentOf(records, id, customerId));
      if (call.status !== 'hangup') {
        throw new ManagerError(
          'FAILED_PRECONDITION',
          'CALL_IN_PROGRESS',
          'The call is in progress; hang it up first.',
        );
      }
      const now = timestampOf(options.clock.now());
      const deleted = await records.calls.change(id, (stored) =>
        stored?.call.tm_delete === null
          ? { ...stored, call: { ...stored.call, tm_update: now, tm_delete: now } }
          : undefined,
      );
      return deleted?.call ?? call;
    },

    /**
     * Returns one page of groupcalls, newest first, each in its current state.
     *
     * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
     */
    listGroupcalls: (query: URLSearchParams): Promise<Page<Groupcall>> =>
      pageOf(
        async (wanted) => Promise.all((await records.groupcalls.list(wanted)).map(runner.currentGroupcall)),
        query,
      ),

    /**
     * Returns a groupcall in its current state.
     *
     * @throws {ManagerError} GROUPCALL_NOT_FOUND
     */
    groupcall: async (id: string, customerId?: string): Promise<Groupcall> => {
      const groupcall = await records.groupcalls.get(id);
      if (groupcall === undefined || (customerId !== undefined && groupcall.customer_id !== customerId)) {
        throw new ManagerError('NOT_FOUND', 'GROUPCALL_NOT_FOUND', 'There is no such groupcall.');
      }
      return await runner.currentGroupcall(groupcall);
    },

    /** Ends the calls that an earlier process accepted but did not finish. */
    recover: async (): Promise<void> => {
      for (const request of await records.requests.listOpen()) {
        await finishRequest(placing, request, 'write-ended');
      }
      await runner.recover();
    },
  };
}

/**
 * Returns a stored call.
 *
 * @param customerId the customer that must own the call; if undefined, any may
 * @throws {ManagerError} CALL_NOT_FOUND
 */
export async function callDocumentOf(
  records: CallRecords,
  id: string,
  customerId: string | undefined,
): Promise<CallDocument> {
  const document = await records.calls.get(id);
  if (document === undefined || (customerId !== undefined && document.call.customer_id !== customerId)) {
    throw new ManagerError('NOT_FOUND', 'CALL_NOT_FOUND', 'There is no such call.');
  }
  return document;
}

async function placeCalls(placing: Placing, request: CreateCalls, id: string): Promise<PlacedCalls> {
  const { records, customers } = placing;
  // 1. A repeated request gets the same response.
  const accepted = await records.requests.get(id);
  if (accepted !== undefined) return await finishAndPresent(placing, accepted);
  // 2. Every rejection happens before anything is written.
  const customer = await customers.get(request.customer_id);
  const planned = await planCalls(placing, request, customer, id);
  const count = planned.calls.length + planned.legs.length;
  await customers.countCalls(customer, count);
  await customers.charge(customer, count);
  // 3. One write accepts the request. From here on it will be finished, by this process or by one that finds it later.
  const isFirst = await records.requests.insert(planned);
  const winner = isFirst ? planned : await records.requests.get(id);
  if (winner === undefined) throw new Error('an accepted request cannot be read back');
  if (winner.placed_at !== planned.placed_at) await customers.refund(customer, count);
  // 4. The calls are written and dialled.
  return await finishAndPresent(placing, winner);
}

async function finishAndPresent(placing: Placing, request: CallRequest): Promise<PlacedCalls> {
  await finishRequest(placing, request, 'dial');
  const { calls, groupcalls } = request;
  return { calls, groupcalls };
}

/**
 * Writes those parts of an accepted request that are not written yet. A call is dialled once, by the process that wrote
 * it; if it must not be dialled any more, it is written as ended.
 */
async function finishRequest(
  { clock, records, runner, processId, started }: Placing,
  request: CallRequest,
  mode: 'dial' | 'write-ended',
): Promise<void> {
  if (request.settled) return;
  const now = timestampOf(clock.now());
  for (const groupcall of request.groupcalls) {
    await records.groupcalls.insert(
      mode === 'dial' ? groupcall : { ...groupcall, status: 'hangup', tm_update: now },
    );
  }
  const all = plannedCalls(request);
  for (const planned of all) {
    const { call } = planned;
    const document: CallDocument = {
      call: mode === 'dial' ? call : endedCall(call, now),
      request_id: request.id,
      written_by: processId,
      hangup_asked_at: null,
    };
    const isNew = await records.calls.insert(document);
    // A write may have been carried out although it failed: then the call is ours, and has not been dialled yet.
    const isOurs = isNew || (await records.calls.get(call.id))?.written_by === processId;
    if (!isOurs || started.has(call.id)) continue;
    if (mode === 'dial') runner.start(planned, document);
    else if (!isNew) await records.calls.put(document);
    started.add(call.id);
  }
  await records.requests.put({ ...request, settled: true });
  for (const { call } of all) started.delete(call.id);
}
