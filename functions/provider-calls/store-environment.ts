import * as z from 'zod/mini';
import { createDocumentClient } from '../document-client.ts';
import { readEnvironment, requiredVariable } from '../environment.ts';
import { createProviderCallStore, type ProviderCallStore } from './provider-call-store.ts';

/** The store of the table that PROVIDER_CALL_TABLE names. */
export const storeFromEnvironment = (): ProviderCallStore =>
  createProviderCallStore(
    createDocumentClient(),
    readEnvironment(z.object({ PROVIDER_CALL_TABLE: requiredVariable })).PROVIDER_CALL_TABLE,
  );
