import { expect, test } from 'vitest';
import { recordsAsCsv, recordsAsJson } from '../src/page/record-export.ts';
import { recordWith } from './fixtures.ts';

const exported = {
  records: [
    recordWith(),
    recordWith({
      id: 'record-2',
      source: null,
      destinations: [
        { type: 'tel', target: '+1', target_name: '=HYPERLINK("http://evil.example")' },
        { type: 'sip', target: '=1+1@example.com', target_name: '' },
      ],
      call_ids: [],
    }),
  ],
  unconfirmedIds: new Set(['record-2']),
  providerNames: new Map([['provider-1', '=cmd, "x"']]),
};

test('recordsAsCsv writes one line for each record, and nothing that a spreadsheet evaluates', () => {
  const lines = recordsAsCsv(exported).split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe(
    '\uFEFFid,tm_create,provider_id,provider_name,source,destinations,anonymous,flow_id,call_ids,groupcall_ids,unconfirmed,tm_update,tm_delete',
  );
  expect(lines[1]).toContain(',"\'=cmd, ""x""",+14155550100,+821012345678,auto,');
  expect(lines[2]).toContain(",,'+1 =1+1@example.com,auto,");
  expect(lines[2]).toContain(',yes,');
});

test('recordsAsJson writes the records as they were returned, and which are unconfirmed', () => {
  expect(JSON.parse(recordsAsJson(exported))).toEqual([
    { ...exported.records[0], unconfirmed: false },
    { ...exported.records[1], unconfirmed: true },
  ]);
});
