import { beforeEach, describe, expect, test } from 'vitest';
import { createBackend } from '../../../functions/backends/backend.ts';
import { createBackendAuthorization } from '../../../functions/backends/backend-authorization.ts';
import { createFlowBackend } from '../../../functions/backends/flow-backend.ts';
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
