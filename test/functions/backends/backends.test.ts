import { beforeEach, describe, expect, test } from 'vitest';
import { createBackend } from '../../../functions/backends/backend.ts';
import { createBackendAuthorization } from '../../../functions/backends/backend-authorization.ts';
import { createCallBackend } from '../../../functions/backends/call-backend.ts';
import { createFlowBackend } from '../../../functions/backends/flow-backend.ts';
import { createRouteBackend } from '../../../functions/backends/route-backend.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { nilUuid } from '../../../functions/uuid.ts';
import { answer, startBackend } from '../backend-server.ts';
import { ids } from '../provider-calls/sample-record.ts';

const server = await startBackend();
const scope = createRequestScope('request-1');
const backend = createBackend({
  name: 'test',
  url: new URL(server.url),
  authorization: createBackendAuthorization({ kind: 'none' }),
  timeoutMs: 5_000,
});
const sent = () =>
  server.received.map(({ method, path, body, headers }) => ({
    method,
    path,
    body,
    key: headers['idempotency-key'],
  }));

beforeEach(() => server.forget());

describe('the route backend', () => {
  const routes = createRouteBackend(backend);

  test.each([
    ['null', { tm_delete: null }, true],
    ['absent', {}, true],
    ['the end of time', { tm_delete: '9999-01-01 00:00:00.000000' }, true],
    ['the end of time in the other form', { tm_delete: '9999-01-01T00:00:00.000000Z' }, true],
    ['a time', { tm_delete: '2026-04-21 23:15:00.000000' }, false],
    ['a time to come', { tm_delete: '9998-12-31 23:59:59.999999' }, false],
    ['a time in the other form', { tm_delete: '2026-04-21T23:15:00.000000Z' }, false],
    ['empty', { tm_delete: '' }, false],
  ])('a provider whose tm_delete is %s is there: %s', async (_what, fields, there) => {
    server.respond = answer(200, { id: ids.provider, name: 'carrier', ...fields });
    expect(await routes.hasProvider(scope, ids.provider)).toBe(there);
    expect(sent()).toEqual([
      { method: 'GET', path: `/v1/providers/${ids.provider}`, body: undefined, key: undefined },
    ]);
  });

  test('a provider that answers 404 is not there', async () => {
    server.respond = answer(404, { error: { reason: 'PROVIDER_NOT_FOUND', message: 'no' } });
    expect(await routes.hasProvider(scope, ids.provider)).toBe(false);
  });

  test.each([
    ['403', answer(403, {})],
    ['500', answer(500, {})],
    ['an answer that is no provider', answer(200, { result: [] })],
    ['tm_delete of another type', answer(200, { id: ids.provider, tm_delete: 0 })],
  ])('%s is a failure, not a guess', async (_what, respond) => {
    server.respond = respond;
    await expect(routes.hasProvider(scope, ids.provider)).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});

describe('the flow backend', () => {
  const flows = createFlowBackend(backend);
  const actions = [{ type: 'talk', option: { text: 'hi' } }];

  test('makes the temporary flow of the facts', async () => {
    server.respond = answer(200, { id: ids.flow, type: 'flow' });
    expect(
      await flows.createTemporaryFlow(scope, { customerId: ids.customer, actions, idempotencyKey: 'key-1' }),
    ).toBe(ids.flow);
    expect(sent()).toEqual([
      {
        method: 'POST',
        path: '/v1/flows',
        key: 'key-1',
        body: {
          customer_id: ids.customer,
          type: 'flow',
          name: 'tmp',
          detail: 'temporary flow of a ProviderCall',
          actions,
          on_complete_flow_id: nilUuid,
          persist: false,
        },
      },
    ]);
  });

  test.each([[{}], [{ id: 'flow-1' }], [{ id: nilUuid }]])('the answer %j is a failure', async (body) => {
    server.respond = answer(200, body);
    await expect(
      flows.createTemporaryFlow(scope, { customerId: ids.customer, actions, idempotencyKey: 'key-1' }),
    ).rejects.toMatchObject({ outcome: 'unknown' });
  });

  test.each([
    ['deleted', answer(200, { id: ids.flow })],
    ['deleted without a word', answer(204, '')],
    ['gone already', answer(404, {})],
  ])('a flow that is %s is deleted', async (_what, respond) => {
    server.respond = respond;
    await flows.deleteFlow(scope, ids.flow);
    expect(sent()).toEqual([
      { method: 'DELETE', path: `/v1/flows/${ids.flow}`, body: undefined, key: undefined },
    ]);
  });

  test.each([[403], [409], [500]])('a deletion that is answered %i fails', async (status) => {
    server.respond = answer(status, {});
    await expect(flows.deleteFlow(scope, ids.flow)).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});

describe('the call backend', () => {
  const calls = createCallBackend(backend);
  const source = { type: 'tel', target: ' +1 (415) 555-1234', target_name: 'Ünïcödé' } as const;
  const destinations = [{ type: 'sip', target: 'alice@example.com', target_name: '' } as const];
  const order = {
    customerId: ids.customer,
    providerId: ids.provider,
    flowId: ids.flow,
    source,
    destinations,
    anonymous: 'no',
    idempotencyKey: 'key-1',
  } as const;

  test('gets the request verbatim, with exactly the two metadata keys', async () => {
    server.respond = answer(200, {
      calls: [{ id: ids.call, status: 'dialing' }],
      groupcalls: [{ id: ids.groupcall }],
    });
    expect(await calls.placeCalls(scope, { ...order, destinations: [...destinations] })).toEqual({
      callIds: [ids.call],
      groupcallIds: [ids.groupcall],
    });
    expect(sent()).toEqual([
      {
        method: 'POST',
        path: '/v1/calls',
        key: 'key-1',
        body: {
          customer_id: ids.customer,
          flow_id: ids.flow,
          master_call_id: nilUuid,
          source,
          destinations,
          early_execution: false,
          connect: false,
          anonymous: 'no',
          metadata: { route_provider_ids: [ids.provider], skip_source_validation: true },
        },
      },
    ]);
  });

  test.each([
    ['that placed nothing', { calls: [], groupcalls: [] }],
    ['without groupcalls', { calls: [{ id: ids.call }] }],
    ['with an id that is none', { calls: [{ id: 'call-1' }], groupcalls: [] }],
    ['of another shape', { result: [] }],
  ])('a success %s is unknown', async (_what, body) => {
    server.respond = answer(200, body);
    await expect(
      calls.placeCalls(scope, { ...order, destinations: [...destinations] }),
    ).rejects.toMatchObject({
      outcome: 'unknown',
    });
  });

  test.each([
    ['something', { calls: [{ id: ids.call }], groupcalls: [] }, { callIds: [ids.call], groupcallIds: [] }],
    ['nothing', { calls: [], groupcalls: [] }, { callIds: [], groupcallIds: [] }],
  ])('says that a key placed %s', async (_what, body, placed) => {
    server.respond = answer(200, body);
    expect(await calls.findPlaced(scope, 'providercall:1:calls')).toEqual(placed);
    expect(sent().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/calls?idempotency_key=providercall%3A1%3Acalls',
    ]);
  });

  test.each([
    ['404', answer(404, {})],
    ['500', answer(500, {})],
    ['another shape', answer(200, { calls: null, groupcalls: null })],
  ])('%s says nothing about what was placed', async (_what, respond) => {
    server.respond = respond;
    await expect(calls.findPlaced(scope, 'key-1')).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});
