import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvitePlanError, type InvitePlanInput, planInvite } from '../src/invite-plan.ts';
import { formatMessage } from '../src/message.ts';
import { parseMessage } from '../src/parse-message.ts';
import { provider, sip, tel } from './call-fixture.ts';

function input(over: Partial<InvitePlanInput> = {}, hostname = 'carrier.example.com'): InvitePlanInput {
  return {
    provider: provider({ hostname }),
    source: tel('+14155551234'),
    destination: tel('+821012345678'),
    anonymous: '',
    ...over,
  };
}
const ANONYMOUS_FROM = '"Anonymous" <sip:anonymous@anonymous.invalid>';

describe('where it goes', () => {
  test.each([
    ['a number', tel('+821012345678'), 'sip:00+82101234567899@carrier.example.com:5070;transport=udp'],
    [
      'a number with what a URI cannot hold',
      tel('1 2@3;4'),
      'sip:001%202%403;499@carrier.example.com:5070;transport=udp',
    ],
    [
      'an extension',
      { type: 'extension', target: '1001', target_name: '' },
      'sip:00100199@carrier.example.com:5070;transport=udp',
    ],
    ['a SIP address', sip('alice@phone.example.com'), 'sip:alice@phone.example.com;transport=udp'],
    [
      'a SIP URI',
      sip('sip:alice@phone.example.com:5080;x=1;transport=tcp'),
      'sip:alice@phone.example.com:5080;x=1;transport=tcp',
    ],
  ])('%s becomes the Request-URI', (_what, destination, requestUri) => {
    const tech = provider({ hostname: 'carrier.example.com:5070', tech_prefix: '00', tech_postfix: '99' });
    const plan = planInvite(input({ provider: tech, destination }));
    expect(plan.nextHop).toMatchObject({ host: 'carrier.example.com', port: 5070 });
    expect(plan.requestUri).toBe(requestUri);
    expect(plan.to).toBe(`<${requestUri.replace(/:\d+(?=;)/, '').replace(/;transport=\w+/, '')}>`);
  });

  test.each([
    ['an invalid hostname', input({}, 'carrier.example.com/x')],
    ['an empty hostname', input({}, '')],
    ['an empty destination', input({ destination: tel('') })],
    ['an invalid SIP destination', input({ destination: sip('a b') })],
    [
      'tech_headers that are too long',
      input({ provider: provider({ tech_headers: { 'X-A': 'a'.repeat(17_000) } }) }),
    ],
    ['a SIP destination with headers', input({ destination: sip('sip:a@b?Route=%3Csip:evil%3E') })],
  ])('%s is rejected', (_what, rejected) => {
    expect(() => planInvite(rejected)).toThrow(InvitePlanError);
  });
});

describe('the transport', () => {
  test.each([
    [
      'of a number is UDP',
      'carrier.example.com',
      tel('+1'),
      'udp',
      'sip:+1@carrier.example.com;transport=udp',
    ],
    [
      'of a number is what the hostname says',
      'carrier.example.com:5071;transport=TLS',
      tel('+1'),
      'tls',
      'sip:+1@carrier.example.com:5071;transport=tls',
    ],
    [
      'of a SIP address is UDP',
      'carrier.example.com',
      sip('a@b.example'),
      'udp',
      'sip:a@b.example;transport=udp',
    ],
    [
      'of a SIP address is what the hostname says',
      'carrier.example.com;transport=tcp',
      sip('a@b.example'),
      'tcp',
      'sip:a@b.example;transport=tcp',
    ],
    [
      'of a SIP address is what it says',
      'carrier.example.com;transport=tcp',
      sip('sip:a@b.example;transport=tls'),
      'tls',
      'sip:a@b.example;transport=tls',
    ],
    ['of a sips address is TLS', 'carrier.example.com', sip('sips:a@b.example'), 'tls', 'sips:a@b.example'],
  ])('%s', (_what, hostname, destination, transport, requestUri) => {
    const plan = planInvite(input({ destination }, hostname));
    expect([plan.nextHop.host, plan.nextHop.transport, plan.requestUri, plan.notes]).toEqual([
      'carrier.example.com',
      transport,
      requestUri,
      [],
    ]);
  });

  test('that is not supported is substituted, with a note', () => {
    const plan = planInvite(input({ destination: sip('sip:a@b.example;transport=ws') }));
    expect([plan.requestUri, plan.notes]).toEqual([
      'sip:a@b.example;transport=udp',
      ['The destination asks for ws; UDP is used instead.'],
    ]);
  });
});

describe('who calls', () => {
  test.each([
    ['a number', tel('+14155551234'), '<sip:+14155551234@carrier.example.com>'],
    [
      'a number with a name',
      tel('+14155551234', 'Jo "J"'),
      '"Jo \\"J\\"" <sip:+14155551234@carrier.example.com>',
    ],
    ['any text, verbatim', tel('support'), '<sip:support@carrier.example.com>'],
    ['a SIP address', sip('bob@example.net', 'Bob'), '"Bob" <sip:bob@example.net>'],
    ['nobody', null, '<sip:carrier.example.com>'],
  ])('%s becomes the From', (_what, source, from) => {
    for (const anonymous of ['no', 'auto', ''] as const) {
      expect(planInvite(input({ source, anonymous }))).toMatchObject({ from, headers: [] });
    }
  });

  test('an anonymous call asserts its number to the carrier only', () => {
    expect(planInvite(input({ anonymous: 'yes' }))).toMatchObject({
      from: ANONYMOUS_FROM,
      headers: [
        { name: 'Privacy', value: 'id' },
        { name: 'P-Asserted-Identity', value: '<tel:+14155551234>' },
      ],
    });
  });

  test.each([
    ['no source', null],
    ['a source without "+"', tel('14155551234')],
    ['a source that is not a number', tel('+1415 555')],
    ['a source that would end the header', tel('+1>;evil')],
    ['a bare "+"', tel('+')],
  ])('an anonymous call with %s is rejected', (_what, source) => {
    expect(() => planInvite(input({ source, anonymous: 'yes' }))).toThrow(InvitePlanError);
  });

  test.each([
    ['a number', tel('+14155551234'), '<tel:+14155551234>'],
    ['a SIP address', sip('bob@example.net'), '<sip:bob@example.net>'],
  ])('an anonymous call to a SIP address is anonymous too, from %s', (_what, source, identity) => {
    const plan = planInvite(input({ source, destination: sip('alice@example.org'), anonymous: 'yes' }));
    expect(plan.from).toBe(ANONYMOUS_FROM);
    expect(plan.headers).toEqual([
      { name: 'Privacy', value: 'id' },
      { name: 'P-Asserted-Identity', value: identity },
    ]);
  });
});

describe('tech_headers', () => {
  const headersOf = (tech_headers: Record<string, string>) => {
    const { headers, skipped } = planInvite(input({ provider: provider({ tech_headers }) }));
    return { headers, skipped };
  };

  test('are sent unchanged and in order', () => {
    expect(headersOf({ 'X-B': '2', 'X-A': 'a: "b", <c>;d\tÖ', Subject: '' })).toEqual({
      headers: [
        { name: 'X-B', value: '2' },
        { name: 'X-A', value: 'a: "b", <c>;d\tÖ' },
        { name: 'Subject', value: '' },
      ],
      skipped: [],
    });
  });

  test.each([
    ...['', 'X-A\r', 'X-A\nVia', 'X(A', 'X)A', 'X,A', 'X A', 'X:A', 'Ö'],
    ...[
      'P-Asserted-Identity',
      'p-asserted-identity',
      'Privacy',
      'VB-CALL-ID',
      'VB-CONFBRIDGE-ID',
      'VB-DIRECTION',
    ],
    ...[
      'VBOUT-CODECS',
      'VBOUT-SDP_Transport',
      'CALLERID(num)',
      'Remote-Party-ID',
      'From',
      'f',
      'Via',
      'v',
      'Content-Length',
      'Route',
    ],
  ])('%j is skipped, and the call goes on', (name) => {
    expect(headersOf({ [name]: 'x', 'X-Kept': 'y' })).toEqual({
      headers: [{ name: 'X-Kept', value: 'y' }],
      skipped: [name],
    });
  });

  test.each(['a\r\nVia: b', 'a\nb', 'a\rb', 'a\u0000b'])('the value %j is skipped', (value) => {
    expect(headersOf({ 'X-A': value })).toEqual({ headers: [], skipped: ['X-A'] });
  });
});

/** A header's name in full; the only short one that tech_headers may set. */
function written(name: string) {
  return /^s$/i.test(name) ? 'Subject' : name;
}

test('an INVITE for any input keeps its lines and can be parsed into what was requested', () => {
  // Half of them ASCII with its control characters, the others any code unit, lone surrogates too.
  const character = fc.oneof(fc.nat(0x7f), fc.nat(0xffff)).map((code) => String.fromCharCode(code));
  const text = fc.oneof(
    fc.array(character, { maxLength: 40 }).map((characters) => characters.join('')),
    fc.constantFrom(
      '+14155551234',
      'a@b.example.com',
      '\r\nVia: SIP/2.0/UDP evil',
      '\n',
      '"',
      '>',
      '\\',
      ';tag=evil',
      '\u2028',
    ),
  );
  /** Mostly what makes a call possible, and otherwise anything. */
  const usually = (...expected: string[]) =>
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...expected) }, text);
  const sipAddress = fc
    .tuple(
      usually('sip:', 'sips:', ''),
      usually('a@', '%41:secret@', '1#2@', ''),
      usually('b.example.com', '[2001:db8::1]:5080', '192.0.2.9'),
      usually('', ';transport=tcp', ';transport=sctp;maddr=192.0.2.8', ';x=1'),
    )
    .map((parts) => parts.join(''));
  const address = fc.oneof(
    fc.record({ type: fc.constantFrom('tel', 'agent'), target: text, target_name: text }),
    fc.record({ type: fc.constant('sip'), target: sipAddress, target_name: text }),
  );
  const number = fc.record({
    type: fc.constant('tel'),
    target: fc.constant('+14155551234'),
    target_name: text,
  });
  const anonymous = fc.constantFrom('yes' as const, 'no' as const, 'auto' as const, '' as const);
  const cases = fc.record({
    provider: fc.record({
      hostname: usually('carrier.example.com', 'carrier.example.com:5070;transport=tcp', '[2001:db8::1]'),
      tech_prefix: text,
      tech_postfix: text,
      tech_headers: fc.dictionary(usually('X-Trunk', 'x_1', 'Subject', 's', 'From', 'Privacy'), text, {
        maxKeys: 4,
      }),
    }),
    source: fc.option(fc.oneof(number, address)),
    destination: address,
    anonymous,
  });
  const placed = { calls: 0, anonymous: 0, toSip: 0, withTechHeaders: 0 };
  fc.assert(
    fc.property(cases, (asked) => {
      let plan: ReturnType<typeof planInvite>;
      try {
        plan = planInvite(asked);
      } catch (error) {
        if (error instanceof InvitePlanError) return true;
        throw error;
      }
      placed.calls += 1;
      if (asked.anonymous === 'yes') placed.anonymous += 1;
      if (asked.destination.type === 'sip') placed.toSip += 1;
      if (Object.keys(asked.provider.tech_headers).length > plan.skipped.length) placed.withTechHeaders += 1;
      const own = [
        { name: 'Via', value: 'SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1' },
        { name: 'From', value: `${plan.from};tag=1` },
        { name: 'To', value: plan.to },
        { name: 'Call-ID', value: '1' },
        { name: 'CSeq', value: '1 INVITE' },
      ];
      const parsed = parseMessage(
        formatMessage(`INVITE ${plan.requestUri} SIP/2.0`, [...own, ...plan.headers]),
      );
      return isDeepStrictEqual(
        [
          parsed.headers.map(({ name }) => name),
          parsed.kind === 'request' && parsed.uri,
          parsed.from.parameters,
          parsed.to.parameters,
        ],
        [
          [
            ...own.map(({ name }) => name),
            ...plan.headers.map(({ name }) => written(name)),
            'Content-Length',
          ],
          plan.requestUri,
          new Map([['tag', '1']]),
          new Map(),
        ],
      );
    }),
    { seed: 3261, numRuns: 2_000 },
  );
  for (const count of Object.values(placed)) expect(count).toBeGreaterThan(100);
});
