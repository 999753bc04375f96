import { describe, expect, test } from 'vitest';
import { createRouteBackend } from '../../../functions/backends/route-backend.ts';
import { jsonResponse } from '../backend-server.ts';
import { IDS } from '../provider-calls/sample-record.ts';
import { startBackendUnderTest } from './backend-under-test.ts';

const { server, scope, backend, sent } = await startBackendUnderTest();

describe('the route backend', () => {
  const routes = createRouteBackend(backend);

  test.each([
    ['null', { tm_delete: null }, true],
    ['absent', {}, true],
    ['the end of time', { tm_delete: '9999-01-01 00:00:00.000000' }, true],
    ['the end of time in the other form', { tm_delete: '9999-01-01T00:00:00.000000Z' }, true],
    ['the end of time as Go writes it', { tm_delete: '9999-01-01T00:00:00Z' }, true],
    ['a time', { tm_delete: '2026-04-21 23:15:00.000000' }, false],
    ['a time to come', { tm_delete: '9998-12-31 23:59:59.999999' }, false],
    ['a time as Go writes it', { tm_delete: '2026-04-21T23:15:00Z' }, false],
    ['a time in the other form', { tm_delete: '2026-04-21T23:15:00.000000Z' }, false],
    ['empty', { tm_delete: '' }, false],
  ])('says of a provider whose tm_delete is %s that it exists: %s', async (_what, fields, there) => {
    server.respond = jsonResponse(200, { id: IDS.provider, name: 'carrier', ...fields });
    expect(await routes.hasProvider(scope, IDS.provider)).toBe(there);
    expect(sent()).toEqual([
      { method: 'GET', path: `/v1/providers/${IDS.provider}`, body: undefined, key: undefined },
    ]);
  });

  test('a provider for which the response is 404 does not exist', async () => {
    server.respond = jsonResponse(404, { error: { reason: 'PROVIDER_NOT_FOUND', message: 'no' } });
    expect(await routes.hasProvider(scope, IDS.provider)).toBe(false);
  });

  test('a 400 without a reason is the backend’s failure, not the client’s', async () => {
    server.respond = jsonResponse(400, {});
    await expect(routes.hasProvider(scope, IDS.provider)).rejects.toMatchObject({
      name: 'BackendFailure',
      outcome: 'nothing-done',
      errorResponse: undefined,
    });
  });

  test.each([
    ['400 with a reason', jsonResponse(400, { error: { reason: 'INVALID_ARGUMENT', message: 'no' } })],
    ['403', jsonResponse(403, {})],
    ['500', jsonResponse(500, {})],
    ['a response that is not a provider', jsonResponse(200, { result: [] })],
    ['tm_delete of another type', jsonResponse(200, { id: IDS.provider, tm_delete: 0 })],
  ])('fails, and does not guess, on %s', async (_what, respond) => {
    server.respond = respond;
    await expect(routes.hasProvider(scope, IDS.provider)).rejects.toMatchObject({ name: 'BackendFailure' });
  });
});
