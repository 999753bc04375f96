import { expect, test } from 'vitest';
import { managerShapeOf } from '../src/manager-shapes.ts';
import { defaultSeed } from '../src/seed.ts';
import { newCall, provider, tel } from './platform-under-test.ts';

const call = newCall({ tm_create: '2026-04-21 23:15:00.120000', tm_update: '2026-04-21 23:15:10.000000' });
const NIL = '00000000-0000-0000-0000-000000000000';

/** The call as the call manager's Call marshals. */
const CALL = {
  id: call.id,
  customer_id: call.customer_id,
  flow_id: NIL,
  activeflow_id: NIL,
  type: 'flow',
  master_call_id: NIL,
  groupcall_id: NIL,
  source: {},
  destination: { type: 'tel', target: '+15550100' },
  status: 'dialing',
  direction: 'outgoing',
  dialroute_id: NIL,
  tm_create: '2026-04-21T23:15:00.12Z',
  tm_update: '2026-04-21T23:15:10Z',
};

const groupcall = {
  id: 'd0000000-0000-4000-8000-000000000001',
  customer_id: call.customer_id,
  status: 'progressing',
  source: tel('+15550111'),
  destinations: [tel('+15550100')],
  answer_call_id: NIL,
  call_ids: [call.id],
  call_count: 0,
  tm_create: '2026-04-21 23:15:00.123456',
  tm_delete: null,
};
const GROUPCALL = {
  id: groupcall.id,
  customer_id: call.customer_id,
  status: 'progressing',
  source: { type: 'tel', target: '+15550111' },
  destinations: [{ type: 'tel', target: '+15550100' }],
  answer_call_id: NIL,
  call_ids: [call.id],
  tm_create: '2026-04-21T23:15:00.123456Z',
};

test('a call without a source has an empty address for it, and no field that is empty', () => {
  expect(managerShapeOf('/v1/calls/x', call)).toEqual(CALL);
});

test('a list is bare', () => {
  expect(managerShapeOf('/v1/calls', { result: [call], next_page_token: 'x' })).toEqual([CALL]);
  expect(managerShapeOf('/v1/groupcalls', { result: [], next_page_token: '' })).toEqual([]);
});

test('what a request placed names only the kinds that it placed', () => {
  expect(managerShapeOf('/v1/calls', { calls: [call], groupcalls: [] })).toEqual({ calls: [CALL] });
  expect(managerShapeOf('/v1/calls', { calls: [], groupcalls: [groupcall] })).toEqual({
    groupcalls: [GROUPCALL],
  });
});

test('a groupcall has its addresses and ids, and no field that is empty', () => {
  expect(managerShapeOf('/v1/groupcalls/x', groupcall)).toEqual(GROUPCALL);
});

test('a flow that is not kept shows neither that nor an empty list of actions', () => {
  const [flow] = defaultSeed().flows;
  expect(
    managerShapeOf('/v1/flows/x', {
      ...flow,
      id: 'f1',
      customer_id: 'c1',
      name: 'tmp',
      detail: '',
      persist: false,
      actions: [],
      on_complete_flow_id: NIL,
      tm_create: '2026-01-01 00:00:00.000000',
      tm_update: '2026-01-01 00:00:00.000000',
      tm_delete: null,
    }),
  ).toEqual({
    id: 'f1',
    customer_id: 'c1',
    type: 'flow',
    name: 'tmp',
    on_complete_flow_id: NIL,
    tm_create: '2026-01-01T00:00:00Z',
    tm_update: '2026-01-01T00:00:00Z',
  });
});

test('a provider keeps its empty fields; only its times differ', () => {
  const stored = provider({ health_checked_at: '2026-01-01 00:00:01.500000' });
  expect(managerShapeOf('/v1/providers/x', stored)).toEqual({
    ...stored,
    health_checked_at: '2026-01-01T00:00:01.5Z',
    tm_create: '2026-01-01T00:00:00Z',
    tm_update: '2026-01-01T00:00:00Z',
  });
});
