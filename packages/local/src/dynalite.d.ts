/** dynalite has no types of its own. These are the options that this project sets. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export type DynaliteOptions = {
    /** Folder of the database; in memory when absent. */
    path?: string | undefined;
    /** Milliseconds that a table stays in CREATING. */
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  };

  export default function dynalite(options?: DynaliteOptions): Server;
}
