import { describe, expect, test } from 'vitest';
import { createFlowBackend } from '../../../functions/backends/flow-backend.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { jsonResponse } from '../backend-server.ts';
import { ids } from '../provider-calls/sample-record.ts';
import { startBackendUnderTest } from './backend-under-test.ts';

const { server, scope, backend, sent } = await startBackendUnderTest();

describe('the flow backend', () => {
  const flows = createFlowBackend(backend);
  const actions = [{ type: 'talk', option: { text: 'hi' } }];

  test('creates the temporary flow that the platform describes', async () => {
    server.respond = jsonResponse(200, { id: ids.flow, type: 'flow' });
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
          on_complete_flow_id: NIL_UUID,
          persist: false,
        },
      },
    ]);
  });

  test.each([[{}], [{ id: 'flow-1' }], [{ id: NIL_UUID }]])('fails on the response %j', async (body) => {
    server.respond = jsonResponse(200, body);
    await expect(
      flows.createTemporaryFlow(scope, { customerId: ids.customer, actions, idempotencyKey: 'key-1' }),
    ).rejects.toMatchObject({ outcome: 'unknown' });
  });

  test.each([
    ['deleted', jsonResponse(200, { id: ids.flow })],
    ['deleted without a word', jsonResponse(204, '')],
    ['gone already', jsonResponse(404, {})],
  ])('counts a flow that is %s as deleted', async (_what, respond) => {
    server.respond = respond;
    await flows.deleteFlow(scope, ids.flow);
    expect(sent()).toEqual([
      { method: 'DELETE', path: `/v1/flows/${ids.flow}`, body: undefined, key: undefined },
    ]);
  });

  test.each([[403], [409], [500]])('fails to delete when the response is %i', async (status) => {
    server.respond = jsonResponse(status, {});
    await expect(flows.deleteFlow(scope, ids.flow)).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});
