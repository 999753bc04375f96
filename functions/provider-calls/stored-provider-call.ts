import type { Action } from './create-request.ts';
import type { Actor, ProviderCall } from './provider-call.ts';

/**
 * What the table holds of one request, from before anything is dialled.
 * - `intent`: create is at work on it, or died at it. Nobody sees it.
 * - `placed`: the calls stand and their ids are known.
 * - `unconfirmed`: whether there are calls is not known yet. Seen by its customer, with empty id lists.
 */
export type ProviderCallState = 'intent' | 'placed' | 'unconfirmed';

/** The client's Idempotency-Key as lower-case hexadecimal SHA-256, and what the first request with it asked for. */
export type Idempotency = { keyHash: string; fingerprint: string };

/** The record as its customer sees it. */
export type ShownProviderCall = ProviderCall & { state: ProviderCallState };

export type StoredProviderCall = ShownProviderCall & {
  /**
   * Which run of create made this intent. Every later write names it, so that a run that was thought dead can
   * never write to what another run has made under the same id.
   */
  attempt: string;
  createdBy: Actor;
  deletedBy: Actor | null;
  requestId: string;
  idempotency: Idempotency | null;
  /** The inline actions, kept until the record is settled: posting them again finds a flow whose id was never learnt. */
  temporaryFlow: { actions: Action[]; flowId: string | null } | null;
};

/** The key under which an attempt's temporary flow is made. Each attempt has a flow of its own, for the last one's may be gone. */
export const flowIdempotencyKey = ({ id, attempt }: Pick<StoredProviderCall, 'id' | 'attempt'>): string =>
  `providercall:${id}:flow:${attempt}`;

/** The key under which calls are placed: one for a record, whatever is tried, so that no two attempts can both dial. */
export const callIdempotencyKey = ({ id }: Pick<StoredProviderCall, 'id'>): string =>
  `providercall:${id}:calls`;
