import * as z from 'zod/mini';
import { sortBound } from '../../../functions/provider-calls/page-token.ts';
import type { DocumentStore, Placement } from '../src/document-store.ts';

type Item = { json: string; placement: Placement };

/**
 * A document store without DynamoDB, for tests that need very many of them. `onWrite` is called around every write and
 * may throw: "before" nothing has been written yet, "after" it has.
 */
export function createMemoryDocumentStore(
  onWrite: (when: 'before' | 'after') => void = () => {},
): DocumentStore {
  const kinds = new Map<string, Map<string, Item>>();

  return {
    collection: ({ name, schema, idOf, placementOf }) => {
      const items = kinds.get(name) ?? new Map<string, Item>();
      kinds.set(name, items);
      const parse = ({ json }: Item) => z.parse(schema, JSON.parse(json));
      const orderOf = ({ placement: { listed } }: Item) => `${listed?.createdAt}#${listed?.id}`;

      const write = async (id: string, item: Item): Promise<void> => {
        onWrite('before');
        items.set(id, item);
        onWrite('after');
      };
      const itemOf = (document: z.infer<typeof schema>): Item => ({
        json: JSON.stringify(document),
        placement: placementOf(document),
      });
      const find = (id: string) => {
        const item = items.get(id);
        return item === undefined ? undefined : parse(item);
      };

      return {
        get: async (id) => find(id),
        insert: async (document) => {
          if (items.has(idOf(document))) return false;
          await write(idOf(document), itemOf(document));
          return true;
        },
        put: (document) => write(idOf(document), itemOf(document)),
        change: async (id, edit) => {
          const changed = edit(find(id));
          if (changed === undefined) return find(id);
          await write(id, itemOf(changed));
          return changed;
        },
        list: async ({ customerId, after, limit }) =>
          [...items.values()]
            .filter(({ placement: { listed } }) =>
              customerId === undefined ? listed !== undefined : listed?.customerId === customerId,
            )
            .filter((item) => after === undefined || orderOf(item) < sortBound(after))
            .toSorted((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1))
            .slice(0, limit)
            .map(parse),
        listOpen: async () =>
          [...items.values()].filter(({ placement }) => placement.open === true).map(parse),
      };
    },
  };
}
