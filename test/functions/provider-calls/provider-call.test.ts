import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { addressSchema, presentProviderCall } from '../../../functions/provider-calls/provider-call.ts';
import { createdAt, ids, sampleRecord } from './sample-record.ts';

describe('an address', () => {
  test.each([
    ['tel', { type: 'tel', target: '+821012345678', target_name: 'Alice' }],
    ['sip', { type: 'sip', target: 'alice@example.com', target_name: '' }],
    ['agent', { type: 'agent', target: ids.agent, target_name: '' }],
    ['extension', { type: 'extension', target: '1001', target_name: '' }],
    ['with spaces at its ends', { type: 'tel', target: ' +1 (415) 555-1234 ', target_name: ' ' }],
    ['of any script', { type: 'sip', target: '👩‍💻@例え.jp', target_name: 'Ünïcödé' }],
    ['as long as can be', { type: 'tel', target: '1'.repeat(255), target_name: 'n'.repeat(255) }],
  ])('of %s is carried as it is', (_what, address) => {
    expect(addressSchema.parse(address)).toEqual(address);
  });

  test('without a name has an empty one', () => {
    expect(addressSchema.parse({ type: 'tel', target: '1' })).toEqual({
      type: 'tel',
      target: '1',
      target_name: '',
    });
  });

  test('comes out as it went in, whatever it is', () => {
    const text = (minLength: number) =>
      fc
        .string({ unit: 'binary', minLength, maxLength: 60 })
        .filter((value) => !/[\p{Cc}\u2028\u2029]/u.test(value));
    const addresses = fc.record({
      type: fc.constantFrom('tel', 'sip', 'agent', 'extension'),
      target: text(1),
      target_name: text(0),
    });
    fc.assert(
      fc.property(addresses, (address) => {
        expect(addressSchema.parse(address)).toEqual(address);
      }),
    );
  });

  test.each([
    ['no type', { target: '1' }],
    ['another type', { type: 'email', target: 'a@example.com' }],
    ['a type in capitals', { type: 'TEL', target: '1' }],
    ['no target', { type: 'tel' }],
    ['an empty target', { type: 'tel', target: '' }],
    ['a target that is a number', { type: 'tel', target: 15551234 }],
    ['a target that is null', { type: 'tel', target: null }],
    ['a name that is null', { type: 'tel', target: '1', target_name: null }],
    ['too long a target', { type: 'tel', target: '1'.repeat(256) }],
    ['too long a name', { type: 'tel', target: '1', target_name: 'n'.repeat(256) }],
    ['another field', { type: 'tel', target: '1', detail: '' }],
    ['a line feed', { type: 'tel', target: '1\n' }],
    ['CR LF, as for a header of its own', { type: 'tel', target: '1\r\nX-Evil: 1' }],
    ['NUL', { type: 'tel', target: '1\u00002' }],
    ['DEL', { type: 'tel', target: '1\u007f' }],
    ['a C1 control', { type: 'tel', target: '1\u0085' }],
    ['a line separator', { type: 'tel', target: '1', target_name: 'a\u2028b' }],
    ['half a surrogate pair', { type: 'tel', target: '1\ud83d' }],
    ['text', 'tel:1'],
    ['a list', ['tel', '1']],
    ['null', null],
  ])('with %s is refused', (_what, address) => {
    expect(z.safeParse(addressSchema, address).success).toBe(false);
  });
});

test('the record has the specification’s fields in the specification’s order', () => {
  expect(JSON.stringify(presentProviderCall(sampleRecord()))).toBe(
    JSON.stringify({
      id: ids.record,
      customer_id: ids.customer,
      provider_id: ids.provider,
      flow_id: '00000000-0000-0000-0000-000000000000',
      source: { type: 'tel', target: '+14155551234', target_name: '' },
      destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
      anonymous: 'auto',
      call_ids: [ids.call],
      groupcall_ids: [],
      tm_create: createdAt,
      tm_update: createdAt,
      tm_delete: null,
    }),
  );
});
