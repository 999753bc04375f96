import * as z from 'zod/mini';
import { NIL_UUID, uuidSchema } from '../../../functions/uuid.ts';
import type { DocumentStore } from './document-store.ts';
import { ManagerError } from './manager-error.ts';
import type { Providers } from './providers.ts';
import type { Address } from './records/address.ts';
import { type Dialroute, dialrouteSchema } from './records/dialroute.ts';
import type { Provider } from './records/provider.ts';

/** A route together with its provider. */
export type RouteCandidate = { route: Dialroute; provider: Provider };

export type Dialroutes = ReturnType<typeof createDialroutes>;

const ONE_DIGIT_CODE = /^\+[17]/;
// ITU-T E.164 (list of assigned country codes): every other code has three digits.
const TWO_DIGIT_CODE = /^\+(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const THREE_DIGIT_CODE = /^\+\d{3}/;

/** The routes of the route manager. */
export function createDialroutes({ store, providers }: { store: DocumentStore; providers: Providers }) {
  const routes = store.collection<Dialroute>({
    name: 'dialroute',
    schema: dialrouteSchema,
    idOf: (route) => route.id,
    // Listed under its customer, in reverse order of priority.
    placementOf: ({ id, customer_id, priority }) => ({
      listed: { createdAt: String(priority).padStart(10, '0'), id, customerId: customer_id },
    }),
  });

  async function routesOf(customerId: string): Promise<Dialroute[]> {
    const found = await routes.list({ customerId, limit: 100 });
    return found.sort((a, b) => a.priority - b.priority);
  }

  async function providersOf(candidates: Dialroute[]): Promise<Map<string, Provider>> {
    const ids = [...new Set(candidates.map((route) => route.provider_id))];
    const found = await Promise.all(ids.map(providers.find));
    return new Map(found.flatMap((provider) => (provider === undefined ? [] : [[provider.id, provider]])));
  }

  /** Synthetic routes of one request: exactly the named providers, in that order. */
  async function forced(customerId: string, providerIds: string[]) {
    const candidates = providerIds
      .map((text) => z.safeParse(uuidSchema, text).data)
      .flatMap((id, priority) =>
        id === undefined ? [] : [{ id, customer_id: customerId, provider_id: id, priority, target: 'all' }],
      );
    return { candidates, known: await providersOf(candidates) };
  }

  /** The customer's routes and the default routes. */
  async function merged(customerId: string) {
    const own = await routesOf(customerId);
    const defaults = await routesOf(NIL_UUID);
    return { own, defaults, known: await providersOf([...own, ...defaults]) };
  }

  function candidatesOf(found: Dialroute[], known: Map<string, Provider>): RouteCandidate[] {
    return found.flatMap((route) => {
      const provider = known.get(route.provider_id);
      return provider === undefined ? [] : [{ route, provider }];
    });
  }

  return {
    /** Writes a seeded route, replacing an earlier one. */
    seed: (route: Dialroute) => routes.put(route),

    /**
     * Loads the routes of one request. Returns a function that finds the route candidates of a destination, best first:
     * with `providerIds` exactly those providers, in that order, and never the customer's own routes; without, the
     * customer's routes, then the default routes whose provider is not in any of them.
     *
     * The function returned throws ManagerError PROVIDER_NOT_FOUND when none of `providerIds` can be used, and
     * INVALID_ARGUMENT when no route leads to the destination.
     */
    load: async (
      customerId: string,
      providerIds: string[] | undefined,
    ): Promise<(destination: Address) => RouteCandidate[]> => {
      if (providerIds !== undefined) {
        const { candidates, known } = await forced(customerId, providerIds);
        return (destination) => {
          const target = targetOf(destination);
          const usable = candidatesOf(
            candidates.map((route) => ({ ...route, target })),
            known,
          );
          if (usable.length > 0) return usable;
          throw new ManagerError(
            'INVALID_ARGUMENT',
            'PROVIDER_NOT_FOUND',
            'None of the providers requested for the call exists.',
          );
        };
      }
      const { own, defaults, known } = await merged(customerId);
      return (destination) => {
        const target = targetOf(destination);
        const fits = (route: Dialroute) => route.target === target || route.target === 'all';
        const fitting = own.filter(fits);
        const named = new Set(fitting.map((route) => route.provider_id));
        const others = defaults.filter((route) => fits(route) && !named.has(route.provider_id));
        const usable = candidatesOf([...fitting, ...others], known);
        if (usable.length > 0) return usable;
        throw new ManagerError('INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'No route leads to this destination.');
      };
    },
  };
}

/** Returns the `target` of the routes that match a destination; routes for everything have `all`. */
function targetOf({ type, target }: Address): string {
  return (type === 'tel' ? countryCodeOf(target) : undefined) ?? 'all';
}

/** Returns the country code of an international number, such as `+82`, or undefined for anything else. */
export function countryCodeOf(number: string): string | undefined {
  const [code] =
    ONE_DIGIT_CODE.exec(number) ?? TWO_DIGIT_CODE.exec(number) ?? THREE_DIGIT_CODE.exec(number) ?? [];
  return code;
}
