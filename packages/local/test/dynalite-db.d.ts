/** The parts of dynalite's storage that the test of torn writes changes. */
declare module 'dynalite/db/index.js' {
  type Done = (error: unknown) => void;
  type Part = { put(key: string, value: unknown, done: Done): void; del(key: string, done: Done): void };
  type Keys = { AttributeName: string }[];
  type Table = { KeySchema: Keys; GlobalSecondaryIndexes: { IndexName: string; KeySchema: Keys }[] };

  export function create(options: { path: string }): {
    db: { close(): Promise<void> };
    getItemDb(table: string): Part;
    getIndexDb(kind: 'Global', table: string, index: string): Part;
    getTable(name: string, done: (error: unknown, table: Table) => void): void;
  };
  export function createKey(item: unknown, table: Table): string;
  export function createIndexKey(item: unknown, table: Table, keys: Keys): string;
}
