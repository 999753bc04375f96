import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  readCall,
  readFlow,
  readGroupcall,
  readProvider,
  readSipAnalysis,
  readTimelineEvent,
} from '../src/platform-resources.ts';

test('a value that is an object where a number or a text is expected counts as absent', () => {
  const object = { toString: '', valueOf: '' };
  expect(
    readProvider({ id: 'p-1', tech_headers: { 'X-Carrier': object, 'X-Line': 7 } })?.tech_headers,
  ).toEqual({
    'X-Carrier': '',
    'X-Line': '7',
  });
  expect(readCall({ id: 'c-1', dialroutes: [{ priority: object }] })?.dialroutes).toMatchObject([
    { priority: 0 },
  ]);
  expect(
    readSipAnalysis({ sip_messages: [{ method: object, src_port: object, dst_port: 'x' }] }),
  ).toMatchObject({
    sip_messages: [{ method: '', src_port: 0, dst_port: 0 }],
  });
});

test.each([
  [undefined, null],
  [null, null],
  ['', null],
  ['9999-01-01 00:00:00.000000', null],
  ['9999-01-01T00:00:00.000000Z', null],
  ['2026-04-21 23:15:00.000000', '2026-04-21 23:15:00.000000'],
  ['2026-04-21T23:15:00.000000Z', '2026-04-21 23:15:00.000000'],
  ['2026-04-22T08:15:00.12+09:00', '2026-04-21 23:15:00.12'],
  ['2026-04-21 19:45:00.123456789-0330', '2026-04-21 23:15:00.123456789'],
  ['2026-04-21T23:15:00+00:00', '2026-04-21 23:15:00'],
  ['0001-01-01T00:00:00Z', null],
  ['0001-01-01 00:00:00.000000', null],
  ['0001-01-01T08:27:52+08:27', null],
  ['0000-12-31T19:00:00-05:00', null],
  ['9999-01-01T00:00:00+09:00', null],
  ['2026-13-21T23:15:00+09:00', '2026-13-21 23:15:00+09:00'],
  ['yesterday', 'yesterday'],
])('the timestamp %s is read as %s', (written, read) => {
  expect(readCall({ id: 'c-1', tm_hangup: written })?.tm_hangup).toBe(read);
});

test('a call is read with its route and addresses', () => {
  expect(
    readCall({
      id: 'c-1',
      status: 'hangup',
      source: { type: 'tel', target: '' },
      destination: { type: 'tel', target: '+821012345678' },
      dialroutes: [{ id: 'd-1', provider_id: 'p-1', priority: 1, target: '82' }],
      hangup_reason: 'busy',
      unknown: 'is left out',
    }),
  ).toEqual({
    id: 'c-1',
    customer_id: '',
    flow_id: '',
    groupcall_id: '',
    source: null,
    destination: { type: 'tel', target: '+821012345678', target_name: '' },
    status: 'hangup',
    direction: '',
    metadata: {},
    hangup_by: '',
    hangup_reason: 'busy',
    dialroute_id: '',
    dialroutes: [{ id: 'd-1', provider_id: 'p-1', priority: 1, target: '82' }],
    tm_ringing: null,
    tm_progressing: null,
    tm_hangup: null,
    tm_create: null,
    tm_update: null,
    tm_delete: null,
  });
});

test('a groupcall is read with its calls and its own groupcalls', () => {
  expect(readGroupcall({ id: 'g-1', status: 'progressing', groupcall_ids: ['g-2', 3] })).toEqual({
    id: 'g-1',
    status: 'progressing',
    answer_call_id: '',
    call_ids: [],
    groupcall_ids: ['g-2'],
    tm_create: null,
    tm_update: null,
    tm_delete: null,
  });
});

test.each([
  [{ id: 'p-1', health_detail: '503 Service Unavailable' }, '503 Service Unavailable'],
  [{ id: 'p-1', health_detail: 503 }, ''],
  [{ id: 'p-1' }, ''],
])('what the last health check of %j found is %s', (value, detail) => {
  expect(readProvider(value)?.health_detail).toBe(detail);
});

test('media counters that are not numbers are left out', () => {
  expect(
    readSipAnalysis({ rtcp_stats: { jitter: 1.5, mos: null, rtt: 'fast' }, notes: [{ text: 'PCMU' }, 1] }),
  ).toEqual({
    sip_messages: [],
    rtcp_stats: { jitter: 1.5 },
    notes: [{ timestamp: '', text: 'PCMU' }],
  });
});

test('a message is read with the method of a request or the status of a response', () => {
  const message = {
    timestamp: '2026-04-21T23:15:00.000000Z',
    method: 180,
    src_ip: '192.0.2.1',
    src_port: '5060',
    dst_ip: '192.0.2.2',
    dst_port: 5060,
    raw: 'SIP/2.0 180 Ringing\r\n\r\n',
  };
  expect(readSipAnalysis({ sip_messages: [message, null] })?.sip_messages).toEqual([
    { ...message, method: '180', src_port: 5060 },
  ]);
});

/** All fields whose values are not just kept if they are text. */
const FIELDS = [
  'source',
  'destination',
  'destinations',
  'dialroutes',
  'priority',
  'call_ids',
  'groupcall_ids',
  'tech_headers',
  'metadata',
  'tm_create',
  'actions',
  'sip_messages',
  'method',
  'src_port',
  'rtcp_stats',
  'notes',
  'data',
];

test('no JSON value makes a reader throw', () => {
  const readers = [readCall, readProvider, readFlow, readGroupcall, readSipAnalysis, readTimelineEvent];
  const scalar = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null));
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.constant({ toString: '', valueOf: '' }),
      fc.dictionary(fc.string(), scalar),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...FIELDS), tie('json'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(json, fc.dictionary(fc.constantFrom(...FIELDS), json), (value, fields) => {
      for (const read of readers) {
        read(value);
        read({ ...fields, id: 'x' });
      }
    }),
    { seed: 6120, numRuns: 1_000 },
  );
});
