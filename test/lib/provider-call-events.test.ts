import { beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { formatTimestamp } from '../../functions/timestamp.ts';
import { startDynamodb } from '../dynamodb.ts';
import {
  EXAMPLE_BODY,
  EXAMPLE_RECORD,
  lambdaContext,
  platform,
  startApi,
} from '../functions/api-under-test.ts';
import { jsonResponse, reset } from '../functions/backend-server.ts';
import { captureOutput } from '../functions/log-lines.ts';
import { IDS, sampleIntent } from '../functions/provider-calls/sample-record.ts';
import { matchesPattern } from './event-pattern.ts';
import { ONE_MACHINE, PRODUCTION, synthesizeProviderCall } from './synthesized.ts';
import { type StreamRecord, startTableStream } from './table-stream.ts';

const prod = synthesizeProviderCall(PRODUCTION);

const engine = process.env['TEST_DYNAMODB_ENDPOINT'] ?? (await startDynamodb()).endpoint;
const stream = await startTableStream(engine);
process.env['TEST_DYNAMODB_ENDPOINT'] = stream.url;
const api = await startApi();
const { handler: enrich } = await import('../../functions/enrich-provider-call-events.ts');
const { handler: reconcile } = await import('../../functions/reconcile-provider-calls.ts');

const pipeSchema = z.object({
  Source: z.literal('ProviderCallsTable.StreamArn'),
  SourceParameters: z.object({
    FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }),
    DynamoDBStreamParameters: z.unknown(),
  }),
});
const pipe = prod.ofType('AWS::Pipes::Pipe')['EventsPipe']?.properties;
const patterns = pipeSchema
  .parse(pipe)
  .SourceParameters.FilterCriteria.Filters.map(({ Pattern }): unknown => JSON.parse(Pattern));

function passes(record: StreamRecord): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, record));
}

/** Returns what the pipe publishes for the writes since the last call. */
async function published() {
  const records = stream.take();
  const passed = records.filter(passes);
  const events = await enrich(passed, lambdaContext(10_000));
  // The function would drop anything that is not an event, but must not be invoked and paid for it.
  expect(events).toHaveLength(passed.length);
  return { changes: records.map(({ eventName }) => eventName), events };
}

const recordSchema = z.looseObject({ id: z.string(), tm_create: z.string() });
const longAgo = formatTimestamp(new Date(0));
const ACTOR = { type: 'agent', id: IDS.agent };

function event(type: 'created' | 'deleted', record: unknown, requestId: unknown) {
  return {
    detail_type: `providercall_${type}`,
    detail: { ...recordSchema.parse(record), actor: ACTOR, request_id: requestId },
  };
}

beforeEach(() => {
  captureOutput();
  api.backend.respond = platform;
});

test('a create is published once, when its calls are known; its intent is not', async () => {
  const { body, headers } = await api.create(EXAMPLE_BODY);
  expect(await published()).toEqual({
    changes: ['INSERT', 'MODIFY'],
    events: [event('created', body, headers['X-Request-Id'])],
  });
  expect(body).toMatchObject(EXAMPLE_RECORD);
});

test('a create with inline actions is published once, its temporary flow is not', async () => {
  const { body, headers } = await api.create({ ...EXAMPLE_BODY, actions: [{ type: 'hangup' }] });
  expect(await published()).toEqual({
    changes: ['INSERT', 'MODIFY', 'MODIFY'],
    events: [event('created', body, headers['X-Request-Id'])],
  });
});

test('a rejected create is not published, nor is the removal of its intent', async () => {
  api.backend.respond = (response, request) =>
    (request.path === '/v1/calls' ? jsonResponse(400, {}) : platform)(response, request);
  expect((await api.create(EXAMPLE_BODY)).status).toBe(400);
  expect(await published()).toEqual({ changes: ['INSERT', 'REMOVE'], events: [] });
});

test('a create whose calls are not known is not published', async () => {
  api.backend.respond = (response, request) =>
    (request.path === '/v1/calls' ? reset : platform)(response, request);
  expect((await api.create(EXAMPLE_BODY)).status).toBe(503);
  expect(await published()).toEqual({ changes: ['INSERT', 'MODIFY'], events: [] });
});

test('an unconfirmed record is published once reconcile has found its calls', async () => {
  const intent = sampleIntent({ createdAt: longAgo, updatedAt: longAgo });
  await api.store.insertIntent({ intent, due: longAgo });
  await api.store.markUnconfirmed({ unsettled: intent, due: longAgo });
  await published();
  api.backend.respond = jsonResponse(200, { calls: [{ id: IDS.call }], groupcalls: [] });
  await reconcile({}, lambdaContext(120_000));
  const { body } = await api.get(intent.id);
  expect(await published()).toEqual({
    changes: ['MODIFY'],
    events: [event('created', body, intent.requestId)],
  });
});

test('calls whose intent was gone are published, because their record is written again', async () => {
  const intent = sampleIntent({ id: IDS.flow });
  const record = await api.store.complete({
    unsettled: intent,
    placed: { callIds: [IDS.call], groupcallIds: [] },
    updatedAt: intent.createdAt,
  });
  const { body } = await api.get(record.id);
  expect(await published()).toEqual({
    changes: ['INSERT'],
    events: [event('created', body, intent.requestId)],
  });
});

test('a deletion is published once, however often it is requested', async () => {
  const { body: created, headers } = await api.create(EXAMPLE_BODY);
  await published();
  const { id } = recordSchema.parse(created);
  const { body: deleted } = await api.delete(id);
  await api.delete(id);
  expect(await published()).toEqual({
    changes: ['MODIFY'],
    events: [event('deleted', deleted, headers['X-Request-Id'])],
  });
});

test('the pipe reads the stream from its beginning and sends events through the function to the bus, failures to a queue', () => {
  expect(pipe).toMatchObject({
    Enrichment: 'EnrichFunction.Arn',
    Target: 'EventsBus.Arn',
    RoleArn: 'EventsRole.Arn',
    SourceParameters: {
      DynamoDBStreamParameters: {
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 10,
        MaximumRetryAttempts: 10,
        OnPartialBatchItemFailure: 'AUTOMATIC_BISECT',
        DeadLetterConfig: { Arn: 'EventsDeadLetters.Arn' },
      },
    },
    TargetParameters: {
      EventBridgeEventBusParameters: { Source: 'provider-call', DetailType: '$.detail_type' },
      InputTemplate: '<$.detail>',
    },
  });
  expect(prod.ofType('AWS::Events::EventBus')['EventsBus']?.properties).toMatchObject({
    Name: 'provider-call-prod',
  });
  expect(prod.ofType('AWS::SQS::Queue')['EventsDeadLetters']?.properties).toMatchObject({
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 14 * 86_400,
  });
});

test('the pipe logs errors without the records that they concern', () => {
  expect(pipe?.['LogConfiguration']).toEqual({
    Level: 'ERROR',
    CloudwatchLogsLogDestination: { LogGroupArn: 'EventsLog.Arn' },
  });
});

test('on one machine, whose DynamoDB has no stream, nothing is published', () => {
  expect(synthesizeProviderCall(ONE_MACHINE).ofType('AWS::Pipes::Pipe')).toEqual({});
});
