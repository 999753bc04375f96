import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  addressSchema,
  createRequestSchema,
  fingerprintOf,
  hashIdempotencyKey,
  idempotencyKeySchema,
} from '../../../functions/provider-calls/create-request.ts';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { IDS } from './sample-record.ts';

const DESTINATION = { type: 'tel', target: '+821012345678' };
const MINIMAL = { provider_id: IDS.provider, destinations: [DESTINATION] };
const SOURCE = { type: 'tel', target: '+14155551234' };

test('the minimal request has every default', () => {
  expect(createRequestSchema.parse(MINIMAL)).toEqual({
    provider_id: IDS.provider,
    flow_id: NIL_UUID,
    actions: [],
    source: null,
    destinations: [{ ...DESTINATION, target_name: '' }],
    anonymous: 'auto',
  });
});

describe('a request is accepted with', () => {
  test.each([
    ['a flow', { flow_id: IDS.flow }],
    ['the nil flow', { flow_id: NIL_UUID }],
    ['no actions', { actions: [] }],
    ['as many actions as can be', { actions: Array.from({ length: 100 }, () => ({ type: 'answer' })) }],
    [
      'an action with an option',
      { actions: [{ type: 'talk', option: { text: 'hi', nested: [{ a: null }] } }] },
    ],
    ['linked actions', { actions: [{ id: IDS.flow, next_id: IDS.call, type: 'talk' }] }],
    ['flow and actions', { flow_id: IDS.flow, actions: [{ type: 'answer' }] }],
    ['a source', { source: SOURCE }],
    ['source null', { source: null }],
    ['as many destinations as can be', { destinations: Array.from({ length: 50 }, () => DESTINATION) }],
    ['anonymous no', { anonymous: 'no' }],
    ['anonymous empty', { anonymous: '' }],
    ['anonymous yes and a source', { anonymous: 'yes', source: SOURCE }],
    [
      'anonymous yes, no source, no tel',
      { anonymous: 'yes', destinations: [{ type: 'sip', target: 'a@example.com' }] },
    ],
  ])('%s', (_what, changes) => {
    expect(z.safeParse(createRequestSchema, { ...MINIMAL, ...changes }).error?.issues).toBeUndefined();
  });
});

test('anonymous is kept as sent', () => {
  expect(createRequestSchema.parse({ ...MINIMAL, anonymous: '' }).anonymous).toBe('');
});

describe('a request is rejected for', () => {
  const rejected: [string, Record<string, unknown>, string][] = [
    ['no provider', { provider_id: undefined }, 'provider_id'],
    ['the nil provider', { provider_id: NIL_UUID }, 'provider_id'],
    ['a provider that is not a UUID', { provider_id: 'telnyx' }, 'provider_id'],
    ['a provider that is a number', { provider_id: 1 }, 'provider_id'],
    ['a flow that is not a UUID', { flow_id: 'flow' }, 'flow_id'],
    ['a flow that is null', { flow_id: null }, 'flow_id'],
    ['actions that are not a list', { actions: { type: 'answer' } }, 'actions'],
    ['too many actions', { actions: Array.from({ length: 101 }, () => ({ type: 'answer' })) }, 'actions'],
    ['an action without a type', { actions: [{ option: {} }] }, 'actions.0.type'],
    ['an action of an empty type', { actions: [{ type: '' }] }, 'actions.0.type'],
    ['an action of a type that is a number', { actions: [{ type: 1 }] }, 'actions.0.type'],
    ['an action with another field', { actions: [{ type: 'answer', options: {} }] }, 'actions.0'],
    ['an option that is not an object', { actions: [{ type: 'talk', option: 'hi' }] }, 'actions.0.option'],
    ['an option that is a list', { actions: [{ type: 'talk', option: [] }] }, 'actions.0.option'],
    ['a source that is text', { source: '+14155551234' }, 'source'],
    ['no destinations', { destinations: undefined }, 'destinations'],
    ['an empty list of destinations', { destinations: [] }, 'destinations'],
    [
      'too many destinations',
      { destinations: Array.from({ length: 51 }, () => DESTINATION) },
      'destinations',
    ],
    ['destinations that are not a list', { destinations: DESTINATION }, 'destinations'],
    [
      'one bad destination of two',
      { destinations: [DESTINATION, { type: 'fax', target: '1' }] },
      'destinations.1.type',
    ],
    ['another anonymous', { anonymous: 'maybe' }, 'anonymous'],
    ['anonymous true', { anonymous: true }, 'anonymous'],
    ['anonymous null', { anonymous: null }, 'anonymous'],
    ['a misspelt anonymous', { anonymus: 'yes' }, ''],
    ['metadata', { metadata: { skip_source_validation: true } }, ''],
    ['customer_id', { customer_id: IDS.otherCustomer }, ''],
    ['anonymous yes and a tel without a source', { anonymous: 'yes' }, 'source'],
    [
      'anonymous yes and a source without "+"',
      { anonymous: 'yes', source: { type: 'tel', target: '1415' } },
      'source',
    ],
  ];

  test.each(rejected)('%s', (_what, changes, field) => {
    const { error } = z.safeParse(createRequestSchema, { ...MINIMAL, ...changes });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});

describe('the fingerprint', () => {
  const fingerprint = (body: unknown) => fingerprintOf(createRequestSchema.parse(body));

  test('is that of the same request, however it was written', () => {
    const spelled = {
      anonymous: 'auto',
      destinations: [{ target_name: '', target: DESTINATION.target, type: 'tel' }],
      actions: [],
      source: null,
      flow_id: NIL_UUID,
      provider_id: IDS.provider.toUpperCase(),
    };
    expect(fingerprint(spelled)).toBe(fingerprint(MINIMAL));
    const option = (members: object) => ({ ...MINIMAL, actions: [{ type: 'talk', option: members }] });
    expect(fingerprint(option({ a: 1, b: { c: 1, d: 2 } }))).toBe(
      fingerprint(option({ b: { d: 2, c: 1 }, a: 1 })),
    );
  });

  test('differs for a different request', () => {
    const second = { type: 'tel', target: '+821012345679' };
    const bodies = [
      MINIMAL,
      { ...MINIMAL, provider_id: IDS.otherProvider },
      { ...MINIMAL, flow_id: IDS.flow },
      { ...MINIMAL, source: SOURCE },
      { ...MINIMAL, anonymous: '' },
      { ...MINIMAL, actions: [{ type: 'answer' }] },
      { ...MINIMAL, actions: [{ type: 'answer', option: {} }] },
      { ...MINIMAL, destinations: [DESTINATION, second] },
      { ...MINIMAL, destinations: [second, DESTINATION] },
    ];
    expect(new Set(bodies.map(fingerprint)).size).toBe(bodies.length);
  });
});

test.each([['a'], ['!"#$%&\'()*+,-./:;<=>?@[]^_`{|}~'], ['k'.repeat(255)]])(
  '%s is an Idempotency-Key',
  (key) => {
    expect(idempotencyKeySchema.parse(key)).toBe(key);
  },
);

test.each([[''], [' '], ['a b'], ['a\n'], ['a\u0000'], ['\u007f'], ['é'], ['k'.repeat(256)]])(
  '%j is not an Idempotency-Key',
  (key) => {
    expect(z.safeParse(idempotencyKeySchema, key).success).toBe(false);
  },
);

test('an Idempotency-Key is stored as its SHA-256', () => {
  expect(hashIdempotencyKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('an address', () => {
  test.each([
    ['tel', { type: 'tel', target: '+821012345678', target_name: 'Alice' }],
    ['sip', { type: 'sip', target: 'alice@example.com', target_name: '' }],
    ['agent', { type: 'agent', target: IDS.agent, target_name: '' }],
    ['extension', { type: 'extension', target: '1001', target_name: '' }],
    ['with spaces at its ends', { type: 'extension', target: ' 1001 ', target_name: ' ' }],
    ['with separators', { type: 'tel', target: ' +1 (415)555-12.34', target_name: '' }],
    ['of a local number', { type: 'tel', target: '*123#', target_name: '' }],
    [
      'of a local number with a context',
      { type: 'tel', target: '7042;phone-context=example.com', target_name: '' },
    ],
    ['of a number with an extension', { type: 'tel', target: '+14155551234;ext=12', target_name: '' }],
    ['of a name with a joiner', { type: 'tel', target: '1', target_name: '👩‍💻 می‌خواهم' }],
    ['of any script', { type: 'sip', target: '💻@例え.jp', target_name: 'Ünïcödé' }],
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

  test('is carried verbatim, whatever it is', () => {
    const text = (minLength: number) =>
      fc
        .string({ unit: 'binary', minLength, maxLength: 60 })
        .filter((value) => !/[\p{Cc}\p{Cf}\p{DI}\u2028\u2029]/u.test(value));
    const addresses = fc.record({
      type: fc.constantFrom('sip', 'agent', 'extension'),
      target: text(1),
      target_name: text(0),
    });
    fc.assert(
      fc.property(addresses, (address) => {
        expect(addressSchema.parse(address)).toEqual(address);
      }),
      { seed: 7388 },
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
    ['its own host', { type: 'tel', target: '+821@evil.com;x=' }],
    ['an at sign in a parameter', { type: 'tel', target: '+821;x=a@evil.com' }],
    ['a parameter without a value', { type: 'tel', target: '+821;x=' }],
    ['letters', { type: 'tel', target: '+1800FLOWERS' }],
    ['a scheme', { type: 'tel', target: 'tel:+1' }],
    ['a plus alone', { type: 'tel', target: '+' }],
    ['separators alone', { type: 'tel', target: '-()' }],
    ['two plus signs', { type: 'tel', target: '++1' }],
    ['digits of another script', { type: 'tel', target: '１４１５' }],
    ['a right-to-left override', { type: 'sip', target: 'a\u202eb@example.com' }],
    ['an isolate', { type: 'sip', target: 'a\u2066b@example.com' }],
    ['a zero-width space', { type: 'sip', target: 'a\u200bb@example.com' }],
    ['a zero-width joiner', { type: 'extension', target: '1\u200d2' }],
    ['a byte order mark', { type: 'agent', target: '\ufeff1' }],
    ['a soft hyphen', { type: 'sip', target: 'a\u00ad@example.com' }],
    ['a Hangul filler', { type: 'sip', target: '\u3164@example.com' }],
    ['a line feed', { type: 'tel', target: '1\n' }],
    ['CR LF, as for another header', { type: 'tel', target: '1\r\nX-Evil: 1' }],
    ['NUL', { type: 'tel', target: '1\u00002' }],
    ['DEL', { type: 'tel', target: '1\u007f' }],
    ['a C1 control', { type: 'tel', target: '1\u0085' }],
    ['a line separator', { type: 'tel', target: '1', target_name: 'a\u2028b' }],
    ['half a surrogate pair', { type: 'tel', target: '1\ud83d' }],
    ['text', 'tel:1'],
    ['a list', ['tel', '1']],
    ['null', null],
  ])('with %s is rejected', (_what, address) => {
    expect(z.safeParse(addressSchema, address).success).toBe(false);
  });
});
