import { nilUuid, uuidSchema } from '../functions/uuid.ts';
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

  const routesOf = async (customerId: string, target: string): Promise<Dialroute[]> => {
    const found = await routes.list({ customerId, limit: 100 });
    const fitting = found.filter((route) => route.target === target || route.target === 'all');
    return fitting.sort((a, b) => a.priority - b.priority);
  };

  const waysThrough = async (candidates: Dialroute[]): Promise<Way[]> => {
    const ways = await Promise.all(
      candidates.map(async (route) => ({ route, provider: await providers.find(route.provider_id) })),
    );
    return ways.flatMap(({ route, provider }) => (provider === undefined ? [] : [{ route, provider }]));
  };

  return {
    seed: (route: Dialroute) => routes.put(route),

    /**
     * The ways to a destination, best first. With `providerIds` exactly those providers, in that order, and an error
     * when none of them can be used: the customer's own routes are then no way out. Without, the customer's
     * routes, then the default routes whose provider the customer's do not name.
     */
    find: async (
      customerId: string,
      destination: Address,
      providerIds: string[] | undefined,
    ): Promise<Way[]> => {
      const target = targetOf(destination);
      if (providerIds !== undefined) {
        const synthetic = providerIds
          .filter((id) => uuidSchema.safeParse(id).success)
          .map((id) => id.toLowerCase())
          .map((id, priority) => ({ id, customer_id: customerId, provider_id: id, priority, target }));
        const ways = await waysThrough(synthetic);
        if (ways.length > 0) return ways;
        throw new Refusal(
          'INVALID_ARGUMENT',
          'PROVIDER_NOT_FOUND',
          'None of the providers that the call is to go through exists.',
        );
      }
      const own = await routesOf(customerId, target);
      const named = new Set(own.map((route) => route.provider_id));
      const defaults = await routesOf(nilUuid, target);
      const ways = await waysThrough([...own, ...defaults.filter((route) => !named.has(route.provider_id))]);
      if (ways.length > 0) return ways;
      throw new Refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'No route leads to this destination.');
    },
  };
}
