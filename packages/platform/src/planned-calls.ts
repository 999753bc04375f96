import type { PlannedCall } from './call-engine.ts';
import type { CallRequest } from './records/call-request.ts';

/** All calls of an accepted request, ready to be dialled. */
export function plannedCalls({ calls, legs, providers, anonymous, actions }: CallRequest): PlannedCall[] {
  return [...calls, ...legs].map((call) => ({
    call,
    anonymous,
    actions,
    ways: call.dialroutes.flatMap((route) => {
      const provider = providers[route.provider_id];
      return provider === undefined ? [] : [{ route, provider }];
    }),
  }));
}
