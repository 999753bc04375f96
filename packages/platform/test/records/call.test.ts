import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { callMetadataSchema, endedCall } from '../../src/records/call.ts';
import { newCall } from '../platform-under-test.ts';

describe('metadata', () => {
  test.each([
    {},
    { rtp_debug: true },
    { skip_source_validation: false },
    { codecs: 'G722,PCMU' },
    { route_provider_ids: ['anything'] },
  ])('accepts %j', (metadata) => {
    expect(z.parse(callMetadataSchema, metadata)).toEqual(metadata);
  });

  test.each([
    { route_provider_id: 'x' },
    { customer_id: 'x' },
    { rtp_debug: 'yes' },
    { codecs: 'PCMU;PCMA' },
    { route_provider_ids: Array.from({ length: 11 }, () => 'x') },
  ])('rejects %j', (metadata) => {
    expect(z.safeParse(callMetadataSchema, metadata).success).toBe(false);
  });
});

test('a call whose process is gone ends as failed, and keeps what it had reached', () => {
  const ringing = newCall({ status: 'ringing', tm_ringing: '2026-04-21 23:15:01.000000' });
  expect(endedCall(ringing, '2026-04-21 23:16:00.000000')).toEqual({
    ...ringing,
    status: 'hangup',
    hangup_by: 'local',
    hangup_reason: 'failed',
    tm_hangup: '2026-04-21 23:16:00.000000',
    tm_update: '2026-04-21 23:16:00.000000',
  });
});
