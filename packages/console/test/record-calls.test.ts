import { ProviderCallApiError } from '@provider-call/client';
import { expect, test } from 'vitest';
import { readRecordCalls } from '../src/page/record-calls.ts';
import { callWith } from './fixtures.ts';

type Environment = Parameters<typeof readRecordCalls>[0];
type Groupcall = Awaited<ReturnType<Environment['platform']['getGroupcall']>>;

const { signal } = new AbortController();

function groupcallWith(changes: Partial<Groupcall> = {}): Groupcall {
  return {
    ...{ id: 'group', status: 'progressing', answer_call_id: '', call_ids: [], groupcall_ids: [] },
    ...{ tm_create: null, tm_update: null, tm_delete: null },
    ...changes,
  };
}

function httpError(httpStatus: number): ProviderCallApiError {
  const error = { status: 'NOT_FOUND', reason: 'CALL_NOT_FOUND', message: 'No.', request_id: 'r' } as const;
  return new ProviderCallApiError({ error }, { status: httpStatus, headers: new Headers() });
}

/** An API in which `live` rings, `missing` does not exist, `deleted` was deleted, and every other call has ended. */
function apiWith(group: Groupcall = groupcallWith()): Environment {
  return {
    async getCall(id) {
      if (id === 'missing') throw httpError(404);
      if (id === 'deleted') throw httpError(409);
      return callWith({ id, status: id === 'live' ? 'ringing' : 'hangup' });
    },
    platform: { getGroupcall: async () => group },
  };
}

async function read(callIds: string[], group?: Groupcall) {
  const record = { call_ids: callIds, groupcall_ids: group === undefined ? [] : [group.id] };
  const { calls, haveEnded } = await readRecordCalls(apiWith(group), record, signal);
  return { ids: calls.map(({ id }) => id), haveEnded };
}

test.each([
  ['end with the last of them', ['a', 'b'], undefined, ['a', 'b'], true],
  ['go on while one does', ['a', 'live'], undefined, ['a', 'live'], false],
  ['do not include one that was deleted', ['a', 'deleted'], undefined, ['a'], true],
  ['end if all were deleted', ['deleted'], undefined, [], true],
  ['include those of a groupcall', ['a'], { call_ids: ['b'] }, ['a', 'b'], true],
  ['go on while a progressing groupcall lists none', [], {}, [], false],
  ['end with a groupcall that lists none', [], { status: 'hangup' }, [], true],
  [
    'go on while a progressing groupcall lists one that is not there yet',
    [],
    { call_ids: ['a', 'missing'] },
    ['a'],
    false,
  ],
])('the calls of a record %s', async (_, callIds, group, ids, haveEnded) => {
  expect(await read(callIds, group && groupcallWith(group))).toEqual({ ids, haveEnded });
});

test('the calls of groupcalls within groupcalls are included, each once', async () => {
  const groups = new Map([
    ['agent', groupcallWith({ id: 'agent', status: 'hangup', groupcall_ids: ['one', 'two', 'agent'] })],
    ['one', groupcallWith({ id: 'one', status: 'hangup', call_ids: ['a'] })],
    ['two', groupcallWith({ id: 'two', call_ids: ['live'], groupcall_ids: ['one'] })],
  ]);
  const getGroupcall: Environment['platform']['getGroupcall'] = async (id) => {
    const group = groups.get(id);
    if (group === undefined) throw httpError(404);
    return group;
  };
  const api = { ...apiWith(), platform: { getGroupcall } };
  const { calls, haveEnded } = await readRecordCalls(api, { call_ids: [], groupcall_ids: ['agent'] }, signal);
  expect({ ids: calls.map(({ id }) => id), haveEnded }).toEqual({ ids: ['a', 'live'], haveEnded: false });
});

test('a call that is missing without a reason fails', async () => {
  await expect(read(['missing'])).rejects.toMatchObject({ httpStatus: 404 });
  await expect(read([], groupcallWith({ status: 'hangup', call_ids: ['missing'] }))).rejects.toMatchObject({
    httpStatus: 404,
  });
});
