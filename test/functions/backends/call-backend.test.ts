import { describe, expect, test } from 'vitest';
import { createCallBackend } from '../../../functions/backends/call-backend.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { jsonResponse } from '../backend-server.ts';
import { CREATED_AT, IDS } from '../provider-calls/sample-record.ts';
import { startBackendUnderTest } from './backend-under-test.ts';

const { server, scope, backend, sent } = await startBackendUnderTest();

describe('the call backend', () => {
  const calls = createCallBackend(backend);
  const source = { type: 'tel', target: ' +1 (415) 555-1234', target_name: 'Ünïcödé' } as const;
  const destinations = [{ type: 'sip', target: 'alice@example.com', target_name: '' } as const];
  const order = {
    id: IDS.record,
    customerId: IDS.customer,
    providerId: IDS.provider,
    flowId: IDS.flow,
    source,
    destinations,
    anonymous: 'no',
    idempotencyKey: 'providercall:1:calls',
    hasOwnFlow: false,
    createdAt: CREATED_AT,
  } as const;

  test('receives the request verbatim, with exactly the two metadata keys', async () => {
    server.respond = jsonResponse(200, {
      calls: [{ id: IDS.call, status: 'dialing' }],
      groupcalls: [{ id: IDS.groupcall }],
    });
    expect(await calls.placeCalls(scope, { ...order, destinations: [...destinations] })).toEqual({
      callIds: [IDS.call],
      groupcallIds: [IDS.groupcall],
    });
    expect(sent()).toEqual([
      {
        method: 'POST',
        path: '/v1/calls',
        key: 'providercall:1:calls',
        body: {
          customer_id: IDS.customer,
          flow_id: IDS.flow,
          master_call_id: NIL_UUID,
          source,
          destinations,
          early_execution: false,
          connect: false,
          anonymous: 'no',
          metadata: { route_provider_ids: [IDS.provider], skip_source_validation: true },
        },
      },
    ]);
  });

  test.each([
    ['that placed nothing', { calls: [], groupcalls: [] }],
    ['without any list', {}],
    ['with an id that is not a UUID', { calls: [{ id: 'call-1' }], groupcalls: [] }],
    ['of another shape', { result: [] }],
  ])('counts a success %s as unknown', async (_what, body) => {
    server.respond = jsonResponse(200, body);
    await expect(
      calls.placeCalls(scope, { ...order, destinations: [...destinations] }),
    ).rejects.toMatchObject({
      outcome: 'unknown',
    });
  });

  test.each([
    ['absent', { calls: [{ id: IDS.call }] }],
    ['null', { calls: [{ id: IDS.call }], groupcalls: null }],
  ])('accepts a list of groupcalls that is %s, as Go writes an empty one', async (_what, body) => {
    server.respond = jsonResponse(200, body);
    const withDestinations = { ...order, destinations: [...destinations] };
    const placed = { callIds: [IDS.call], groupcallIds: [] };
    expect(await calls.placeCalls(scope, withDestinations)).toEqual(placed);
    expect(await calls.findPlaced(scope, withDestinations)).toEqual(placed);
  });

  test.each([
    ['something', { calls: [{ id: IDS.call }], groupcalls: [] }, { callIds: [IDS.call], groupcallIds: [] }],
    ['nothing', { calls: [], groupcalls: [] }, { callIds: [], groupcallIds: [] }],
  ])('says that a key placed %s', async (_what, body, placed) => {
    server.respond = jsonResponse(200, body);
    expect(await calls.findPlaced(scope, { ...order, destinations: [...destinations] })).toEqual(placed);
    expect(sent().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/calls?idempotency_key=providercall%3A1%3Acalls',
    ]);
  });

  test.each([
    ['404', jsonResponse(404, {})],
    ['500', jsonResponse(500, {})],
    ['two nulls', jsonResponse(200, { calls: null, groupcalls: null })],
    ['an empty object', jsonResponse(200, {})],
  ])('cannot say what was placed when the response is %s', async (_what, respond) => {
    server.respond = respond;
    await expect(
      calls.findPlaced(scope, { ...order, destinations: [...destinations] }),
    ).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});
