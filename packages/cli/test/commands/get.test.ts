import { expect, test } from 'vitest';
import { deleteRecord } from '../../src/commands/delete.ts';
import { getRecord } from '../../src/commands/get.ts';
import { hangUpCalls } from '../../src/commands/hangup.ts';
import { answered, ids, page, provider, record, sessionUnderTest } from '../session-under-test.ts';

const deleted = {
  ...record,
  source: { type: 'tel', target: '+14155551234', target_name: '\u202eevil' },
  tm_delete: '2026-04-22 00:00:00.000000',
};
function response() {
  return Response.json(deleted, {
    headers: {
      'X-ProviderCall-State': 'unconfirmed',
      'X-ProviderCall-Created-By': 'agent:a-1',
      'X-ProviderCall-Deleted-By': 'accesskey:k-1',
      'X-ProviderCall-Request-Id': 'r-1',
      'X-ProviderCall-Candidates': 'c-1',
    },
  });
}
const replies = {
  'GET /providers': page(provider),
  [`GET /providercalls/${ids.record}`]: response,
  [`GET /calls/${ids.call}`]: answered,
};

test('a record is shown with who created and deleted it and how its calls went', async () => {
  const session = sessionUnderTest(replies);
  expect(await getRecord(session, { id: ids.record })).toBe(0);
  expect(session.printed.slice(0, 11)).toEqual([
    `record       ${ids.record}`,
    `provider     Answers (${ids.provider})`,
    'source       +14155551234 "\\u202eevil"',
    'destinations +821012345678',
    'anonymous    auto',
    'created      2026-04-21 23:15:00.000000 UTC by agent:a-1',
    'request      r-1',
    'deleted      2026-04-22 00:00:00.000000 UTC by accesskey:k-1',
    'state        unconfirmed: it is not known yet whether its calls were placed',
    'candidates   c-1: may be its calls or another request’s; compare them (providercall trace ID), then complete the record: docs/operations.md, "Records that stay unconfirmed"',
    `+821012345678  answered, post-dial delay 0.5 s, rang 1.5 s, talked 10.0 s  (call ${ids.call})`,
  ]);
});

test('a record as JSON has the same', async () => {
  const session = sessionUnderTest(replies);
  await getRecord(session, { id: ids.record, json: true });
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({
    record: deleted,
    unconfirmed: true,
    created_by: 'agent:a-1',
    deleted_by: 'accesskey:k-1',
    created_by_request_id: 'r-1',
    candidates: ['c-1'],
    calls: [{ call: { id: ids.call }, analysis: { failure: 'none' } }],
  });
});

test('delete names the time and says that the calls go on', async () => {
  const session = sessionUnderTest({ [`DELETE /providercalls/${ids.record}`]: deleted });
  expect(await deleteRecord(session, { id: ids.record })).toBe(0);
  expect(session.printed).toEqual([
    `record ${ids.record} deleted 2026-04-22 00:00:00.000000 UTC; its calls go on, providercall hangup ${ids.record} ends them`,
  ]);
});

test('hangup ends the calls that have not ended', async () => {
  const ringing = { ...answered, id: ids.otherCall, status: 'ringing', hangup_reason: '' };
  const session = sessionUnderTest({
    [`GET /providercalls/${ids.record}`]: { ...record, call_ids: [ids.call, ids.otherCall] },
    [`GET /calls/${ids.call}`]: answered,
    [`GET /calls/${ids.otherCall}`]: ringing,
    [`POST /calls/${ids.otherCall}/hangup`]: { ...ringing, status: 'canceling' },
  });
  expect(await hangUpCalls(session, { id: ids.record })).toBe(0);
  expect(session.printed).toEqual([
    `+821012345678 had ended already (normal)  (call ${ids.call})`,
    `+821012345678 canceling  (call ${ids.otherCall})`,
  ]);
});
