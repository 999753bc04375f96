import { expect, test } from 'vitest';
import { type CallRequest, plannedCalls } from '../../src/records/call-request.ts';
import { newCall, provider } from '../platform-under-test.ts';

function route(providerId: string) {
  return {
    id: providerId,
    customer_id: 'c',
    provider_id: providerId,
    priority: 0,
    target: 'all',
  };
}

function request(changes: Partial<CallRequest> = {}): CallRequest {
  return {
    id: 'key-1',
    placed_at: 0,
    settled: false,
    anonymous: 'yes',
    actions: [{ type: 'hangup' }],
    providers: { p1: provider({ id: 'p1' }), p2: provider({ id: 'p2' }) },
    calls: [newCall({ id: 'call', dialroutes: [route('p2'), route('p1')] })],
    groupcalls: [],
    legs: [newCall({ id: 'leg', dialroutes: [route('p1')] })],
    ...changes,
  };
}

test('calls and legs are dialled with the request’s own choices, through their routes in order', () => {
  const planned = plannedCalls(request());
  expect(planned.map(({ call }) => call.id)).toEqual(['call', 'leg']);
  expect(planned.map(({ candidates }) => candidates.map((candidate) => candidate.provider.id))).toEqual([
    ['p2', 'p1'],
    ['p1'],
  ]);
  expect(planned.every(({ anonymous, actions }) => anonymous === 'yes' && actions?.length === 1)).toBe(true);
});

test('a route whose provider was not kept is an error, not a call that skips it', () => {
  expect(() => plannedCalls(request({ providers: {} }))).toThrow(
    'call call was planned without its provider',
  );
});
