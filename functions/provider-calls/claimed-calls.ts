import type { ProviderCallId } from '../flavor.ts';
import type { RequestScope } from '../request-scope.ts';
import type { CallClaim, CallClaimStore } from './call-claim-store.ts';
import { type Address, MAX_DESTINATIONS } from './create-request.ts';
import { creationPeriod } from './creation-period.ts';
import {
  BackendFailure,
  type CallBackend,
  type CallOrder,
  type ListedAddress,
  type ListedCall,
  type ListedGroupcall,
  type ListingCallBackend,
  type Period,
  TIME_LIMITS,
} from './ports.ts';
import { callOrder, hasNeverDialled, type PlacedCalls } from './provider-call.ts';

type ClaimedCallsDeps = {
  calls: ListingCallBackend;
  claims: CallClaimStore;
  /** Milliseconds that a manager may spend on a request after taking it. */
  maxProcessing: number;
  now: () => Date;
};

/** How many candidates are named, for example in a response header: a record with more needs an operator anyway. */
const MAX_CANDIDATES = 2 * MAX_DESTINATIONS;

/** How the source of a call without one is listed. */
const NO_ADDRESS: ListedAddress = { type: '', target: '' };

/**
 * Returns a call backend that can tell what was placed although the one behind it has no idempotency keys. Every record
 * claims its calls and groupcalls before it is completed, and an order without a response is compared with the calls
 * that no record has claimed. So no call is ever in two records.
 */
export function createClaimedCalls(deps: ClaimedCallsDeps): CallBackend {
  return {
    placeCalls: async (scope, order) => {
      const placed = await deps.calls.placeCalls(scope, order);
      await claim(deps, order, placed);
      return placed;
    },

    findPlaced: async (scope, order) => {
      const found = await identify(deps, scope, order);
      await claim(deps, order, found);
      return found;
    },
  };
}

/** Claims the calls for the record. If they cannot be claimed, the record stays unconfirmed until the next try. */
async function claim({ claims }: ClaimedCallsDeps, { id }: CallOrder, placed: PlacedCalls): Promise<void> {
  let claimed: boolean;
  try {
    claimed = await claims.claim({ owner: id, calls: claimsOf(placed) });
  } catch (cause) {
    throw new BackendFailure('call', 'the calls could not be claimed', { outcome: 'unknown', cause });
  }
  if (!claimed) {
    throw new BackendFailure('call', `another record has claimed calls of ProviderCall ${id}`, {
      outcome: 'unknown',
    });
  }
}

/**
 * Finds the calls that were placed for an order.
 * 1. List the calls with its customer and flow that were created while the order could have created them.
 * 2. Exclude calls that other records have claimed. Calls that the order's own record has claimed are its own; if it has
 *   its own flow, so are the rest.
 * 3. Otherwise compare provider, source and destination of the unclaimed calls with what remains of the order. If there
 *   are more calls than that, or another open record could have requested the same, it cannot be known whose they are.
 * 4. If there are fewer than were requested, that proves nothing as long as a manager may still be processing the
 *   order.
 *
 * @throws {BackendFailure} `unknown`, with the candidates if there are several
 */
async function identify(deps: ClaimedCallsDeps, scope: RequestScope, order: CallOrder): Promise<PlacedCalls> {
  const { calls: backend, claims, maxProcessing, now } = deps;
  const period = creationPeriod(order, maxProcessing);
  const isOver = now().getTime() > period.to;
  // 1
  const listed = await backend.listCalls(scope, order, period);
  // 2
  const calls = order.hasOwnFlow
    ? listed.calls
    : listed.calls.filter(({ providerId }) => providerId === order.providerId);
  const groupcalls = order.hasOwnFlow
    ? listed.groupcalls
    : listed.groupcalls.filter((groupcall) => canBeGroupcallOf(groupcall, order));
  const owners = await claims.findOwners(
    claimsOf({ callIds: calls.map(({ id }) => id), groupcallIds: groupcalls.map(({ id }) => id) }),
  );
  const claimed = ownedBy(order.id, { calls, groupcalls }, owners);
  const unclaimed = ownedBy(undefined, { calls, groupcalls }, owners);
  const found = order.hasOwnFlow ? unclaimed : unclaimedOf(without(order, claimed), unclaimed);
  const candidates = {
    calls: [...claimed.calls, ...found.calls],
    groupcalls: [...claimed.groupcalls, ...found.groupcalls],
  };
  // 3
  if (!order.hasOwnFlow) {
    const isYoung = ({ createdAt }: { createdAt: number }) =>
      now().getTime() - createdAt < TIME_LIMITS.intentLifetime;
    if ([...found.calls, ...found.groupcalls].some(isYoung)) {
      throw new BackendFailure('call', 'matching calls may belong to a create that is still running', {
        outcome: 'unknown',
      });
    }
    if (exceeds(candidates, order) || (await isContested(deps, order, found))) {
      throw ambiguous(order, candidates);
    }
  }
  // 4
  const count = candidates.calls.length + candidates.groupcalls.length;
  if (count < order.destinations.length && !isOver) {
    throw new BackendFailure('call', 'a manager may still be processing the request', { outcome: 'unknown' });
  }
  return {
    callIds: candidates.calls.map(({ id }) => id),
    groupcallIds: candidates.groupcalls.map(({ id }) => id),
  };
}

type Candidates = { calls: ListedCall[]; groupcalls: ListedGroupcall[] };

/** Returns the calls that the owner has claimed; for no owner, the unclaimed ones. */
function ownedBy(
  owner: ProviderCallId | undefined,
  { calls, groupcalls }: Candidates,
  owners: Map<string, ProviderCallId>,
): Candidates {
  const isOwned = ({ id }: { id: string }) => owners.get(id) === owner;
  return { calls: calls.filter(isOwned), groupcalls: groupcalls.filter(isOwned) };
}

/**
 * Returns what remains of an order besides its own calls. One whose destination the platform has changed beyond
 * recognition still stands for one of them.
 */
function without(order: CallOrder, { calls, groupcalls }: Candidates): CallOrder {
  const destinations = [...order.destinations];
  for (const { destination } of calls) remove(destinations, (one) => isSame(destination, one));
  for (const _ of groupcalls) remove(destinations, isGroup);
  return { ...order, destinations };
}

function remove(destinations: Address[], isIt: (destination: Address) => boolean): void {
  destinations.splice(Math.max(destinations.findIndex(isIt), 0), 1);
}

function unclaimedOf(order: CallOrder, { calls, groupcalls }: Candidates): Candidates {
  return {
    calls: calls.filter((call) => canBeOf(call, order)),
    groupcalls: groupcalls.filter((groupcall) => canBeGroupcallOf(groupcall, order)),
  };
}

function canBeOf(call: ListedCall, order: CallOrder): boolean {
  return (
    call.providerId === order.providerId &&
    isSame(call.source, order.source) &&
    order.destinations.some((destination) => isSame(call.destination, destination))
  );
}

/** A groupcall names neither its provider nor the destination that was requested. */
function canBeGroupcallOf({ source }: ListedGroupcall, order: CallOrder): boolean {
  return order.destinations.some(isGroup) && isSame(source, order.source);
}

function isSame(listed: ListedAddress, address: Address | null): boolean {
  const wanted = address ?? NO_ADDRESS;
  return listed.type === wanted.type && normalizedTarget(listed) === normalizedTarget(wanted);
}

/**
 * Returns a target as newer versions of the platform store it (bin-common-handler/models/address/normalize.go): of a
 * telephone number a leading "+" and the digits, if it has any, and of a SIP address the host in lower case.
 */
function normalizedTarget({ type, target }: ListedAddress): string {
  const trimmed = target.trim();
  if (type === 'tel') {
    const digits = trimmed.replace(/\D/g, '');
    return digits === '' ? target : `${trimmed.startsWith('+') ? '+' : ''}${digits}`;
  }
  return type === 'sip'
    ? trimmed.replace(/^([^;?]*@)([^;?]*)/, (_, user: string, host: string) => `${user}${host.toLowerCase()}`)
    : target;
}

/** The platform creates one Groupcall for such a destination, and one Call for any other. */
function isGroup({ type }: Address): boolean {
  return type === 'agent' || type === 'extension';
}

/** Returns whether there are more candidates than the order can have created. */
function exceeds({ calls, groupcalls }: Candidates, { destinations }: CallOrder): boolean {
  return (
    groupcalls.length > destinations.filter(isGroup).length ||
    destinations.some(
      (one) =>
        calls.filter(({ destination }) => isSame(destination, one)).length >
        destinations.filter((other) => isSame(other, one)).length,
    )
  );
}

/** Returns whether an unclaimed candidate could also belong to another open record. */
async function isContested(
  { claims, maxProcessing }: ClaimedCallsDeps,
  order: CallOrder,
  unclaimed: Candidates,
): Promise<boolean> {
  if (unclaimed.calls.length + unclaimed.groupcalls.length === 0) return false;
  const isIn = ({ from, to }: Period, { createdAt }: { createdAt: number }) =>
    createdAt >= from && createdAt <= to;
  const rivals = (await claims.listOpenRecords(order)).filter(
    (record) => record.id !== order.id && !hasNeverDialled(record),
  );
  return rivals.map(callOrder).some((rival) => {
    const period = creationPeriod(rival, maxProcessing);
    return (
      rival.flowId === order.flowId &&
      (unclaimed.calls.some((call) => isIn(period, call) && canBeOf(call, rival)) ||
        unclaimed.groupcalls.some((one) => isIn(period, one) && canBeGroupcallOf(one, rival)))
    );
  });
}

function ambiguous({ id }: CallOrder, { calls, groupcalls }: Candidates): BackendFailure {
  const candidates = [...calls, ...groupcalls].map((one) => one.id).slice(0, MAX_CANDIDATES);
  return new BackendFailure(
    'call',
    `several sets of calls may belong to ProviderCall ${id}: ${candidates.join(', ')}`,
    { outcome: 'unknown', candidates },
  );
}

function claimsOf({ callIds, groupcallIds }: PlacedCalls): CallClaim[] {
  return [
    ...callIds.map((id) => ({ kind: 'call' as const, id })),
    ...groupcallIds.map((id) => ({ kind: 'groupcall' as const, id })),
  ];
}
