import { describe, expect, test } from 'vitest';
import { createFlowBackend } from '../../../functions/backends/flow-backend.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { jsonResponse } from '../backend-server.ts';
import { CREATED_AT, IDS } from '../provider-calls/sample-record.ts';
import { startBackendUnderTest } from './backend-under-test.ts';

const { server, scope, backend, sent } = await startBackendUnderTest();

describe('the flow backend', () => {
  const flows = createFlowBackend(backend);
  const actions = [{ type: 'talk', option: { text: 'hi' } }];

  test('creates the temporary flow that the platform describes', async () => {
    server.respond = jsonResponse(200, { id: IDS.flow, type: 'flow' });
    expect(
      await flows.createTemporaryFlow(scope, {
        customerId: IDS.customer,
        actions,
        idempotencyKey: 'key-1',
        createdAt: CREATED_AT,
      }),
    ).toBe(IDS.flow);
    expect(sent()).toEqual([
      {
        method: 'POST',
        path: '/v1/flows',
        key: 'key-1',
        body: {
          customer_id: IDS.customer,
          type: 'flow',
          name: 'tmp',
          detail: 'temporary flow of a ProviderCall',
          actions,
          on_complete_flow_id: NIL_UUID,
          persist: false,
        },
      },
    ]);
  });

  test.each([[{}], [{ id: 'flow-1' }], [{ id: NIL_UUID }]])('fails on the response %j', async (body) => {
    server.respond = jsonResponse(200, body);
    await expect(
      flows.createTemporaryFlow(scope, {
        customerId: IDS.customer,
        actions,
        idempotencyKey: 'key-1',
        createdAt: CREATED_AT,
      }),
    ).rejects.toMatchObject({ outcome: 'unknown' });
  });

  test('finds a temporary flow by its key with the request that created it', async () => {
    server.respond = jsonResponse(200, { id: IDS.flow });
    const flow = { customerId: IDS.customer, actions, idempotencyKey: 'key-1', createdAt: CREATED_AT };
    expect(await flows.findTemporaryFlow(scope, flow)).toBe(IDS.flow);
    await flows.createTemporaryFlow(scope, flow);
    const [find, create] = sent();
    expect(find).toEqual(create);
  });

  test.each([[400], [404], [422]])('has no flow that it rejects with %i', async (status) => {
    server.respond = jsonResponse(status, {});
    const flow = { customerId: IDS.customer, actions, idempotencyKey: 'key-1', createdAt: CREATED_AT };
    expect(await flows.findTemporaryFlow(scope, flow)).toBeUndefined();
    await expect(flows.createTemporaryFlow(scope, flow)).rejects.toMatchObject({ name: 'BackendFailure' });
  });

  test.each([[401], [403], [409], [429], [500]])(
    'cannot say whether it has a flow with %i',
    async (status) => {
      server.respond = jsonResponse(status, {});
      const flow = { customerId: IDS.customer, actions, idempotencyKey: 'key-1', createdAt: CREATED_AT };
      await expect(flows.findTemporaryFlow(scope, flow)).rejects.toMatchObject({ name: 'BackendFailure' });
    },
  );

  test.each([
    ['deleted', jsonResponse(200, { id: IDS.flow })],
    ['deleted without a word', jsonResponse(204, '')],
    ['unknown already', jsonResponse(404, {})],
    ['gone already', jsonResponse(410, {})],
  ])('counts a flow that is %s as deleted', async (_what, respond) => {
    server.respond = respond;
    await flows.deleteFlow(scope, IDS.flow);
    expect(sent()).toEqual([
      { method: 'DELETE', path: `/v1/flows/${IDS.flow}`, body: undefined, key: undefined },
    ]);
  });

  test.each([[403], [409], [500]])('fails to delete when the response is %i', async (status) => {
    server.respond = jsonResponse(status, {});
    await expect(flows.deleteFlow(scope, IDS.flow)).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});
