import { expect, test } from 'vitest';
import { hangUpCalls } from '../../src/commands/hangup.ts';
import { ANSWERED, apiError, IDS, RECORD, sessionUnderTest } from '../session-under-test.ts';

const RINGING = { ...ANSWERED, status: 'ringing', hangup_reason: '' };

test('hangup ends the calls that have not ended', async () => {
  const ringing = { ...ANSWERED, id: IDS.otherCall, status: 'ringing', hangup_reason: '' };
  const session = sessionUnderTest({
    [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: [IDS.call, IDS.otherCall] },
    [`GET /calls/${IDS.call}`]: ANSWERED,
    [`GET /calls/${IDS.otherCall}`]: ringing,
    [`POST /calls/${IDS.otherCall}/hangup`]: { ...ringing, status: 'canceling' },
  });
  expect(await hangUpCalls(session, { id: IDS.record })).toBe(0);
  expect(session.printed).toEqual([
    `+821012345678 had ended already (normal)  (call ${IDS.call})`,
    `+821012345678 canceling  (call ${IDS.otherCall})`,
  ]);
});

test('a hang-up that fails does not keep the others from being made, and the calls that may go on are named', async () => {
  const session = sessionUnderTest({
    [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: [IDS.call, IDS.otherCall] },
    [`GET /calls/${IDS.call}`]: RINGING,
    [`GET /calls/${IDS.otherCall}`]: { ...RINGING, id: IDS.otherCall },
    [`POST /calls/${IDS.call}/hangup`]: apiError(429, 'RATE_LIMIT_EXCEEDED'),
    [`POST /calls/${IDS.otherCall}/hangup`]: { ...RINGING, id: IDS.otherCall, status: 'canceling' },
  });
  expect(await hangUpCalls(session, { id: IDS.record })).toBe(3);
  expect(session.printed).toEqual([`+821012345678 canceling  (call ${IDS.otherCall})`]);
  expect(session.notes).toEqual([
    `+821012345678 may go on: RATE_LIMIT_EXCEEDED: Do this. [request r-1]  (call ${IDS.call})`,
    `1 of 2 calls may go on: providercall hangup ${IDS.record} ends them`,
  ]);
});

test('a call that cannot be hung up is part of the JSON as it was', async () => {
  const session = sessionUnderTest({
    [`GET /calls/${IDS.call}`]: RINGING,
    [`POST /calls/${IDS.call}/hangup`]: new TypeError('lost'),
  });
  expect(await hangUpCalls(session, { id: IDS.call, json: true })).toBe(5);
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({
    calls: [{ id: IDS.call, status: 'ringing' }],
  });
  expect(session.notes.at(-1)).toBe(`1 of 1 calls may go on: providercall hangup ${IDS.call} ends them`);
});

test('a call that is deleted before it can be hung up does not go on', async () => {
  const session = sessionUnderTest({
    [`GET /calls/${IDS.call}`]: RINGING,
    [`POST /calls/${IDS.call}/hangup`]: apiError(409, 'STATE_INVALID'),
  });
  expect(await hangUpCalls(session, { id: IDS.call })).toBe(0);
  expect(session.printed).toEqual([`+821012345678 had been deleted  (call ${IDS.call})`]);
});

test('calls are hung up a few at a time', async () => {
  let requests = 0;
  let most = 0;
  const ids = Array.from({ length: 20 }, (_, index) => `call-${index}`);
  const hangup = async () => {
    requests += 1;
    most = Math.max(most, requests);
    await new Promise((resolve) => setImmediate(resolve));
    requests -= 1;
    return { ...RINGING, status: 'canceling' };
  };
  const session = sessionUnderTest({
    [`GET /providercalls/${IDS.record}`]: { ...RECORD, call_ids: ids },
    ...Object.fromEntries(ids.map((id) => [`GET /calls/${id}`, { ...RINGING, id }])),
    ...Object.fromEntries(ids.map((id) => [`POST /calls/${id}/hangup`, hangup])),
  });
  expect(await hangUpCalls(session, { id: IDS.record })).toBe(0);
  expect(most).toBe(8);
});
