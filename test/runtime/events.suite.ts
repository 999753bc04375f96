import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { bundleOf, type FunctionName } from '../../lib/function-bundles.ts';
import { localAssembly } from '../../packages/local/src/assembly-cache.ts';
import { startLocal } from '../../packages/local/src/start.ts';
import { readAssembly } from '../../packages/local/src/template/assembly.ts';
import { type FunctionDefinition, readFunctions } from '../../packages/local/src/template/functions.ts';
import { createReferences } from '../../packages/local/src/template/references.ts';
import { EXAMPLE_RECORD } from '../functions/api-under-test.ts';
import { runInRuntime } from './run-in-runtime.ts';

/*
 * events/*.json and the variables that `npm run sam:env` writes, as `sam local invoke` reads them, against the bundles of the
 * synthesized template in Lambda's own runtime client, with the local system's DynamoDB, Secrets Manager and stand-in.
 */

const ROOT = join(import.meta.dirname, '../..');
function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

const system = await startLocal({ onLog: () => {} });
afterAll(() => system.close());

const template = readAssembly(await localAssembly());
const account = { region: 'us-east-1', accountId: '000000000000', stackName: template.stackName };
const definitions = readFunctions(template, createReferences(template, account));

/** Returns a function with what `sam:env` writes for it; like sam, without the variables that the template does not name. */
function definitionOf(logicalId: string): FunctionDefinition {
  const found = definitions.find((definition) => definition.logicalId === logicalId);
  if (found === undefined) throw new Error(`no function ${logicalId} in the template`);
  const ofThisRun = system.functionVariables[logicalId];
  return {
    ...found,
    variables: Object.fromEntries(
      Object.entries(found.variables).map(([name, value]) => [name, ofThisRun?.[name] ?? value]),
    ),
  };
}

/** Functions that only a deployed stack has: their bundles and variables. */
function deployedOnly(name: FunctionName, variables: Record<string, string>): FunctionDefinition {
  return {
    ...definitionOf('GetFunction'),
    name,
    codeDirectory: bundleOf(name),
    variables,
  };
}

function run(definition: FunctionDefinition, event: string) {
  return runInRuntime(definition, system, readJson(`events/${event}.json`));
}

const responseSchema = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
function responseOf(payload: unknown) {
  const { statusCode, headers, body } = responseSchema.parse(payload);
  return { statusCode, headers, body: JSON.parse(body) };
}

/** A separate process for each: its first request is a cold start, which is a metric. */
const metricsLine = z.object({ Function: z.string(), ColdStarts: z.literal(1), _aws: z.looseObject({}) });

const ID = 'a878a407-f701-8c9b-9776-88d85f8851ff';
const record = {
  ...EXAMPLE_RECORD,
  id: ID,
  call_ids: [expect.any(String)],
  groupcall_ids: [],
  tm_create: expect.any(String),
  tm_update: expect.any(String),
};

describe('in Lambda’s runtime, with the events and variables that sam reads,', () => {
  test('authorize admits the event’s token', async () => {
    const { ok, payload, lines } = await run(definitionOf('AuthorizeFunction'), 'authorize');
    expect({ ok, payload }).toMatchObject({
      ok: true,
      payload: {
        policyDocument: { Statement: [{ Effect: 'Allow' }] },
        context: { customer_id: EXAMPLE_RECORD.customer_id, actor_type: 'agent' },
      },
    });
    // An admission is logged by the function that handles the request.
    expect(lines).toEqual([]);
  });

  test('create places the call', async () => {
    const { payload, lines } = await run(definitionOf('CreateFunction'), 'create-provider-call');
    expect(responseOf(payload)).toMatchObject({ statusCode: 200, body: record });
    expect(lines.map((line) => metricsLine.parse(JSON.parse(line)).Function)).toEqual(['create']);
  });

  test('create returns the same record for the same event', async () => {
    const { payload } = await run(definitionOf('CreateFunction'), 'create-provider-call');
    expect(responseOf(payload)).toMatchObject({ headers: { 'Idempotent-Replayed': 'true' }, body: record });
  });

  test('get returns the record', async () => {
    const { payload } = await run(definitionOf('GetFunction'), 'get-provider-call');
    expect(responseOf(payload)).toMatchObject({ statusCode: 200, body: record });
  });

  test('list returns the record', async () => {
    const { payload } = await run(definitionOf('ListFunction'), 'list-provider-calls');
    expect(responseOf(payload)).toMatchObject({
      statusCode: 200,
      body: { result: [record], next_page_token: '' },
    });
  });

  test('delete marks the record as deleted', async () => {
    const { payload } = await run(definitionOf('DeleteFunction'), 'delete-provider-call');
    expect(responseOf(payload)).toMatchObject({
      statusCode: 200,
      body: { ...record, tm_delete: expect.any(String) },
    });
  });

  test('reconcile finds nothing to do', async () => {
    const { payload } = await run(definitionOf('ReconcileFunction'), 'reconcile-provider-calls');
    expect(payload).toEqual({
      completed: 0,
      removed: 0,
      open: 0,
      overdueIds: [],
      failedIds: [],
      ambiguousIds: [],
      finished: true,
    });
  });

  test('platform-api responds with a provider', async () => {
    const { payload } = await run(definitionOf('PlatformApiFunction'), 'platform-api');
    expect(responseOf(payload)).toMatchObject({ statusCode: 200, body: { id: EXAMPLE_RECORD.provider_id } });
  });

  test('the platform stand-in’s function responds with the same provider', async () => {
    const platform = deployedOnly('platform', { STAGE: 'sandbox', SANDBOX_TABLE: PLATFORM_TABLE.name });
    const { payload } = await run(platform, 'platform');
    expect(responseOf(payload)).toMatchObject({ statusCode: 200, body: { id: EXAMPLE_RECORD.provider_id } });
  });

  test('a change of the table is presented as an event', async () => {
    const present = deployedOnly('enrich-provider-call-events', { STAGE: 'sandbox' });
    const { payload } = await run(present, 'enrich-provider-call-events');
    expect(payload).toMatchObject([
      { detail_type: 'providercall_created', detail: { actor: { type: 'agent' } } },
    ]);
  });

  test('a function that lacks a variable fails to start and names it', async () => {
    const { PROVIDER_CALL_TABLE: _, ...variables } = definitionOf('GetFunction').variables;
    const { ok, payload } = await run({ ...definitionOf('GetFunction'), variables }, 'get-provider-call');
    expect({ ok, payload }).toMatchObject({
      ok: false,
      payload: { errorMessage: 'environment: PROVIDER_CALL_TABLE: is missing' },
    });
  });
});

test.each(definitions)(
  'the template names every variable that sam:env writes for $logicalId',
  ({ logicalId, variables }) => {
    const written = Object.keys(system.functionVariables[logicalId] ?? {});
    expect(written).not.toEqual([]);
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(written));
  },
);
