import { expect, test } from 'vitest';
import { listRecords } from '../../src/commands/list.ts';
import { IDS, PROVIDER, page, RECORD, sessionUnderTest } from '../session-under-test.ts';

const SECOND = { ...RECORD, id: 'c0000000-0000-4000-8000-000000000002', provider_id: IDS.busy, call_ids: [] };
function unconfirmed(body: object) {
  return () => Response.json(body, { headers: { 'X-ProviderCall-Unconfirmed': SECOND.id } });
}
const replies = {
  'GET /providers': page(PROVIDER),
  'GET /providercalls?page_size=20': unconfirmed(page(RECORD, SECOND)),
};

test('records are listed with their provider’s name, and unconfirmed ones are marked', async () => {
  const session = sessionUnderTest(replies);
  expect(await listRecords(session, { limit: 20 })).toBe(0);
  expect(session.printed).toEqual([
    `${IDS.record}\t2026-04-21 23:15:00\tAnswers\t+14155551234\t+821012345678\t1\tplaced`,
    `${SECOND.id}\t2026-04-21 23:15:00\t${IDS.busy}\t+14155551234\t+821012345678\t0\tunconfirmed`,
  ]);
});

test('records are listed even if the platform lists no providers', async () => {
  const session = sessionUnderTest({ 'GET /providercalls?page_size=20': page(RECORD) });
  await listRecords(session, { limit: 20 });
  expect(session.printed[0]).toContain(IDS.provider);
});

test('--all follows the pages, --limit ends within one', async () => {
  const pages = {
    'GET /providers': page(PROVIDER),
    'GET /providercalls?page_size=100': { result: [RECORD], next_page_token: 'next' },
    'GET /providercalls?page_size=100&page_token=next': page(SECOND),
    'GET /providercalls?page_size=1': { result: [RECORD], next_page_token: 'next' },
  };
  const all = sessionUnderTest(pages);
  await listRecords(all, { limit: 20, all: true });
  expect(all.printed).toHaveLength(2);
  const one = sessionUnderTest(pages);
  await listRecords(one, { limit: 1 });
  expect(one.printed).toHaveLength(1);
  expect(one.notes).toEqual(['there are older ones: --all shows them']);
});

test('a page token that is repeated ends the list', async () => {
  const next = { result: [RECORD], next_page_token: 'next' };
  const session = sessionUnderTest({
    'GET /providers': page(PROVIDER),
    'GET /providercalls': [next, next, page(SECOND)],
  });
  await listRecords(session, { limit: 20, all: true });
  expect(session.printed).toHaveLength(2);
});

test('a record that is not complete is reported as a response that is not the API’s', async () => {
  const session = sessionUnderTest({ 'GET /providercalls': page({ ...RECORD, tm_create: undefined }) });
  await expect(listRecords(session, { limit: 20 })).rejects.toMatchObject({
    name: 'UnexpectedResponseError',
  });
});

test('a provider filters the list', async () => {
  const session = sessionUnderTest({
    'GET /providers': page(PROVIDER),
    [`GET /providercalls?page_size=20&provider_id=${IDS.provider}`]: page(RECORD),
  });
  await listRecords(session, { limit: 20, provider: 'Answers' });
  expect(session.printed).toHaveLength(1);
});

test('JSON and CSV contain the same records', async () => {
  const json = sessionUnderTest(replies);
  await listRecords(json, { limit: 20, json: true });
  expect(JSON.parse(json.printed.join('\n'))).toEqual({
    result: [RECORD, SECOND],
    next_page_token: '',
    unconfirmed_ids: [SECOND.id],
  });
  const csv = sessionUnderTest(replies);
  await listRecords(csv, { limit: 20, csv: true });
  expect(csv.printed.join('').split('\r\n')).toEqual([
    'id,created (UTC),provider,source,destinations,calls,state',
    `${IDS.record},2026-04-21 23:15:00,Answers,+14155551234,+821012345678,1,placed`,
    `${SECOND.id},2026-04-21 23:15:00,${IDS.busy},+14155551234,+821012345678,0,unconfirmed`,
    '',
  ]);
});

test('an empty list is reported on stderr', async () => {
  const session = sessionUnderTest({ 'GET /providercalls?page_size=20': page() });
  await listRecords(session, { limit: 20 });
  expect({ printed: session.printed, notes: session.notes }).toEqual({ printed: [], notes: ['no records'] });
});
