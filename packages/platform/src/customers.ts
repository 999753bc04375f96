import type { Clock } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import type { DocumentStore } from './document-store.ts';
import { ManagerError } from './manager-error.ts';
import { addressSchema } from './records/address.ts';

export const customerSchema = z.object({
  id: z.string(),
  /** The balance from which calls are paid; null if they cost nothing. */
  balance: z.nullable(z.number()),
  /** The price of one call, taken from the balance. */
  call_price: z.number(),
  /** At most `calls` in `seconds`; null for no limit. */
  rate_limit: z.nullable(z.object({ calls: z.number(), seconds: z.number() })),
  /** The numbers that the customer owns and may use as caller id. */
  numbers: z.array(z.string()),
  /** Replaces a source that is not the customer's number. */
  default_outgoing_number: z.nullable(z.string()),
  webhook_url: z.nullable(z.string()),
  /** The addresses at which an agent is reached, by the agent's id. */
  agents: z.record(z.string(), z.array(addressSchema)),
  /** The addresses at which an extension is reached, by its name. */
  extensions: z.record(z.string(), z.array(addressSchema)),
});
/** The part of a customer that matters to its calls. */
export type Customer = z.infer<typeof customerSchema>;

const windowSchema = z.object({ id: z.string(), started: z.number(), calls: z.number() });
type Window = z.infer<typeof windowSchema>;

export type Customers = ReturnType<typeof createCustomers>;

/** Returns a customer without numbers and without limits. */
export function unlimitedCustomer(id: string): Customer {
  return {
    id,
    balance: null,
    call_price: 0,
    rate_limit: null,
    numbers: [],
    default_outgoing_number: null,
    webhook_url: null,
    agents: {},
    extensions: {},
  };
}

/** Customers with their limits: how many calls a customer may place, and what they cost. */
export function createCustomers({ store, clock }: { store: DocumentStore; clock: Clock }) {
  const customers = store.collection<Customer>({
    name: 'customer',
    schema: customerSchema,
    idOf: (customer) => customer.id,
    placementOf: () => ({}),
  });
  const windows = store.collection<Window>({
    name: 'rate-window',
    schema: windowSchema,
    idOf: (window) => window.id,
    placementOf: () => ({}),
  });

  return {
    /** Returns a customer; one that is not in the seed has no numbers and no limits. */
    get: async (id: string): Promise<Customer> => (await customers.get(id)) ?? unlimitedCustomer(id),

    /** Writes a seeded customer, including its balance, at each start. */
    seed: (customer: Customer) => customers.put(customer),

    /**
     * Counts `calls` against the customer's rate limit. A rejected request does not count.
     *
     * @throws {ManagerError} RATE_LIMIT_EXCEEDED when there are too many
     */
    countCalls: async ({ id, rate_limit: limit }: Customer, calls: number): Promise<void> => {
      if (limit === null) return;
      const now = clock.now();
      const length = limit.seconds * 1000;
      let wait = 0;
      await windows.change(id, (stored) => {
        const window =
          stored === undefined || stored.started + length <= now ? { id, started: now, calls: 0 } : stored;
        wait = window.calls + calls > limit.calls ? window.started + length - now : 0;
        return wait > 0 ? undefined : { ...window, calls: window.calls + calls };
      });
      if (wait > 0) {
        throw new ManagerError(
          'RESOURCE_EXHAUSTED',
          'RATE_LIMIT_EXCEEDED',
          `The customer may place ${limit.calls} calls in ${limit.seconds} seconds.`,
          { retryAfterSeconds: Math.ceil(wait / 1000) },
        );
      }
    },

    /**
     * Takes the price of `calls` from the customer's balance.
     *
     * @throws {ManagerError} INSUFFICIENT_BALANCE when it does not cover all of them
     */
    charge: async ({ id, balance: known }: Customer, calls: number): Promise<void> => {
      if (known === null) return;
      let short = false;
      await customers.change(id, (customer) => {
        if (customer === undefined || customer.balance === null) return undefined;
        const left = customer.balance - calls * customer.call_price;
        short = customer.balance <= 0 || left < 0;
        return short ? undefined : { ...customer, balance: left };
      });
      if (short) {
        throw new ManagerError(
          'PAYMENT_REQUIRED',
          'INSUFFICIENT_BALANCE',
          "The customer's balance does not cover these calls.",
        );
      }
    },

    /** Refunds the price of calls that were charged but not placed. */
    refund: async ({ id, balance: known }: Customer, calls: number): Promise<void> => {
      if (known === null) return;
      await customers.change(id, (customer) =>
        customer === undefined || customer.balance === null
          ? undefined
          : { ...customer, balance: customer.balance + calls * customer.call_price },
      );
    },
  };
}
