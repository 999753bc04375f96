import { describe, expect, test } from 'vitest';
import { callsOf, findCalls, findProvider, findRecordId } from '../src/find.ts';
import {
  ANSWERED,
  apiError,
  BUSY_PROVIDER,
  IDS,
  PROVIDER,
  page,
  RECORD,
  sessionUnderTest,
} from './session-under-test.ts';

describe('a provider', () => {
  const providers = page(PROVIDER, BUSY_PROVIDER, {
    ...PROVIDER,
    id: 'b1000000-0000-4000-8000-000000000009',
    name: 'busy',
  });

  test.each([
    ['Answers', IDS.provider],
    ['answers', IDS.provider],
    ['4dbe', IDS.provider],
    ['Busy', IDS.busy],
    ['b00', IDS.busy],
  ])('is found by %s', async (name, id) => {
    expect(await findProvider(sessionUnderTest({ 'GET /providers': providers }), name)).toMatchObject({ id });
  });

  test('is found by its id, deleted or not', async () => {
    const session = sessionUnderTest({
      [`GET /providers/${IDS.busy}`]: { ...BUSY_PROVIDER, tm_delete: '2026-01-02 00:00:00.000000' },
    });
    expect((await findProvider(session, IDS.busy)).tm_delete).toBe('2026-01-02 00:00:00.000000');
  });

  test.each([
    ['Acme', 'there is no provider "Acme": providercall providers lists them'],
    [
      'BUSY',
      `"BUSY" is ambiguous: name one by its id: ${IDS.busy} Busy, b1000000-0000-4000-8000-000000000009 busy`,
    ],
    ['b', 'there is no provider "b": providercall providers lists them'],
    [IDS.busy, `there is no provider ${IDS.busy}: providercall providers lists them`],
  ])('%s is a usage error', async (name, message) => {
    await expect(findProvider(sessionUnderTest({ 'GET /providers': providers }), name)).rejects.toMatchObject(
      { exitCode: 2, message },
    );
  });
});

describe('a record', () => {
  const list = page(RECORD, { ...RECORD, id: 'b7000000-0000-4000-8000-000000000001' });

  test.each([
    ['b7d', IDS.record],
    ['B7D1C0F6', IDS.record],
    [IDS.record, IDS.record],
  ])('is found by %s', async (prefix, id) => {
    expect(await findRecordId(sessionUnderTest({ 'GET /providercalls': list }), prefix)).toBe(id);
  });

  test.each([
    ['b7', /^"b7" is ambiguous: name one by its id: b7d1c0f6.*, b7000000/],
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
  const calls = { 'GET /providercalls': page(RECORD), [`GET /calls/${IDS.call}`]: ANSWERED };

  test.each([
    ['a call’s id', IDS.call],
    ['the beginning of a call’s id', '9f8e'],
    ['the beginning of their record’s id', 'b7d1'],
  ])('are found by %s', async (_, id) => {
    expect((await findCalls(sessionUnderTest(calls), id)).map((call) => call.id)).toEqual([IDS.call]);
  });

  test('are found by their record’s id, those of groupcalls included', async () => {
    const session = sessionUnderTest({
      ...calls,
      [`GET /providercalls/${IDS.record}`]: { ...RECORD, groupcall_ids: [IDS.groupcall] },
      [`GET /groupcalls/${IDS.groupcall}`]: { id: IDS.groupcall, call_ids: [IDS.otherCall] },
      [`GET /calls/${IDS.otherCall}`]: { ...ANSWERED, id: IDS.otherCall },
    });
    expect((await findCalls(session, IDS.record)).map((call) => call.id)).toEqual([IDS.call, IDS.otherCall]);
  });

  test('are found in the groupcalls of groupcalls, and circles end', async () => {
    const session = sessionUnderTest({
      [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: [], groupcall_ids: [IDS.groupcall] },
      [`GET /groupcalls/${IDS.groupcall}`]: { id: IDS.groupcall, groupcall_ids: [IDS.childGroupcall] },
      [`GET /groupcalls/${IDS.childGroupcall}`]: {
        id: IDS.childGroupcall,
        call_ids: [IDS.call, IDS.call],
        groupcall_ids: [IDS.groupcall, IDS.childGroupcall],
      },
      [`GET /calls/${IDS.call}`]: ANSWERED,
    });
    expect((await findCalls(session, IDS.record)).map((call) => call.id)).toEqual([IDS.call]);
  });

  test('are looked for in groupcalls four levels deep', async () => {
    const endless = (request: Request) => {
      const id = request.url.slice(-1);
      return { id, groupcall_ids: [String(Number(id) + 1)] };
    };
    const session = sessionUnderTest({
      [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: [], groupcall_ids: ['1'] },
      ...Object.fromEntries(['1', '2', '3', '4', '5'].map((id) => [`GET /groupcalls/${id}`, endless])),
    });
    expect(await findCalls(session, IDS.record)).toEqual([]);
    expect(session.requests.at(-1)).toBe('GET /groupcalls/4');
  });

  test('are read a few at a time', async () => {
    let reading = 0;
    let most = 0;
    const ids = Array.from({ length: 20 }, (_, index) => `call-${index}`);
    const reply = async (request: Request) => {
      reading += 1;
      most = Math.max(most, reading);
      await new Promise((resolve) => setImmediate(resolve));
      reading -= 1;
      return { ...ANSWERED, id: request.url.split('/').at(-1) };
    };
    const session = sessionUnderTest({
      [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: ids },
      ...Object.fromEntries(ids.map((id) => [`GET /calls/${id}`, reply])),
    });
    expect((await findCalls(session, IDS.record)).map((call) => call.id)).toEqual(ids);
    expect(most).toBe(8);
  });

  test.each([
    [IDS.call, `there is no call or record ${IDS.call}: providercall list shows them`],
    ['9f8e', `the platform no longer has call ${IDS.call}`],
  ])('that were deleted are a usage error when named by %s', async (id, message) => {
    const session = sessionUnderTest({
      ...calls,
      [`GET /calls/${IDS.call}`]: apiError(409, 'STATE_INVALID'),
    });
    await expect(findCalls(session, id)).rejects.toMatchObject({ exitCode: 2, message });
  });

  test('that were deleted are left out of their record’s', async () => {
    const session = sessionUnderTest({
      [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: [IDS.call, IDS.otherCall] },
      [`GET /calls/${IDS.call}`]: apiError(409, 'STATE_INVALID'),
      [`GET /calls/${IDS.otherCall}`]: { ...ANSWERED, id: IDS.otherCall },
    });
    expect((await findCalls(session, IDS.record)).map((call) => call.id)).toEqual([IDS.otherCall]);
  });

  test('are not left out for another conflict', async () => {
    const session = sessionUnderTest({ ...calls, [`GET /calls/${IDS.call}`]: apiError(409, 'OTHER') });
    await expect(findCalls(session, IDS.call)).rejects.toMatchObject({ httpStatus: 409 });
  });

  test('are also found among the customer’s calls', async () => {
    const session = sessionUnderTest({
      'GET /providercalls': page(),
      'GET /calls': page({ ...ANSWERED, id: IDS.otherCall }),
      [`GET /calls/${IDS.otherCall}`]: { ...ANSWERED, id: IDS.otherCall },
    });
    expect((await findCalls(session, '9f00')).map((call) => call.id)).toEqual([IDS.otherCall]);
  });

  test('that the platform no longer has are left out', async () => {
    expect(
      await callsOf(sessionUnderTest({}), { ...RECORD, anonymous: 'auto', source: null, destinations: [] }),
    ).toEqual([]);
  });

  test('that nobody knows are a usage error', async () => {
    await expect(findCalls(sessionUnderTest({}), IDS.call)).rejects.toMatchObject({ exitCode: 2 });
  });

  test('are not looked for when the API fails', async () => {
    const session = sessionUnderTest({ [`GET /calls/${IDS.call}`]: apiError(500, 'INTERNAL') });
    await expect(findCalls(session, IDS.call)).rejects.toMatchObject({ reason: 'INTERNAL' });
  });
});
