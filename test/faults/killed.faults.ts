import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MANAGER_QUEUES } from '@provider-call/platform/manager-queues';
import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import { SEED_IDS } from '@provider-call/platform/seed';
import { afterAll, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { createProviderCallStore } from '../../functions/provider-calls/provider-call-store.ts';
import { localAssembly } from '../../packages/local/src/assembly-cache.ts';
import { createVirtualHost } from '../rabbitmq.ts';
import { type ClientRequest, newClientRequest } from './client-request.ts';
import { type LocalProcess, startLocalProcess } from './local-process.ts';
import { brokenPromises, type ClientResponse, readState, type StateSource } from './promises.ts';
import { rewindOpenRecords } from './rewind.ts';
import { chosenSeed, seededRandom } from './seeded-random.ts';
import { statisticsOf } from './statistics.ts';
import { isSampled, transport } from './transport.ts';

/*
 * The system as `npm start` runs it, killed with SIGKILL at random moments while creates, retries and
 * reconciles are in progress, and started again with the same DATA_DIR. A broker keeps running: the next system
 * gets what was in a queue when the last one was killed.
 */

/** Over a broker, settling a record takes more rounds, each of which needs a start. */
const KILLS = isSampled ? 40 : 200;
/** Systems that are killed concurrently: a start spends most of its time waiting. */
const SYSTEMS = 2;
/** After this many kills everything is settled and checked. */
const KILLS_TO_A_CHECK = 10;
const CLIENTS = 3;
/**
 * Maximum milliseconds between the first response and the kill: some creates have finished by then, others have
 * not.
 */
const KILL_WITHIN_MS = 300;
const REWIND_MS = 10 * 60_000;
/**
 * Rounds of reconcile after which everything must be settled: a rewind is shorter than the time that a manager
 * may take.
 */
const ROUNDS = 6;

const directory = mkdtempSync(join(tmpdir(), 'provider-call-kills-'));
const running = new Set<LocalProcess>();
afterAll(async () => {
  await Promise.all([...running].map((system) => system.kill()));
  rmSync(directory, { recursive: true, force: true });
});

async function start(system: number, amqpUrl: string | undefined): Promise<LocalProcess> {
  const started = await startLocalProcess({
    dataDir: join(directory, `data-${system}`),
    compileCache: join(directory, `compiled-${system}`),
    amqpUrl,
  });
  running.add(started);
  return started;
}

async function stop(system: LocalProcess): Promise<void> {
  await system.stop();
  running.delete(system);
}

/** Every manager's queue when nothing is left in it and nobody consumes it. */
const EMPTY_QUEUES = Object.fromEntries(
  Object.values(MANAGER_QUEUES).map((queue) => [queue, { messages: 0, consumers: 0 }]),
);

const errorSchema = z.object({ error: z.object({ reason: z.string() }) });
const recordSchema = z.object({ id: z.string(), call_ids: z.array(z.string()) });

function bodyOf({ request }: ClientRequest) {
  return {
    provider_id: request.provider_id,
    source: request.source,
    destinations: request.destinations,
    ...(request.actions.length > 0 && { actions: request.actions }),
  };
}

/** Returns what a client knows from a response; nothing certain if there is none. */
async function send({ url, token }: LocalProcess, clientRequest: ClientRequest): Promise<ClientResponse> {
  try {
    const response = await fetch(`${url}/v1.0/providercalls`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        ...(clientRequest.idempotencyKey !== undefined && {
          'Idempotency-Key': clientRequest.idempotencyKey,
        }),
      },
      body: JSON.stringify(bodyOf(clientRequest)),
    });
    const body: unknown = await response.json();
    if (response.status === 200) {
      const { id, call_ids: callIds } = z.parse(recordSchema, body);
      return { clientRequest, response: { kind: 'record', id, callIds } };
    }
    const { reason } = z.parse(errorSchema, body).error;
    const isRefused = response.status < 500 && reason !== 'REQUEST_IN_PROGRESS';
    return { clientRequest, response: { kind: isRefused ? 'nothing dialled' : 'nothing certain' } };
  } catch (error) {
    // The connection, or half of the response, was lost with the process.
    if (error instanceof TypeError || error instanceof SyntaxError) {
      return { clientRequest, response: { kind: 'nothing certain' } };
    }
    throw error;
  }
}

async function stateSourceOf({ dynamodbEndpoint, standInUrl }: LocalProcess): Promise<StateSource> {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: dynamodbEndpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const names: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) names.push(...TableNames);
  const tableName = names.find((name) => name !== PLATFORM_TABLE.name && !/access-?key/i.test(name));
  if (tableName === undefined) throw new Error(`no ProviderCall table among ${names.join(', ')}`);
  const documents = DynamoDBDocumentClient.from(client);
  const store = createProviderCallStore(documents, tableName);
  return { documents, tableName, store, standInUrl, customerId: SEED_IDS.customer };
}

const seed = chosenSeed();

test.concurrent.for(Array.from({ length: SYSTEMS }, (_, index) => index + 1))(
  `${KILLS / SYSTEMS} kills of system %i break no promise`,
  { timeout: 20 * 60_000 },
  async (number, context) => {
    console.log(`kills of system ${number}: FAULTS_SEED=${seed}`);
    const random = seededRandom(seed + number);
    const chance = (probability: number) => random() < probability;
    const statistics = statisticsOf(context);
    // Synthesized before the first start, so that no kill interrupts it.
    await localAssembly(transport);
    const host = transport === 'amqp' ? await createVirtualHost(inject('rabbitmq')) : undefined;
    context.onTestFinished(async () => host?.remove());

    const responses: ClientResponse[] = [];
    let withoutResponse: ClientRequest[] = [];
    for (let kill = 1; kill <= KILLS / SYSTEMS; kill += 1) {
      const system = await start(number, host?.url);
      const source = await stateSourceOf(system);
      await rewindOpenRecords(source.documents, source.tableName, REWIND_MS);

      const clientRequests = [
        ...withoutResponse.filter(() => chance(0.5)),
        ...Array.from({ length: CLIENTS * 8 }, () =>
          newClientRequest({ withFlow: chance(0.6), withKey: chance(0.7), withGroupcall: chance(0.2) }),
        ),
      ];
      const heard: ClientResponse[] = [];
      const isWarm = Promise.withResolvers<void>();
      let isKilled = false;
      const clients = Array.from({ length: CLIENTS }, async () => {
        for (
          let clientRequest = clientRequests.shift();
          clientRequest !== undefined && !isKilled;
          clientRequest = clientRequests.shift()
        ) {
          heard.push(await send(system, clientRequest));
          isWarm.resolve();
        }
      });
      // Most kills interrupt requests in the middle, some of them the first ones.
      if (chance(0.8)) await isWarm.promise;
      const reconciling = chance(0.5) ? system.reconcile().catch(() => {}) : undefined;
      await setTimeout(random() * KILL_WITHIN_MS);
      isKilled = true;
      await system.kill();
      running.delete(system);
      statistics.kills += 1;
      await Promise.all([...clients, reconciling]);
      responses.push(...heard);
      withoutResponse = heard
        .filter(
          (one) => one.response.kind === 'nothing certain' && one.clientRequest.idempotencyKey !== undefined,
        )
        .map(({ clientRequest }) => clientRequest);

      if (kill % KILLS_TO_A_CHECK === 0) {
        let quiet = await start(number, host?.url);
        let lastSource = await stateSourceOf(quiet);
        for (let round = 0; round < ROUNDS; round += 1) {
          if ((await rewindOpenRecords(lastSource.documents, lastSource.tableName, REWIND_MS)) === 0) break;
          await quiet.reconcile();
          // The stand-in finishes what it still had to do for a killed system before the next rewind.
          await stop(quiet);
          quiet = await start(number, host?.url);
          lastSource = await stateSourceOf(quiet);
        }
        const state = await readState(lastSource);
        const broken = brokenPromises(state, responses);
        statistics.calls = state.calls.length;
        statistics.records = state.records.length;
        for (const { promise } of broken) statistics.broken[promise] += 1;
        context.expect(broken, `after ${kill} kills, FAULTS_SEED=${seed}`).toEqual([]);
        await stop(quiet);
      }
    }
    if (host !== undefined) context.expect(await host.queues()).toEqual(EMPTY_QUEUES);
    // A suite that kills too early or too late proves nothing.
    const kinds = Map.groupBy(responses, (one) => one.response.kind);
    context.expect(kinds.get('record')?.length).toBeGreaterThan(KILLS / SYSTEMS / 2);
    context.expect(kinds.get('nothing certain')?.length).toBeGreaterThan(KILLS / SYSTEMS / 2);
  },
);
