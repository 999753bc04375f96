import * as z from 'zod/mini';
import { nilUuid, uuidSchema } from '../../../functions/uuid.ts';
import { countryCodeOf } from './country-code.ts';
import type { DocumentStore } from './document-store.ts';
import type { Providers } from './providers.ts';
import type { Address } from './records/address.ts';
import { type Dialroute, dialrouteSchema } from './records/dialroute.ts';
import type { Provider } from './records/provider.ts';
import { Refusal } from './refusal.ts';

/** A route together with the provider it leads through. */
export type Way = { route: Dialroute; provider: Provider };

export type Dialroutes = ReturnType<typeof createDialroutes>;

/** What a route's `target` must be to fit a destination; routes for everything say `all`. */
const targetOf = ({ type, target }: Address): string =>
  (type === 'tel' ? countryCodeOf(target) : undefined) ?? 'all';

/** The routes of the route manager. */
export function createDialroutes({ store, providers }: { store: DocumentStore; providers: Providers }) {
  const routes = store.collection<Dialroute>({
    name: 'dialroute',
    schema: dialrouteSchema,
    idOf: (route) => route.id,
    // In the list of its customer, in the order of priority from the end.
    placementOf: ({ id, customer_id, priority }) => ({
      listed: { createdAt: String(priority).padStart(10, '0'), id, customerId: customer_id },
    }),
  });

  const routesOf = async (customerId: string): Promise<Dialroute[]> => {
    const found = await routes.list({ customerId, limit: 100 });
    return found.sort((a, b) => a.priority - b.priority);
  };

  const providersOf = async (candidates: Dialroute[]): Promise<Map<string, Provider>> => {
    const ids = [...new Set(candidates.map((route) => route.provider_id))];
    const found = await Promise.all(ids.map(providers.find));
    return new Map(found.flatMap((provider) => (provider === undefined ? [] : [[provider.id, provider]])));
  };

  /** Ways that are made up for one request: exactly the named providers, in that order. */
  const forced = async (customerId: string, providerIds: string[]) => {
    const candidates = providerIds
      .map((text) => z.safeParse(uuidSchema, text).data)
      .flatMap((id, priority) =>
        id === undefined ? [] : [{ id, customer_id: customerId, provider_id: id, priority, target: 'all' }],
      );
    return { candidates, known: await providersOf(candidates) };
  };

  /** The customer's ways, then the default ones whose provider the customer's do not name. */
  const merged = async (customerId: string) => {
    const own = await routesOf(customerId);
    const defaults = await routesOf(nilUuid);
    return { own, defaults, known: await providersOf([...own, ...defaults]) };
  };

  const waysOf = (candidates: Dialroute[], known: Map<string, Provider>): Way[] =>
    candidates.flatMap((route) => {
      const provider = known.get(route.provider_id);
      return provider === undefined ? [] : [{ route, provider }];
    });

  return {
    seed: (route: Dialroute) => routes.put(route),

    /**
     * Gives what finds the ways to a destination, best first. With `providerIds` exactly those providers, in that order,
     * and a refusal when none of them can be used: the customer's own routes are then no way out. Without, the
     * customer's routes, then the default routes whose provider the customer's do not name.
     */
    load: async (
      customerId: string,
      providerIds: string[] | undefined,
    ): Promise<(destination: Address) => Way[]> => {
      if (providerIds !== undefined) {
        const { candidates, known } = await forced(customerId, providerIds);
        return (destination) => {
          const target = targetOf(destination);
          const ways = waysOf(
            candidates.map((route) => ({ ...route, target })),
            known,
          );
          if (ways.length > 0) return ways;
          throw new Refusal(
            'INVALID_ARGUMENT',
            'PROVIDER_NOT_FOUND',
            'None of the providers that the call is to go through exists.',
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
        const ways = waysOf([...fitting, ...others], known);
        if (ways.length > 0) return ways;
        throw new Refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'No route leads to this destination.');
      };
    },
  };
}
