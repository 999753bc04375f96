import { randomUUID } from 'node:crypto';
import { type Clock, timestampOf } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { deriveUuid, idSchema, nilUuid, uuidSchema } from '../../../functions/uuid.ts';
import type { CallLine } from './call-line.ts';
import type { CallRecords } from './call-records.ts';
import type { Customer, Customers } from './customers.ts';
import type { Dialroutes, Way } from './dialroutes.ts';
import type { Flows } from './flows.ts';
import { endedCall } from './live-calls.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type Page, pageOf } from './paging.ts';
import { plannedCalls } from './planned-calls.ts';
import { type Address, addressSchema, anonymousSchema } from './records/address.ts';
import { type Call, callMetadataSchema } from './records/call.ts';
import type { CallDocument, CallRequest } from './records/call-request.ts';
import type { Action } from './records/flow.ts';
import type { Groupcall } from './records/groupcall.ts';
import type { Provider } from './records/provider.ts';
import type { TraceEntry } from './records/trace-entry.ts';
import { Refusal } from './refusal.ts';
import { sourceFor } from './source-rule.ts';

export const createCallsSchema = z.strictObject({
  customer_id: idSchema,
  flow_id: z._default(uuidSchema, nilUuid),
  master_call_id: z._default(uuidSchema, nilUuid),
  source: z._default(z.nullable(addressSchema), null),
  destinations: z.array(addressSchema).check(z.minLength(1), z.maxLength(100)),
  early_execution: z._default(z.boolean(), false),
  connect: z._default(z.boolean(), false),
  anonymous: z._default(anonymousSchema, ''),
  metadata: z._default(callMetadataSchema, {}),
});
export type CreateCalls = z.infer<typeof createCallsSchema>;

/** What a request has placed: a Call for each tel and sip destination, a Groupcall for each agent and extension. */
export type PlacedCalls = { calls: Call[]; groupcalls: Groupcall[] };

type CallsOptions = {
  clock: Clock;
  records: CallRecords;
  customers: Customers;
  flows: Flows;
  dialroutes: Dialroutes;
  line: CallLine;
};

export type Calls = ReturnType<typeof createCalls>;

type Planning = {
  request: CreateCalls;
  customer: Customer;
  now: string;
  waysTo(destination: Address): Way[];
  /** Collects the providers of all ways that were found. */
  providers: Map<string, Provider>;
};

const refuse = (message: string) => new Refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', message);

/** The plan, or why there is none. Anything but a refusal is a fault of ours. */
const attempt = <Plan>(plan: () => Plan): Plan | Refusal => {
  try {
    return plan();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
};

/** The call manager. */
export function createCalls({ clock, records, customers, flows, dialroutes, line }: CallsOptions) {
  const inTurn = oneAtATime();
  const processId = randomUUID();
  /** Calls of unfinished requests that this process has dialled or ended. */
  const begun = new Set<string>();

  const actionsOf = async ({
    flow_id: id,
    customer_id: customerId,
  }: CreateCalls): Promise<Action[] | null> => {
    if (id === nilUuid) return null;
    const flow = await flows.find(id, customerId);
    if (flow === undefined) {
      throw new Refusal('INVALID_ARGUMENT', 'FLOW_NOT_FOUND', 'The flow does not exist or has been deleted.');
    }
    return flow.actions;
  };

  const planCall = (
    { request, customer, now, waysTo, providers }: Planning,
    destination: Address,
    id: string,
    groupcallId: string,
  ): Call => {
    const { metadata, anonymous } = request;
    if (destination.type !== 'tel' && destination.type !== 'sip') {
      throw refuse(`A destination of type "${destination.type}" cannot be dialled.`);
    }
    const source = sourceFor({ source: request.source, destination, anonymous, metadata, customer });
    const ways = waysTo(destination);
    for (const { provider } of ways) providers.set(provider.id, provider);
    return {
      id,
      customer_id: customer.id,
      flow_id: request.flow_id,
      activeflow_id: request.flow_id === nilUuid ? nilUuid : deriveUuid('activeflow', id),
      type: 'flow',
      master_call_id: request.master_call_id,
      groupcall_id: groupcallId,
      source,
      destination,
      status: 'dialing',
      direction: 'outgoing',
      metadata,
      hangup_by: '',
      hangup_reason: '',
      dialroute_id: ways[0]?.route.id ?? nilUuid,
      dialroutes: ways.map(({ route }) => route),
      tm_ringing: null,
      tm_progressing: null,
      tm_hangup: null,
      tm_create: now,
      tm_update: now,
      tm_delete: null,
    };
  };

  const planGroupcall = (
    planning: Planning,
    destination: Address,
    id: string,
  ): { groupcall: Groupcall; legs: Call[] } => {
    const { request, customer, now } = planning;
    const members = destination.type === 'agent' ? customer.agents : customer.extensions;
    const addresses = Object.hasOwn(members, destination.target) ? (members[destination.target] ?? []) : [];
    if (addresses.length === 0) throw refuse(`The customer has no such ${destination.type}.`);
    // A leg goes through the forced provider like any other call; the platform itself forgets it here.
    const planned = addresses.map((address, leg) =>
      attempt(() => planCall(planning, address, deriveUuid('leg', id, String(leg)), id)),
    );
    const legs = planned.filter((leg) => !(leg instanceof Refusal));
    const failed = planned.find((leg) => leg instanceof Refusal);
    if (legs.length === 0 && failed !== undefined) throw failed;
    return {
      legs,
      groupcall: {
        id,
        customer_id: customer.id,
        status: 'progressing',
        flow_id: request.flow_id,
        source: legs[0]?.source ?? null,
        destinations: legs.map((leg) => leg.destination),
        master_call_id: request.master_call_id,
        ring_method: 'ring_all',
        answer_method: 'hangup_others',
        answer_call_id: nilUuid,
        call_ids: legs.map((leg) => leg.id),
        call_count: legs.length,
        tm_create: now,
        tm_update: now,
        tm_delete: null,
      },
    };
  };

  /** Everything that a request will place. A destination that fails is left out; when all fail, so does the request. */
  const plan = async (request: CreateCalls, customer: Customer, id: string): Promise<CallRequest> => {
    const placedAt = clock.now();
    const providers = new Map<string, Provider>();
    const actions = await actionsOf(request);
    const waysTo = await dialroutes.load(customer.id, request.metadata.route_provider_ids);
    const planning = { request, customer, now: timestampOf(placedAt), waysTo, providers };
    const planned = request.destinations.map((destination, index) =>
      attempt(() =>
        destination.type === 'agent' || destination.type === 'extension'
          ? planGroupcall(planning, destination, deriveUuid('groupcall', id, String(index)))
          : { call: planCall(planning, destination, deriveUuid('call', id, String(index)), nilUuid) },
      ),
    );
    const placed = planned.filter((one) => !(one instanceof Refusal));
    const [first] = planned;
    if (placed.length === 0 && first instanceof Refusal) {
      throw new Refusal(first.status, first.reason, first.message, {
        details: planned.flatMap((one, index) =>
          one instanceof Refusal ? [{ field: `destinations.${index}`, message: one.message }] : [],
        ),
      });
    }
    return {
      id,
      placed_at: placedAt,
      anonymous: request.anonymous,
      actions,
      settled: false,
      providers: Object.fromEntries(providers),
      calls: placed.flatMap((one) => ('call' in one ? [one.call] : [])),
      groupcalls: placed.flatMap((one) => ('groupcall' in one ? [one.groupcall] : [])),
      legs: placed.flatMap((one) => ('legs' in one ? one.legs : [])),
    };
  };

  /**
   * Writes what of an accepted request is not written yet. A call is dialled by the process that wrote it, once; where
   * nobody is to dial any more, it is written as ended.
   */
  const finish = async (request: CallRequest, dial: boolean): Promise<void> => {
    if (request.settled) return;
    const now = timestampOf(clock.now());
    for (const groupcall of request.groupcalls) {
      await records.groupcalls.insert(dial ? groupcall : { ...groupcall, status: 'hangup', tm_update: now });
    }
    for (const planned of plannedCalls(request)) {
      const { call } = planned;
      const document: CallDocument = {
        call: dial ? call : endedCall(call, now),
        request_id: request.id,
        written_by: processId,
        hangup_asked_at: null,
      };
      const isNew = await records.calls.insert(document);
      // A write may have been carried out although it failed: then the call is ours and still waits for its dial.
      const isOurs = isNew || (await records.calls.get(call.id))?.written_by === processId;
      if (!isOurs || begun.has(call.id)) continue;
      if (dial) line.start(planned, document);
      else if (!isNew) await records.calls.put(document);
      begun.add(call.id);
    }
    await records.requests.settle(request.id);
    for (const { call } of plannedCalls(request)) begun.delete(call.id);
  };

  const answer = ({ calls, groupcalls }: CallRequest): PlacedCalls => ({ calls, groupcalls });

  const place = async (request: CreateCalls, id: string): Promise<PlacedCalls> => {
    // 1. The same request again: the same answer.
    const accepted = await records.requests.get(id);
    if (accepted !== undefined) {
      await finish(accepted, true);
      return answer(accepted);
    }
    // 2. All that can be refused is refused before anything is written.
    const customer = await customers.get(request.customer_id);
    const planned = await plan(request, customer, id);
    const number = planned.calls.length + planned.legs.length;
    await customers.countCalls(customer, number);
    await customers.charge(customer, number);
    // 3. One write accepts the request. From here on it is going to be finished, by whoever comes along.
    const isFirst = await records.requests.insert(planned);
    const winner = isFirst ? planned : await records.requests.get(id);
    if (winner === undefined) throw new Error('an accepted request cannot be read back');
    if (winner.placed_at !== planned.placed_at) await customers.refund(customer, number);
    // 4. The calls.
    await finish(winner, true);
    return answer(winner);
  };

  const documentOf = async (id: string, customerId: string | undefined): Promise<CallDocument> => {
    const document = await records.calls.get(id);
    if (document === undefined || (customerId !== undefined && document.call.customer_id !== customerId)) {
      throw new Refusal('NOT_FOUND', 'CALL_NOT_FOUND', 'There is no such call.');
    }
    return document;
  };

  return {
    /**
     * Places calls. With an idempotency key, any number of requests place one set of calls and have one answer, also
     * after a restart; a request that was refused placed nothing and may succeed later.
     */
    create: (request: CreateCalls, idempotencyKey?: string): Promise<PlacedCalls> => {
      const id = idempotencyKey ?? randomUUID();
      return inTurn(id, () => place(request, id));
    },

    /** What the requests with a key have placed, as it is now: after this answer nothing is added to it. */
    placedBy: (idempotencyKey: string): Promise<PlacedCalls> =>
      inTurn(idempotencyKey, async () => {
        const request = await records.requests.get(idempotencyKey);
        if (request === undefined) return { calls: [], groupcalls: [] };
        await finish(request, false);
        const documents = await Promise.all(request.calls.map(({ id }) => records.calls.get(id)));
        return {
          calls: await Promise.all(documents.filter((document) => document !== undefined).map(line.current)),
          groupcalls: await Promise.all(request.groupcalls.map(line.currentGroupcall)),
        };
      }),

    /** A call as it is now. With `customerId`, another customer's is not found. */
    get: async (id: string, customerId?: string): Promise<Call> =>
      line.current(await documentOf(id, customerId)),

    list: (query: URLSearchParams): Promise<Page<Call>> =>
      pageOf(async (wanted) => Promise.all((await records.calls.list(wanted)).map(line.current)), query),

    /** Ends a call, whatever it is doing; one that has ended stays as it is. */
    hangup: async (id: string, customerId?: string): Promise<Call> => {
      const document = await documentOf(id, customerId);
      await line.hangup(document);
      return await line.current(document);
    },

    /** What happened to a call so far, oldest first. */
    traceOf: async (
      id: string,
      customerId?: string,
    ): Promise<{ call: Call; entries: readonly TraceEntry[] }> => {
      const document = await documentOf(id, customerId);
      return { call: await line.current(document), entries: await line.traceOf(document) };
    },

    groupcall: async (id: string, customerId?: string): Promise<Groupcall> => {
      const groupcall = await records.groupcalls.get(id);
      if (groupcall === undefined || (customerId !== undefined && groupcall.customer_id !== customerId)) {
        throw new Refusal('NOT_FOUND', 'GROUPCALL_NOT_FOUND', 'There is no such groupcall.');
      }
      return await line.currentGroupcall(groupcall);
    },

    /** Ends what an earlier process accepted and did not finish. */
    recover: async (): Promise<void> => {
      for (const request of await records.requests.listOpen()) await finish(request, false);
      await line.recover();
    },
  };
}
