import './stage.ts';
import { describe, expect, test } from 'vitest';
import { NIL_UUID } from '../../functions/uuid.ts';
import { errorOf, request } from './http/sample-request.ts';
import { CREATED_AT, IDS } from './provider-calls/sample-record.ts';

process.env['PROVIDER_CALL_TABLE'] = 'calls';
const { listInputOf } = await import('../../functions/list-provider-calls.ts');

describe('the list’s query', () => {
  test('may be empty, and an empty parameter counts as absent', () => {
    const none = { customerId: IDS.customer, pageSize: 100, after: undefined, providerId: undefined };
    expect(listInputOf(request({}))).toEqual(none);
    expect(listInputOf(request({ query: { page_size: [''], page_token: [''], provider_id: [''] } }))).toEqual(
      none,
    );
  });

  test('is read', () => {
    const query = {
      page_size: ['7'],
      page_token: [`${CREATED_AT},${IDS.record}`],
      provider_id: [IDS.provider.toUpperCase()],
    };
    expect(listInputOf(request({ query }))).toEqual({
      customerId: IDS.customer,
      pageSize: 7,
      after: { createdAt: CREATED_AT, id: IDS.record },
      providerId: IDS.provider,
    });
  });

  test.each([
    ['1', 1],
    ['100', 100],
    ['0', 100],
    ['101', 100],
    ['-5', 100],
    ['007', 7],
    ['999999999999999', 100],
  ])('page_size=%s is %i', (text, pageSize) => {
    expect(listInputOf(request({ query: { page_size: [text] } })).pageSize).toBe(pageSize);
  });

  test.each([
    ['page_size', ['abc']],
    ['page_size', ['1.5']],
    ['page_size', ['1e1']],
    ['page_size', ['0x10']],
    ['page_size', [' 1']],
    ['page_size', ['10', '10']],
    ['page_size', ['9'.repeat(400)]],
    ['page_token', ['abc']],
    ['page_token', [CREATED_AT, CREATED_AT]],
    ['provider_id', ['telnyx']],
    ['provider_id', [NIL_UUID]],
    ['provider_id', [IDS.provider, IDS.provider]],
  ])('%s=%j is rejected', (field, values) => {
    expect(errorOf(() => listInputOf(request({ query: { [field]: values } })))).toEqual({
      reason: 'INVALID_ARGUMENT',
      status: 400,
      details: [{ field, message: expect.any(String) }],
    });
  });
});
