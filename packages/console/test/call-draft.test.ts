import { describe, expect, test } from 'vitest';
import { addressesIn, EMPTY_DRAFT, requestOf } from '../src/page/call-draft.ts';

const PROVIDER_ID = '4dbeabd6-f397-4375-95d2-a38411e07ed1';
const DRAFT = { ...EMPTY_DRAFT, providerId: PROVIDER_ID, destinations: '+821012345678' };

test.each([
  ['+821012345678', [{ type: 'tel', target: '+821012345678' }]],
  [
    ' +1 415 \r\n\n 030 ',
    [
      { type: 'tel', target: '+1 415' },
      { type: 'tel', target: '030' },
    ],
  ],
  ['tel:+1415', [{ type: 'tel', target: '+1415' }]],
  ['bob@example.com', [{ type: 'sip', target: 'bob@example.com' }]],
  ['SIP:bob@example.com', [{ type: 'sip', target: 'bob@example.com' }]],
  ['sips:bob@example.com', [{ type: 'sip', target: 'sips:bob@example.com' }]],
  ['extension:1001', [{ type: 'extension', target: '1001' }]],
  ['agent:1f2e', [{ type: 'agent', target: '1f2e' }]],
  ['', []],
])('%j holds the addresses %j', (text, addresses) => {
  expect(addressesIn(text)).toEqual(addresses);
});

describe('requestOf', () => {
  test('a draft with provider and destination is a request', () => {
    expect(requestOf(DRAFT)).toEqual({
      request: {
        provider_id: PROVIDER_ID,
        destinations: [{ type: 'tel', target: '+821012345678' }],
        anonymous: 'auto',
      },
    });
  });

  test('source, name, text to say and anonymity go into the request', () => {
    const full = {
      ...DRAFT,
      source: ' +14155550100 ',
      sourceName: 'Zoë',
      anonymous: 'yes' as const,
      after: 'say' as const,
      say: ' Hello ',
    };
    expect(requestOf(full)).toEqual({
      request: {
        provider_id: PROVIDER_ID,
        source: { type: 'tel', target: '+14155550100', target_name: 'Zoë' },
        destinations: [{ type: 'tel', target: '+821012345678' }],
        actions: [
          { type: 'answer' },
          { type: 'talk', option: { text: 'Hello', language: 'en-US' } },
          { type: 'hangup' },
        ],
        anonymous: 'yes',
      },
    });
  });

  test('a flow or actions go into the request', () => {
    expect(requestOf({ ...DRAFT, after: 'flow', flowId: 'f1' })).toMatchObject({
      request: { flow_id: 'f1' },
    });
    expect(requestOf({ ...DRAFT, after: 'actions', actions: '[{"type":"hangup"}]' })).toMatchObject({
      request: { actions: [{ type: 'hangup' }] },
    });
  });

  test.each([
    [{ providerId: '' }, 'providerId'],
    [{ destinations: ' \n' }, 'destinations'],
    [{ destinations: Array.from({ length: 51 }, () => '+1').join('\n') }, 'destinations'],
    [{ destinations: 'tel:' }, 'destinations'],
    [{ anonymous: 'yes' as const }, 'source'],
    [{ anonymous: 'yes' as const, source: '4155550100' }, 'source'],
    [{ after: 'flow' as const }, 'flowId'],
    [{ after: 'say' as const, say: ' ' }, 'say'],
    [{ after: 'actions' as const, actions: '{' }, 'actions'],
    [{ after: 'actions' as const, actions: '{}' }, 'actions'],
    [{ after: 'actions' as const, actions: '[{}]' }, 'actions'],
    [{ after: 'actions' as const, actions: JSON.stringify(Array(101).fill({ type: 'hangup' })) }, 'actions'],
  ])('%o is a problem of %s', (changes, field) => {
    expect(requestOf({ ...DRAFT, ...changes })).toEqual({
      problems: [{ field, message: expect.any(String) }],
    });
  });

  test('an anonymous call to a SIP address needs no source', () => {
    expect(requestOf({ ...DRAFT, destinations: 'sip:bob@example.com', anonymous: 'yes' })).toHaveProperty(
      'request',
    );
  });
});
