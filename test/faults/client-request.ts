import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import { type CreateRequest, createRequestSchema } from '../../functions/provider-calls/create-request.ts';

/** A request that a client may send repeatedly. Its caller id distinguishes its calls from all others. */
export type ClientRequest = {
  request: CreateRequest;
  /** Undefined if it is sent without an Idempotency-Key; then each sending counts as a new request. */
  idempotencyKey: string | undefined;
};

let clientRequests = 0;

/** Returns a client request whose caller id no other request has. */
export function newClientRequest({
  withFlow,
  withKey,
  withGroupcall = false,
}: {
  withFlow: boolean;
  withKey: boolean;
  withGroupcall?: boolean;
}): ClientRequest {
  clientRequests += 1;
  return {
    idempotencyKey: withKey ? `key-${randomUUID()}` : undefined,
    request: createRequestSchema.parse({
      provider_id: SEED_IDS.providers.answers,
      source: { type: 'tel', target: `+1415${String(clientRequests).padStart(7, '0')}` },
      destinations: [
        { type: 'tel', target: '+821012345678' },
        ...(withGroupcall ? [{ type: 'extension', target: '1001' }] : []),
      ],
      ...(withFlow && { actions: [{ type: 'answer' }, { type: 'talk', option: { text: 'Hello' } }] }),
    }),
  };
}
