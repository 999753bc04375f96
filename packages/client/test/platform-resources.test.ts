import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  readCall,
  readFlow,
  readGroupcall,
  readProvider,
  readSipAnalysis,
  readTimelineEvent,
} from '../src/platform-resources.ts';

test.each([
  [undefined, null],
  [null, null],
  ['', null],
  ['9999-01-01 00:00:00.000000', null],
  ['9999-01-01T00:00:00.000000Z', null],
  ['2026-04-21 23:15:00.000000', '2026-04-21 23:15:00.000000'],
  ['2026-04-21T23:15:00.000000Z', '2026-04-21 23:15:00.000000'],
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

test.each([
  ['a call', readCall],
  ['a provider', readProvider],
  ['a flow', readFlow],
  ['a groupcall', readGroupcall],
  ['an analysis', readSipAnalysis],
  ['an event', readTimelineEvent],
])('no JSON value makes reading %s throw', (_, read) => {
  const withId = fc.tuple(fc.jsonValue(), fc.jsonValue(), fc.jsonValue()).map(([a, b, c]) => ({
    id: 'x',
    dialroutes: a,
    destination: b,
    call_ids: c,
    tech_headers: a,
    tm_create: b,
    actions: c,
    sip_messages: a,
    rtcp_stats: b,
    data: c,
  }));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), withId), (value) => {
      read(value);
    }),
  );
});
