import { type Clock, timestampOf } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { deriveUuid, idSchema, NIL_UUID, uuidSchema } from '../../../functions/uuid.ts';
import type { Customer } from './customers.ts';
import type { Dialroutes, RouteCandidate } from './dialroutes.ts';
import type { Flows } from './flows.ts';
import { ManagerError } from './manager-error.ts';
import { type Address, addressSchema, anonymousSchema } from './records/address.ts';
import { type Call, callMetadataSchema } from './records/call.ts';
import type { CallRequest } from './records/call-request.ts';
import type { Action } from './records/flow.ts';
import type { Groupcall } from './records/groupcall.ts';
import type { Provider } from './records/provider.ts';

/** The body of `POST /v1/calls`. */
export const createCallsSchema = z.strictObject({
  customer_id: idSchema,
  flow_id: z._default(uuidSchema, NIL_UUID),
  master_call_id: z._default(uuidSchema, NIL_UUID),
  source: z._default(z.nullable(addressSchema), null),
  destinations: z.array(addressSchema).check(z.minLength(1), z.maxLength(100)),
  early_execution: z._default(z.boolean(), false),
  connect: z._default(z.boolean(), false),
  anonymous: z._default(anonymousSchema, ''),
  metadata: z._default(callMetadataSchema, {}),
});
export type CreateCalls = z.infer<typeof createCallsSchema>;

export type PlanningDependencies = { clock: Clock; flows: Flows; dialroutes: Dialroutes };

/** State shared by all destinations of a request while they are planned. */
type Planning = {
  request: CreateCalls;
  customer: Customer;
  now: string;
  candidatesFor(destination: Address): RouteCandidate[];
  /** The providers of all candidates found so far, by id. */
  providers: Map<string, Provider>;
};

type PlannedDestination = { call: Call } | { groupcall: Groupcall; legs: Call[] };

/**
 * Decides everything that a request will place, without writing anything:
 *
 * 1. the actions to run after the answer,
 * 2. for each destination its source and route candidates,
 * 3. a Call for each `tel` and `sip` destination, a Groupcall with its legs for each `agent` and `extension`.
 *
 * A destination that fails is left out. All ids are derived from `id`, the request's own.
 *
 * @throws {ManagerError} FLOW_NOT_FOUND when the flow does not exist, PROVIDER_NOT_FOUND or INVALID_ARGUMENT with a detail
 * for each destination when all of them fail
 */
export async function planCalls(
  { clock, flows, dialroutes }: PlanningDependencies,
  request: CreateCalls,
  customer: Customer,
  id: string,
): Promise<CallRequest> {
  const placedAt = clock.now();
  const actions = await actionsOf(flows, request);
  const planning: Planning = {
    request,
    customer,
    now: timestampOf(placedAt),
    candidatesFor: await dialroutes.load(customer.id, request.metadata.route_provider_ids),
    providers: new Map(),
  };
  const attempts = request.destinations.map((destination, index) =>
    attempt(() => planDestination(planning, destination, id, index)),
  );
  const planned = attempts.filter((one) => !(one instanceof ManagerError));
  if (planned.length === 0) throw failureOfAll(attempts.filter((one) => one instanceof ManagerError));
  return {
    id,
    placed_at: placedAt,
    anonymous: request.anonymous,
    actions,
    settled: false,
    providers: Object.fromEntries(planning.providers),
    calls: planned.flatMap((one) => ('call' in one ? [one.call] : [])),
    groupcalls: planned.flatMap((one) => ('groupcall' in one ? [one.groupcall] : [])),
    legs: planned.flatMap((one) => ('legs' in one ? one.legs : [])),
  };
}

async function actionsOf(
  flows: Flows,
  { flow_id: id, customer_id: customerId }: CreateCalls,
): Promise<Action[] | null> {
  if (id === NIL_UUID) return null;
  const flow = await flows.find(id, customerId);
  if (flow === undefined) {
    throw new ManagerError(
      'INVALID_ARGUMENT',
      'FLOW_NOT_FOUND',
      'The flow does not exist or has been deleted.',
    );
  }
  return flow.actions;
}

/** Returns the plan, or the ManagerError that prevents it. Any other error is a bug of ours and is rethrown. */
function attempt<Plan>(plan: () => Plan): Plan | ManagerError {
  try {
    return plan();
  } catch (error) {
    if (error instanceof ManagerError) return error;
    throw error;
  }
}

/** Combines the errors of all destinations: the first one's reason, and a detail for each. */
function failureOfAll(errors: ManagerError[]): ManagerError {
  const [first] = errors;
  if (first === undefined) throw new Error('a request without destinations was planned');
  return new ManagerError(first.status, first.reason, first.message, {
    details: errors.map(({ message }, index) => ({ field: `destinations[${index}]`, message })),
  });
}

function planDestination(
  planning: Planning,
  destination: Address,
  id: string,
  index: number,
): PlannedDestination {
  return destination.type === 'agent' || destination.type === 'extension'
    ? planGroupcall(planning, destination, deriveUuid('groupcall', id, String(index)))
    : { call: planCall(planning, destination, deriveUuid('call', id, String(index)), NIL_UUID) };
}

function planCall(
  { request, customer, now, candidatesFor, providers }: Planning,
  destination: Address,
  id: string,
  groupcallId: string,
): Call {
  if (destination.type !== 'tel' && destination.type !== 'sip') {
    throw invalid(`A destination of type "${destination.type}" cannot be dialled.`);
  }
  const source = sourceFor(request, customer, destination);
  const candidates = candidatesFor(destination);
  for (const { provider } of candidates) providers.set(provider.id, provider);
  return {
    id,
    customer_id: customer.id,
    flow_id: request.flow_id,
    activeflow_id: request.flow_id === NIL_UUID ? NIL_UUID : deriveUuid('activeflow', id),
    type: 'flow',
    master_call_id: request.master_call_id,
    groupcall_id: groupcallId,
    source,
    destination,
    status: 'dialing',
    direction: 'outgoing',
    metadata: request.metadata,
    hangup_by: '',
    hangup_reason: '',
    dialroute_id: candidates[0]?.route.id ?? NIL_UUID,
    dialroutes: candidates.map(({ route }) => route),
    tm_ringing: null,
    tm_progressing: null,
    tm_hangup: null,
    tm_create: now,
    tm_update: now,
    tm_delete: null,
  };
}

function planGroupcall(
  planning: Planning,
  destination: Address,
  id: string,
): { groupcall: Groupcall; legs: Call[] } {
  const { request, customer, now } = planning;
  const members = new Map(
    Object.entries(destination.type === 'agent' ? customer.agents : customer.extensions),
  );
  const addresses = members.get(destination.target) ?? [];
  if (addresses.length === 0) throw invalid(`The customer has no such ${destination.type}.`);
  // A leg goes through the forced provider like any other call, although the platform itself ignores it here.
  const attempts = addresses.map((address, leg) =>
    attempt(() => planCall(planning, address, deriveUuid('leg', id, String(leg)), id)),
  );
  const legs = attempts.filter((leg) => !(leg instanceof ManagerError));
  const failed = attempts.find((leg) => leg instanceof ManagerError);
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
      answer_call_id: NIL_UUID,
      call_ids: legs.map((leg) => leg.id),
      call_count: legs.length,
      tm_create: now,
      tm_update: now,
      tm_delete: null,
    },
  };
}

/**
 * Returns the source that a call shows: as requested if its validation is skipped, otherwise a number that the customer
 * owns. A hidden number is carried as a tel URI (RFC 3325), so a call whose number does not have that form is rejected:
 * the number must be neither shown nor lost.
 */
function sourceFor(
  { source, anonymous, metadata }: CreateCalls,
  customer: Customer,
  destination: Address,
): Address | null {
  const callerId = metadata.skip_source_validation === true ? source : permittedSource(source, customer);
  if (anonymous === 'yes' && destination.type === 'tel' && callerId?.target.startsWith('+') !== true) {
    throw invalid('An anonymous call to a number needs a source that starts with "+".');
  }
  return callerId;
}

function permittedSource(source: Address | null, customer: Customer): Address {
  if (source !== null && source.type !== 'tel') return source;
  if (source?.target.startsWith('+') && customer.numbers.includes(source.target)) return source;
  if (customer.default_outgoing_number === null) {
    throw invalid('The source is not a number of this customer, and the customer has no default number.');
  }
  return { type: 'tel', target: customer.default_outgoing_number, target_name: '' };
}

function invalid(message: string): ManagerError {
  return new ManagerError('INVALID_ARGUMENT', 'INVALID_ARGUMENT', message);
}
