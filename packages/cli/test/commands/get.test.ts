import { expect, test } from 'vitest';
import { deleteRecord } from '../../src/commands/delete.ts';
import { getRecord } from '../../src/commands/get.ts';
import { ANSWERED, IDS, PROVIDER, page, RECORD, sessionUnderTest } from '../session-under-test.ts';

const DELETED = {
  ...RECORD,
  source: { type: 'tel', target: '+14155551234', target_name: '\u202eevil' },
  tm_delete: '2026-04-22 00:00:00.000000',
};
function response() {
  return Response.json(DELETED, {
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
  'GET /providers': page(PROVIDER),
  [`GET /providercalls/${IDS.record}`]: response,
  [`GET /calls/${IDS.call}`]: ANSWERED,
};

test('a record is shown with who created and deleted it and how its calls went', async () => {
  const session = sessionUnderTest(replies);
  expect(await getRecord(session, { id: IDS.record })).toBe(0);
  expect(session.printed.slice(0, 11)).toEqual([
    `record       ${IDS.record}`,
    `provider     Answers (${IDS.provider})`,
    'source       +14155551234 "\\u202eevil"',
    'destinations +821012345678',
    'anonymous    auto',
    'created      2026-04-21 23:15:00.000000 UTC by agent:a-1',
    'request      r-1',
    'deleted      2026-04-22 00:00:00.000000 UTC by accesskey:k-1',
    'state        unconfirmed: it is not known yet whether its calls were placed',
    'candidates   c-1: may be its calls or those of another request; compare them (providercall trace ID), then complete the record: docs/operations.md, "Records with several candidates"',
    `+821012345678  answered, post-dial delay 0.5 s, rang 1.5 s, talked 10.0 s  (call ${IDS.call})`,
  ]);
});

test('a record as JSON has the same contents', async () => {
  const session = sessionUnderTest(replies);
  await getRecord(session, { id: IDS.record, json: true });
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({
    record: DELETED,
    unconfirmed: true,
    created_by: 'agent:a-1',
    deleted_by: 'accesskey:k-1',
    created_by_request_id: 'r-1',
    candidates: ['c-1'],
    calls: [{ call: { id: IDS.call }, analysis: { failure: 'none' } }],
  });
});

test('delete names the time and says that the calls go on', async () => {
  const session = sessionUnderTest({ [`DELETE /providercalls/${IDS.record}`]: DELETED });
  expect(await deleteRecord(session, { id: IDS.record })).toBe(0);
  expect(session.printed).toEqual([
    `record ${IDS.record} deleted 2026-04-22 00:00:00.000000 UTC; its calls go on, providercall hangup ${IDS.record} ends them`,
  ]);
});
