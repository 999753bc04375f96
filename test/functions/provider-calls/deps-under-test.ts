import type { CreateDeps } from '../../../functions/provider-calls/ports.ts';
import {
  createProviderCallStore,
  type ProviderCallStore,
} from '../../../functions/provider-calls/provider-call-store.ts';
import { startDynamodb } from '../../dynamodb.ts';
import { CREATED_AT, IDS } from './sample-record.ts';

const CREATED_AT_MS = Date.parse(`${CREATED_AT.replace(' ', 'T')}Z`);

/**
 * Starts what the use cases need: a new table in the embedded DynamoDB, backends that succeed, and a clock that
 * `wait` moves.
 */
export async function startDeps() {
  const dynamodb = await startDynamodb();
  let passed = 0;
  return async (changes: Partial<CreateDeps> = {}) => {
    const store: ProviderCallStore = createProviderCallStore(
      dynamodb.documents,
      await dynamodb.createProviderCallTable(),
    );
    passed = 0;
    const requests: string[] = [];
    const deps: CreateDeps = {
      store,
      routeBackend: { hasProvider: async () => true },
      flowBackend: {
        createTemporaryFlow: async ({ requestId }, { idempotencyKey }) => {
          requests.push(`${requestId}: create flow ${idempotencyKey}`);
          return IDS.flow;
        },
        findTemporaryFlow: async ({ requestId }, { idempotencyKey }) => {
          requests.push(`${requestId}: find flow ${idempotencyKey}`);
          return IDS.flow;
        },
        deleteFlow: async ({ requestId }, id) => {
          requests.push(`${requestId}: delete flow ${id}`);
        },
      },
      callBackend: {
        placeCalls: async ({ requestId }, { idempotencyKey }) => {
          requests.push(`${requestId}: place calls ${idempotencyKey}`);
          return { callIds: [IDS.call], groupcallIds: [] };
        },
        findPlaced: async ({ requestId }, { idempotencyKey }) => {
          requests.push(`${requestId}: find ${idempotencyKey}`);
          return { callIds: [], groupcallIds: [] };
        },
      },
      now: () => new Date(CREATED_AT_MS + passed),
      ...changes,
    };
    const wait = (milliseconds: number) => {
      passed += milliseconds;
    };
    return { deps, requests, wait };
  };
}
