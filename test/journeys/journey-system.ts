import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type CallRecords, createCallRecords } from '@provider-call/platform/call-records';
import { unlimitedCustomer } from '@provider-call/platform/customers';
import { createDocumentStore } from '@provider-call/platform/document-store';
import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import { createScriptedDialer } from '@provider-call/platform/scripted-dialer';
import { defaultSeed, SEED_IDS } from '@provider-call/platform/seed';
import { SYSTEM_CLOCK } from '@provider-call/sip/clock';
import * as z from 'zod/mini';
import { openApiDocument } from '../../contract/openapi-document.ts';
import { DEVELOPMENT_KEY } from '../../functions/auth/development-key.ts';
import type { StoredProviderCall } from '../../functions/provider-calls/provider-call.ts';
import { listKeys, openKeys, toItem } from '../../functions/provider-calls/provider-call-item.ts';
import { createDynamodbClient } from '../../packages/local/src/dynamodb.ts';
import { startLocal } from '../../packages/local/src/start.ts';
import { SUPER_ADMIN, signToken, type TokenOptions } from '../../packages/local/src/token.ts';
import { createResponseCheck } from '../contract/response-check.ts';
import { createJourneyClient, type JourneyClient } from './journey-client.ts';

/** Customers, and what the platform does with their calls. */
export const CUSTOMERS = {
  seeded: SEED_IDS.customer,
  withoutBalance: 'c0000000-0000-4000-8000-000000000402',
  oneCallAnHour: 'c0000000-0000-4000-8000-000000000429',
  /** One that the platform does not know. */
  stranger: 'c0000000-0000-4000-8000-000000000404',
} as const;

/** A response that conforms to the contract. */
export type JourneyResponse = { status: number; headers: Headers; text: string };

export type RawRequest = {
  method?: string;
  /** With the version prefix and the query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
};

/** The numbers of things that a request could leave behind. */
export type Footprint = { rows: number; calls: number; flows: number };

export type JourneySystem = {
  url: string;
  token: string;
  /** A super-admin's client, of the seeded customer unless another one is named. */
  clientOf(customerId?: string): Promise<JourneyClient>;
  tokenOf(claims: Partial<Omit<TokenOptions, 'key'>>): Promise<string>;
  /** Sends a request unchanged and returns the response, which must conform to the contract. */
  send(request: RawRequest): Promise<JourneyResponse>;
  /** Throws if a response violates the contract. */
  check(method: string, path: string, received: JourneyResponse): void;
  /** Stores a record unchanged, with the index keys of its state and deletion. */
  insert(stored: StoredProviderCall): Promise<void>;
  footprint(): Promise<Footprint>;
  /** The stand-in's calls, to store or read one without the API. */
  calls: CallRecords['calls'];
  /** Ids of a customer's calls and flows that are not deleted. */
  idsOf(kind: 'calls' | 'flows', customerId?: string): Promise<string[]>;
  logs: readonly string[];
  close(): Promise<void>;
};

const pageSchema = z.object({ result: z.array(z.object({ id: z.string() })), next_page_token: z.string() });

/**
 * Starts the local system for the journeys, with scripted calls of a tenth of a second and without throttling.
 */
export async function startJourneySystem(): Promise<JourneySystem> {
  const local = await startLocal({
    throttling: false,
    platform: {
      seed: seed(),
      dialer: createScriptedDialer({
        clock: SYSTEM_CLOCK,
        times: { ringingAfterMs: 50, answeredAfterMs: 100, talkMs: 60_000, hangupMs: 10 },
      }),
    },
  });
  const client = createDynamodbClient(local.dynamodbEndpoint, {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const documents = DynamoDBDocumentClient.from(client);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const table = TableNames.find((name) => /providercall/i.test(name));
  if (table === undefined) throw new Error(`no ProviderCall table among ${TableNames.join(', ')}`);

  const faultsOf = createResponseCheck(openApiDocument());
  const check = (method: string, path: string, { status, headers, text }: JourneyResponse) => {
    const faults = faultsOf({ method, path, status, header: (name) => headers.get(name), body: text });
    if (faults.length > 0) {
      throw new Error(
        `${method} ${path} responded with ${status}, not as documented: ${faults.join('; ')}\n${text}`,
      );
    }
  };

  const checkedFetch = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    const { pathname, search } = new URL(request.url);
    const received = {
      status: response.status,
      headers: response.headers,
      text: await response.clone().text(),
    };
    check(request.method, `${pathname}${search}`, received);
    return response;
  };

  const tokenOf: JourneySystem['tokenOf'] = (claims) =>
    signToken({ ...SUPER_ADMIN, ...claims, key: DEVELOPMENT_KEY });

  const idsOf: JourneySystem['idsOf'] = async (kind, customerId) => {
    const ids: string[] = [];
    for (let token = ''; ; ) {
      const query = new URLSearchParams({
        ...(customerId !== undefined && { customer_id: customerId }),
        ...(token !== '' && { page_token: token }),
      });
      const response = await fetch(`${local.platformUrl}/v1/${kind}?${query}`);
      const page = pageSchema.parse(await response.json());
      ids.push(...page.result.map(({ id }) => id));
      token = page.next_page_token;
      if (token === '') return ids;
    }
  };

  return {
    url: local.url,
    token: local.token,
    clientOf: async (customerId = CUSTOMERS.seeded) =>
      createJourneyClient({
        baseUrl: `${local.url}/v1.0`,
        token: await tokenOf({ customerId }),
        fetch: checkedFetch,
      }),
    tokenOf,
    check,
    send: async ({ method = 'GET', path, headers = {}, body }) => {
      const response = await fetch(`${local.url}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
      });
      const received = { status: response.status, headers: response.headers, text: await response.text() };
      check(method, path, received);
      return received;
    },
    insert: async (stored) => {
      const listed = stored.state !== 'intent' && stored.deletedAt === null;
      const keys = {
        ...(listed && listKeys(stored)),
        ...(stored.state !== 'placed' && openKeys(stored.createdAt)),
      };
      await documents.send(new PutCommand({ TableName: table, Item: { ...toItem(stored), ...keys } }));
    },
    footprint: async () => {
      let rows = 0;
      const pages = paginateScan({ client: documents }, { TableName: table, Select: 'COUNT' });
      for await (const { Count = 0 } of pages) rows += Count;
      return { rows, calls: (await idsOf('calls')).length, flows: (await idsOf('flows')).length };
    },
    calls: createCallRecords(createDocumentStore(client, PLATFORM_TABLE.name)).calls,
    idsOf,
    logs: local.logs,
    close: async () => {
      client.destroy();
      await local.close();
    },
  };
}

function seed() {
  const { customers: seeded, ...rest } = defaultSeed();
  return {
    ...rest,
    customers: [
      ...seeded,
      { ...unlimitedCustomer(CUSTOMERS.withoutBalance), balance: 1, call_price: 2 },
      { ...unlimitedCustomer(CUSTOMERS.oneCallAnHour), rate_limit: { calls: 1, seconds: 3600 } },
    ],
  };
}
