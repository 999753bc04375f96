import { randomUUID } from 'node:crypto';
import { type Clock, timestampOf } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { deletionTimeOf } from '../../../functions/timestamp.ts';
import type { DocumentStore } from './document-store.ts';
import { ManagerError } from './manager-error.ts';
import { type Page, pageOf } from './paging.ts';
import { type HealthStatus, type Provider, type PublicProvider, providerSchema } from './records/provider.ts';

const HOST_PATTERN =
  /^(?:\[[0-9a-f:.]{2,45}\]|(?=.{1,253}(?:[:;]|$))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)(?::(\d{1,5}))?(?:;transport=(?:udp|tcp|tls))?$/i;

const hostnameSchema = z.string('must be a host name or an IP address, with or without a port').check(
  z.refine((text) => {
    const [whole, port] = HOST_PATTERN.exec(text) ?? [];
    return whole !== undefined && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
  }, 'is not a host name or an IP address, with or without a port'),
);

// They become part of a SIP URI's user, so they must not contain anything that could end it (RFC 3261 §25.1).
const userPartSchema = z
  .string()
  .check(
    z.maxLength(64),
    z.regex(
      /^[A-Za-z0-9\-_.!~*'()&=+$,#/]*$/,
      'has a character that is not allowed in the user of a SIP URI',
    ),
  );

const headersSchema = z
  .record(z.string().check(z.maxLength(255)), z.string().check(z.maxLength(1000)))
  .check(z.refine((headers) => Object.keys(headers).length <= 50, 'has more than 50 headers'));

const settings = {
  type: z.literal('sip', 'must be "sip"'),
  hostname: hostnameSchema,
  tech_prefix: userPartSchema,
  tech_postfix: userPartSchema,
  /** Any header may be set here; those that must not be sent are skipped when dialling. */
  tech_headers: headersSchema,
  codecs: z
    .string()
    .check(
      z.maxLength(255),
      z.regex(/^([A-Za-z0-9-]+(,[A-Za-z0-9-]+)*)?$/, 'is not a list such as PCMU,PCMA'),
    ),
  auth_username: z.string().check(z.maxLength(255), z.regex(/^[^\p{Cc}]*$/u, 'has a control character')),
  auth_password: z.string().check(z.maxLength(255)),
  name: z.string().check(z.maxLength(255)),
  detail: z.string().check(z.maxLength(1000)),
  metadata: z.record(z.string(), z.unknown()),
};

export const createProviderSchema = z.strictObject({
  ...settings,
  type: z._default(settings.type, 'sip'),
  tech_prefix: z._default(settings.tech_prefix, ''),
  tech_postfix: z._default(settings.tech_postfix, ''),
  tech_headers: z._default(settings.tech_headers, {}),
  codecs: z._default(settings.codecs, ''),
  auth_username: z._default(settings.auth_username, ''),
  auth_password: z._default(settings.auth_password, ''),
  name: z._default(settings.name, ''),
  detail: z._default(settings.detail, ''),
  metadata: z._default(settings.metadata, {}),
});
export type CreateProvider = z.infer<typeof createProviderSchema>;

/** Absent fields are not changed. */
export const updateProviderSchema = z.partial(z.strictObject(settings));
export type UpdateProvider = z.infer<typeof updateProviderSchema>;

export type Providers = ReturnType<typeof createProviders>;

const UNKNOWN_HEALTH = {
  health_status: 'unknown',
  health_checked_at: null,
  health_detail: undefined,
} as const;

/** The providers of the route manager. Every customer sees all of them. */
export function createProviders({ store, clock }: { store: DocumentStore; clock: Clock }) {
  const providers = store.collection<Provider>({
    name: 'provider',
    schema: providerSchema,
    idOf: (provider) => provider.id,
    placementOf: (provider) =>
      isDeleted(provider) ? {} : { listed: { createdAt: provider.tm_create, id: provider.id } },
  });

  async function changeLive(id: string, edit: (provider: Provider, now: string) => Provider) {
    const now = timestampOf(clock.now());
    const changed = await providers.change(id, (provider) =>
      provider === undefined || isDeleted(provider) ? undefined : edit(provider, now),
    );
    if (changed === undefined) throw notFound();
    return changed;
  }

  return {
    /** Returns the provider as stored, or undefined if there is none or it has been deleted. */
    find: async (id: string): Promise<Provider | undefined> => {
      const provider = await providers.get(id);
      return provider === undefined || isDeleted(provider) ? undefined : provider;
    },

    /** Returns all providers that are not deleted, as stored. */
    all: async (): Promise<Provider[]> => {
      const found: Provider[] = [];
      for (;;) {
        const last = found.at(-1);
        const page = await providers.list({
          ...(last && { after: { createdAt: last.tm_create, id: last.id } }),
          limit: 100,
        });
        found.push(...page);
        if (page.length < 100) return found;
      }
    },

    /** Writes a seeded provider unless somebody has changed it. What is known of its host's health is kept. */
    seed: (seeded: Provider) =>
      providers.change(seeded.id, (stored) => {
        if (stored === undefined) return seeded;
        if (stored.tm_update !== seeded.tm_update) return undefined;
        return stored.hostname === seeded.hostname ? { ...seeded, ...healthOf(stored) } : seeded;
      }),

    /**
     * Returns a provider, even a deleted one.
     *
     * @throws {ManagerError} PROVIDER_NOT_FOUND
     */
    get: async (id: string): Promise<PublicProvider> => {
      const provider = await providers.get(id);
      if (provider === undefined) throw notFound();
      return present(provider);
    },

    /**
     * Returns one page of the providers that are not deleted, newest first.
     *
     * @throws {PlatformError} INVALID_ARGUMENT naming the parameter at fault
     */
    list: async (query: URLSearchParams): Promise<Page<PublicProvider>> => {
      const ofEveryCustomer = new URLSearchParams(query);
      ofEveryCustomer.delete('customer_id');
      // Deleted providers are in no list, and a time that never comes does not mean deleted.
      ofEveryCustomer.set('deleted', 'any');
      const page = await pageOf(providers.list, ofEveryCustomer);
      return { ...page, result: page.result.map(present) };
    },

    /** Creates a provider, whose health is unknown. */
    create: async (request: CreateProvider): Promise<PublicProvider> => {
      const now = timestampOf(clock.now());
      const provider: Provider = {
        id: randomUUID(),
        ...request,
        ...UNKNOWN_HEALTH,
        tm_create: now,
        tm_update: now,
        tm_delete: null,
      };
      await providers.put(provider);
      return present(provider);
    },

    /**
     * Changes the fields in the request. The health of the old host says nothing about a new one.
     *
     * @throws {ManagerError} PROVIDER_NOT_FOUND
     */
    update: async (id: string, request: UpdateProvider): Promise<PublicProvider> => {
      const updated = await changeLive(id, (provider, now) => ({
        ...provider,
        ...request,
        ...(request.hostname !== undefined && request.hostname !== provider.hostname && UNKNOWN_HEALTH),
        tm_update: now,
      }));
      if (isDeleted(updated)) throw notFound();
      return present(updated);
    },

    /**
     * Marks a provider as deleted; one that already is does not change.
     *
     * @throws {ManagerError} PROVIDER_NOT_FOUND
     */
    delete: async (id: string): Promise<PublicProvider> =>
      present(await changeLive(id, (provider, now) => ({ ...provider, tm_update: now, tm_delete: now }))),

    /**
     * Stores what a check of the provider's host found, unless the provider has a different host by now or is deleted.
     *
     * @param status undefined leaves it unchanged
     */
    noteHealth: async (
      { id, hostname }: Pick<Provider, 'id' | 'hostname'>,
      status: HealthStatus | undefined,
      detail: string,
    ): Promise<void> => {
      const now = timestampOf(clock.now());
      await providers.change(id, (provider) =>
        provider === undefined || isDeleted(provider) || provider.hostname !== hostname
          ? undefined
          : {
              ...provider,
              health_status: status ?? provider.health_status,
              health_checked_at: now,
              health_detail: detail,
            },
      );
    },
  };
}

/** Returns whether a provider has been deleted, in either of the forms in which the platform says so. */
export function isDeleted({ tm_delete }: Provider): boolean {
  return deletionTimeOf(tm_delete) !== null;
}

function notFound(): ManagerError {
  return new ManagerError('NOT_FOUND', 'PROVIDER_NOT_FOUND', 'There is no such provider.');
}

function healthOf({ health_status, health_checked_at, health_detail }: Provider) {
  return { health_status, health_checked_at, health_detail };
}

function present({ auth_password: _, ...provider }: Provider): PublicProvider {
  return provider;
}
