import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Call, callSchema } from '@provider-call/platform/records/call';
import { type Flow, flowSchema } from '@provider-call/platform/records/flow';
import * as z from 'zod/mini';
import type { PagePosition } from '../../functions/provider-calls/page-token.ts';
import type { StoredProviderCall } from '../../functions/provider-calls/provider-call.ts';
import { fromItem } from '../../functions/provider-calls/provider-call-item.ts';
import type { ProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { NIL_UUID } from '../../functions/uuid.ts';
import { httpClient } from '../../packages/platform/test/http-client.ts';
import type { ClientRequest } from './client-request.ts';

/** What must hold once reconcile has had time, whatever was stopped or failed before. */
export const PROMISES = [
  'no call without a record',
  'no call in two records',
  'no second call for one request',
  'no temporary flow left behind',
  'no flow deleted under a live call',
  'nothing stays unsettled',
  'no false response',
] as const;
export type Broken = { promise: (typeof PROMISES)[number]; how: string };

/** What a client knows from the response to its request. */
export type ClientResponse = {
  clientRequest: ClientRequest;
  response:
    | { kind: 'record'; id: string; callIds: string[] }
    | { kind: 'nothing dialled' }
    | { kind: 'nothing certain' };
};

/** What exists at the end of a schedule: in the table, and at the stand-in for the customer. */
export type State = {
  records: StoredProviderCall[];
  listedIds: string[];
  calls: Call[];
  /** Temporary flows, including deleted ones that a call names. */
  flows: Flow[];
};

/** Where the state of a customer is read. */
export type StateSource = {
  documents: DynamoDBDocumentClient;
  tableName: string;
  store: ProviderCallStore;
  standInUrl: string;
  customerId: string;
};

export async function readState(source: StateSource): Promise<State> {
  const { customerId, standInUrl } = source;
  const [records, listedIds, calls, listedFlows] = await Promise.all([
    readTable(source),
    readListedIds(source),
    listAll(standInUrl, `/v1/calls?customer_id=${customerId}`, callSchema),
    listAll(standInUrl, `/v1/flows?customer_id=${customerId}`, flowSchema),
  ]);
  const flows = listedFlows.filter(({ persist }) => !persist);
  const used = new Set(calls.map((call) => call.flow_id).filter((id) => id !== NIL_UUID));
  const deleted = [...used.difference(new Set(flows.map(({ id }) => id)))];
  const http = httpClient(standInUrl);
  for (const id of deleted) flows.push(z.parse(flowSchema, (await http.get(`/v1/flows/${id}`)).body));
  return { records, listedIds, calls, flows };
}

function pageOf<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ result: z.array(item), next_page_token: z.string() });
}

/** Returns everything that the stand-in lists at a path. */
async function listAll<Item extends z.ZodMiniType>(
  url: string,
  path: string,
  item: Item,
): Promise<z.infer<Item>[]> {
  const http = httpClient(url);
  const found: z.infer<Item>[] = [];
  let token = '';
  do {
    const separator = path.includes('?') ? '&' : '?';
    const { body } = await http.get(`${path}${separator}page_token=${encodeURIComponent(token)}`);
    const page = z.parse(pageOf(item), body);
    found.push(...page.result);
    token = page.next_page_token;
  } while (token !== '');
  return found;
}

async function readTable({ documents, tableName }: StateSource): Promise<StoredProviderCall[]> {
  const records: StoredProviderCall[] = [];
  const pages = paginateScan({ client: documents }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    records.push(...Items.filter((item) => item['claimed_by'] === undefined).map(fromItem));
  }
  return records;
}

async function readListedIds({ store, customerId }: StateSource): Promise<string[]> {
  const ids: string[] = [];
  let after: PagePosition | undefined;
  for (;;) {
    const { records, exhausted } = await store.list({ customerId, providerId: undefined, after, limit: 100 });
    ids.push(...records.map(({ id }) => id));
    after = records.at(-1);
    if (exhausted || after === undefined) return ids;
  }
}

/** Returns the id by which a record names a call: its own, or its groupcall's. */
function unitOf(call: Call): string {
  return call.groupcall_id === NIL_UUID ? call.id : call.groupcall_id;
}

function candidatesOf(record: StoredProviderCall): string[] {
  return record.state === 'unconfirmed' ? record.candidates : [];
}

function sameMembers(a: Iterable<string>, b: Iterable<string>): boolean {
  return new Set(a).symmetricDifference(new Set(b)).size === 0;
}

/** Returns the promises that a state breaks, each with what breaks it. */
export function brokenPromises(
  { records, listedIds, calls, flows }: State,
  attempts: readonly ClientResponse[],
): Broken[] {
  const broken: Broken[] = [];
  const say = (promise: Broken['promise'], how: string) => broken.push({ promise, how });

  const recorded = records.flatMap((record) => [...record.callIds, ...record.groupcallIds]);
  // Calls that may belong to several records are candidates of each of them.
  const named = new Set([...recorded, ...records.flatMap(candidatesOf)]);
  for (const call of calls) {
    if (!named.has(unitOf(call))) say('no call without a record', `call ${call.id}`);
  }
  for (const [id, times] of Map.groupBy(recorded, (one) => one)) {
    if (times.length > 1) say('no call in two records', `${id} is in ${times.length}`);
  }

  const placed = new Set(calls.map(unitOf));
  for (const record of records) {
    if (record.state !== 'placed') {
      if (candidatesOf(record).length === 0) say('nothing stays unsettled', `${record.state} ${record.id}`);
      continue;
    }
    for (const id of [...record.callIds, ...record.groupcallIds]) {
      if (!placed.has(id)) say('no false response', `record ${record.id} names ${id}: no such call`);
    }
  }
  const undeleted = records.filter(({ deletedAt }) => deletedAt === null).map(({ id }) => id);
  if (!sameMembers(undeleted, listedIds)) {
    say('no false response', `${undeleted.length} records, ${listedIds.length} listed`);
  }

  for (const [clientRequest, times] of Map.groupBy(attempts, (attempt) => attempt.clientRequest)) {
    const source = clientRequest.request.source?.target;
    const units = new Set(calls.filter((call) => call.source?.target === source).map(unitOf));
    const requests = clientRequest.idempotencyKey === undefined ? times.length : 1;
    const maxCalls = requests * clientRequest.request.destinations.length;
    const ofRequest = records.filter((record) => record.source?.target === source);
    if (units.size > maxCalls)
      say('no second call for one request', `${units.size} instead of ${maxCalls} calls`);
    if (ofRequest.length > requests)
      say('no second call for one request', `${ofRequest.length} records of one request`);
    if (units.size > 0 && times.every(({ response }) => response.kind === 'nothing dialled')) {
      say('no false response', `${units.size} calls, and every response said that there are none`);
    }
    for (const { response } of times) {
      if (response.kind !== 'record') continue;
      const record = ofRequest.find(({ id }) => id === response.id);
      if (record === undefined || !sameMembers(record.callIds, response.callIds)) {
        say('no false response', `record ${response.id} is not the one that was returned`);
      }
    }
  }

  const used = new Set(calls.map((call) => call.flow_id));
  for (const flow of flows) {
    if (flow.tm_delete === null && !used.has(flow.id))
      say('no temporary flow left behind', `flow ${flow.id}`);
    if (flow.tm_delete !== null && used.has(flow.id))
      say('no flow deleted under a live call', `flow ${flow.id}`);
  }
  return broken;
}
