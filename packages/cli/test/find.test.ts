import { describe, expect, test } from 'vitest';
import { callsOf, findCalls, findProvider, findRecordId } from '../src/find.ts';
import {
  answered,
  apiError,
  busyProvider,
  ids,
  page,
  provider,
  record,
  sessionUnderTest,
} from './session-under-test.ts';

describe('a provider', () => {
  const providers = page(provider, busyProvider, {
    ...provider,
    id: 'b1000000-0000-4000-8000-000000000009',
    name: 'busy',
  });

  test.each([
    ['Answers', ids.provider],
    ['answers', ids.provider],
    ['4dbe', ids.provider],
    ['Busy', ids.busy],
    ['b00', ids.busy],
  ])('is found by %s', async (name, id) => {
    expect(await findProvider(sessionUnderTest({ 'GET /providers': providers }), name)).toMatchObject({ id });
  });

  test('is found by its id, deleted or not', async () => {
    const session = sessionUnderTest({
      [`GET /providers/${ids.busy}`]: { ...busyProvider, tm_delete: '2026-01-02 00:00:00.000000' },
    });
    expect((await findProvider(session, ids.busy)).tm_delete).toBe('2026-01-02 00:00:00.000000');
  });

  test.each([
    ['Acme', 'there is no provider "Acme": providercall providers lists them'],
    ['BUSY', `"BUSY" is ambiguous: ${ids.busy} Busy, b1000000-0000-4000-8000-000000000009 busy`],
    ['b', 'there is no provider "b": providercall providers lists them'],
    [ids.busy, `there is no provider ${ids.busy}: providercall providers lists them`],
  ])('%s is a usage error', async (name, message) => {
    await expect(findProvider(sessionUnderTest({ 'GET /providers': providers }), name)).rejects.toMatchObject(
      { exitCode: 2, message },
    );
  });
});

describe('a record', () => {
  const list = page(record, { ...record, id: 'b7000000-0000-4000-8000-000000000001' });

  test.each([
    ['b7d', ids.record],
    ['B7D1C0F6', ids.record],
    [ids.record, ids.record],
  ])('is found by %s', async (prefix, id) => {
    expect(await findRecordId(sessionUnderTest({ 'GET /providercalls': list }), prefix)).toBe(id);
  });

  test.each([
    ['b7', /^"b7" is ambiguous: b7d1c0f6.*, b7000000/],
    ['ff', /^there is no record "ff": providercall list shows them$/],
    ['x y', /^"x y" is not the beginning of an id/],
  ])('%s is a usage error', async (prefix, message) => {
    await expect(
      findRecordId(sessionUnderTest({ 'GET /providercalls': list }), prefix),
    ).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });
});

describe('calls', () => {
  const calls = { 'GET /providercalls': page(record), [`GET /calls/${ids.call}`]: answered };

  test.each([
    ['a call’s id', ids.call],
    ['the beginning of a call’s id', '9f8e'],
    ['the beginning of their record’s id', 'b7d1'],
  ])('are found by %s', async (_, id) => {
    expect((await findCalls(sessionUnderTest(calls), id)).map((call) => call.id)).toEqual([ids.call]);
  });

  test('are found by their record’s id, those of groupcalls included', async () => {
    const session = sessionUnderTest({
      ...calls,
      [`GET /providercalls/${ids.record}`]: { ...record, groupcall_ids: [ids.groupcall] },
      [`GET /groupcalls/${ids.groupcall}`]: { id: ids.groupcall, call_ids: [ids.otherCall] },
      [`GET /calls/${ids.otherCall}`]: { ...answered, id: ids.otherCall },
    });
    expect((await findCalls(session, ids.record)).map((call) => call.id)).toEqual([ids.call, ids.otherCall]);
  });

  test('are also found among the customer’s calls', async () => {
    const session = sessionUnderTest({
      'GET /providercalls': page(),
      'GET /calls': page({ ...answered, id: ids.otherCall }),
      [`GET /calls/${ids.otherCall}`]: { ...answered, id: ids.otherCall },
    });
    expect((await findCalls(session, '9f00')).map((call) => call.id)).toEqual([ids.otherCall]);
  });

  test('that the platform no longer has are left out', async () => {
    expect(
      await callsOf(sessionUnderTest({}), { ...record, anonymous: 'auto', source: null, destinations: [] }),
    ).toEqual([]);
  });

  test('that nobody knows are a usage error', async () => {
    await expect(findCalls(sessionUnderTest({}), ids.call)).rejects.toMatchObject({ exitCode: 2 });
  });

  test('are not looked for when the API fails', async () => {
    const session = sessionUnderTest({ [`GET /calls/${ids.call}`]: apiError(500, 'INTERNAL') });
    await expect(findCalls(session, ids.call)).rejects.toMatchObject({ reason: 'INTERNAL' });
  });
});
