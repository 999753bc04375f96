import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, headerValues } from '../src/message.ts';
import { ackOfRejection, requestBytes } from '../src/outgoing-request.ts';
import { MAX_MESSAGE_BYTES, parseMessage } from '../src/parse-message.ts';
import { NO_SUCH_CALL, responseBytes } from '../src/response.ts';
import { SipSyntaxError } from '../src/scanner.ts';
import { INSERTIONS } from './mutated-messages.ts';
import { outgoingRequest } from './outgoing-fixture.ts';

const FOLDER = new URL('./torture/', import.meta.url);
const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.dat') ? [file.slice(0, -4)] : []));
function torture(name: string) {
  return readFileSync(new URL(`${name}.dat`, FOLDER));
}

// RFC 4475 §3.1.2 (invalid), §3.2.1, and what §3.3 says to reject with 400: no, several or contradicting mandatory
// fields.
const INVALID = [
  ...[
    'badinv01',
    'clerr',
    'ncl',
    'scalar02',
    'scalarlg',
    'quotbal',
    'ltgtruri',
    'lwsruri',
    'lwsstart',
    'trws',
  ],
  ...['escruri', 'regbadct', 'badaspec', 'baddn', 'badvers', 'mismatch01', 'mismatch02', 'bigcode'],
  ...['badbranch', 'insuf', 'multi01', 'mcl01'],
];
// RFC 4475 §3.1.1 (valid), and well-formed messages that a user agent rejects, if at all, for what they ask.
const VALID = [
  ...[
    'wsinv',
    'intmeth',
    'esc01',
    'escnull',
    'esc02',
    'lwsdisp',
    'longreq',
    'dblreq',
    'semiuri',
    'transports',
  ],
  // A Date that is not GMT is invalid (§3.1.2.12), but nothing depends on it.
  ...['mpart01', 'unreason', 'noreason', 'baddate'],
  ...[
    'unkscm',
    'novelsc',
    'unksm2',
    'bext01',
    'invut',
    'regaut01',
    'bcast',
    'zeromf',
    'cparam01',
    'cparam02',
  ],
  ...['regescrt', 'sdp01', 'inv2543'],
];

const HEAD = [
  'INVITE sip:100@192.0.2.1 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.2:5080;branch=z9hG4bK1;rport',
  'From: "A, B" <sip:a@example.com>;tag=1',
  'To: <sip:100@192.0.2.1>',
  'Call-ID: 1@192.0.2.2',
  'CSeq: 1 INVITE',
];
function message(...more: string[]) {
  return Buffer.from([...HEAD, ...more, '', ''].join('\r\n'));
}
function latin1(...more: string[]) {
  return Buffer.from([...HEAD, ...more, '', ''].join('\r\n'), 'latin1');
}
function replaced(from: string, to: string) {
  return Buffer.from(message().toString('latin1').replace(from, to), 'latin1');
}

const ORIGIN = { address: '192.0.2.2', port: 5_080 };

/** True when accepted, false when rejected; anything else that the parser does is an error of the test. */
function accepts(bytes: Uint8Array): boolean {
  try {
    parseMessage(bytes);
    return true;
  } catch (error) {
    if (error instanceof SipSyntaxError) return false;
    throw error;
  }
}

describe('RFC 4475', () => {
  test('every message is accepted or rejected here', () => {
    expect([...VALID, ...INVALID].toSorted()).toEqual(names.toSorted());
  });

  test.each(VALID)('accepts %s', (name) => {
    expect(() => parseMessage(torture(name))).not.toThrow();
  });

  test.each(INVALID)('rejects %s', (name) => {
    expect(() => parseMessage(torture(name))).toThrow(SipSyntaxError);
  });

  test('the tortuous INVITE is read field by field', () => {
    const parsed = parseMessage(torture('wsinv'));
    expect({ ...parsed, headers: undefined, body: parsed.body.byteLength }).toEqual({
      kind: 'request',
      method: 'INVITE',
      uri: 'sip:vivekg@chair-dnrc.example.com;unknownparam',
      headers: undefined,
      body: 150,
      vias: [
        { host: '192.0.2.2', transport: 'UDP', parameters: new Map([['branch', '390skdjuw']]) },
        { host: 'spindle.example.com', transport: 'TCP', parameters: new Map([['branch', 'z9hG4bK9ikj8']]) },
        { host: '192.168.255.111', transport: 'UDP', parameters: new Map([['branch', 'z9hG4bK30239']]) },
      ],
      from: {
        displayName: '"J Rosenberg \\\\\\""',
        uri: 'sip:jdrosen@example.com',
        parameters: new Map([['tag', '98asjd8']]),
      },
      to: {
        displayName: '',
        uri: 'sip:vivekg@chair-dnrc.example.com',
        parameters: new Map([['tag', '1918181833n']]),
      },
      callId: 'wsinv.ndaksdj@192.0.2.1',
      cseq: { number: 9, method: 'INVITE' },
      contacts: [
        {
          displayName: '"Quoted string \\"\\""',
          uri: 'sip:jdrosen@example.com',
          parameters: new Map([
            ['newparam', 'newvalue'],
            ['secondparam', undefined],
            ['q', '0.33'],
          ]),
        },
      ],
      recordRoutes: [],
    });
    expect(headerValues(parsed, 'newfangledheader')).toEqual(['newfangled value continued newfangled value']);
    expect(headerValues(parsed, 'Subject')).toEqual(['']);
  });

  test('drops what follows the announced length', () => {
    expect(parseMessage(torture('dblreq')).body.byteLength).toBe(0);
  });
});

/** The message with its start line replaced by a status line. */
function response(statusLine: string, ...more: string[]) {
  return Buffer.from([statusLine, ...HEAD.slice(1), ...more, '', ''].join('\r\n'), 'latin1');
}

describe('beyond RFC 4475', () => {
  test.each([
    ['an empty line before the message', Buffer.concat([Buffer.from('\r\n\r\n'), message()])],
    ['a compact header name', message('m: <sip:a@192.0.2.2>')],
    ['an IPv6 host', replaced('192.0.2.2:5080', '[2001:db8::1]:5080')],
    ['a received parameter with an IPv6 address', replaced(';rport', ';rport=5080;received=2001:db8::1')],
    ['Latin-1 in Server', latin1('Server: Télécom')],
    ['Latin-1 in Reason', latin1('Reason: Q.850;cause=16;text="Terminé"')],
    ['Latin-1 in a display name', replaced('A, B', 'Zo\xeb')],
    ['a Date of one digit', message('Date: Thu, 1 Jan 2026 0:00:00 GMT')],
    ['a Date that is not GMT', message('Date: Thu, 01 Jan 2026 00:00:00 CET')],
    ['a Date that is not a date', message('Date: yesterday')],
    ['bare line feeds', Buffer.from(message().toString().replaceAll('\r\n', '\n'))],
    ['an underscore in a host', replaced('192.0.2.2:5080', 'a_b.example.com')],
    ['"#" in the user of a Contact', message('Contact: <sip:1#2@192.0.2.2>')],
    ['a second Content-Type', message('Content-Type: application/sdp', 'Content-Type: application/sdp')],
    ['a header without a colon', message('Subject')],
    ['a header without a name', message(': value')],
    ['a header name that is not a token', message('X Y: 1')],
    ['control characters in a header that is not used', message('Subject: a\u0000b\rc')],
    ['a Max-Forwards above 255', message('Max-Forwards: 256')],
    ['500 headers', message(...Array.from({ length: 500 }, (_, index) => `X-${index}: 1`))],
    ['a header of 30,000 characters', message(`Subject: ${'a'.repeat(30_000)}`)],
    ['a header named like a property of every object', message('constructor: 1', 'toString: 2')],
  ])('accepts %s', (_what, bytes) => {
    expect(() => parseMessage(bytes)).not.toThrow();
  });

  test.each([
    ['200 OK', 200, 'OK'],
    ['200 ', 200, ''],
    ['200', 200, ''],
    ['486 Occupé', 486, 'Occupé'],
  ])('reads the status line of %j', (line, status, reason) => {
    expect(parseMessage(response(`SIP/2.0 ${line}`))).toMatchObject({ status, reason });
  });

  test.each(['Contact: <sip:a b@192.0.2.2>', 'Record-Route: sip:192.0.2.9;lr'])(
    'a response with %j is read, and says that it cannot be routed',
    (line) => {
      expect(parseMessage(response('SIP/2.0 200 OK', line))).toMatchObject({
        status: 200,
        contacts: [],
        recordRoutes: [],
        routingProblem: expect.stringContaining('at character'),
      });
    },
  );

  test('a BYE is read whatever its Contact says', () => {
    const bye = message('Contact: <<>>').toString().replaceAll('INVITE', 'BYE');
    expect(parseMessage(Buffer.from(bye))).toMatchObject({ method: 'BYE', contacts: [] });
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['only empty lines', Buffer.from('\r\n\r\n\r\n')],
    ['text', Buffer.from('hello')],
    ['a message without its empty line', Buffer.from(HEAD.join('\r\n'))],
    ['a bare carriage return in From', replaced('tag=1', 'tag=1\rX')],
    ['NUL in Call-ID', replaced('1@192', '1\u0000@192')],
    ['a second From', message('From: <sip:b@example.com>;tag=2')],
    ['a second From by its short name', message('f: <sip:b@example.com>;tag=2')],
    ['no Via', replaced('Via:', 'X-Via:')],
    ['no Call-ID', replaced('Call-ID:', 'X-Call-ID:')],
    ['a folded start line', replaced('\r\nVia', '\r\n Via')],
    ['a port above 65535', replaced('192.0.2.2:5080', '192.0.2.2:65536')],
    ['a port of 0', replaced('192.0.2.2:5080', '192.0.2.2:0')],
    ['a bad IPv6 host', replaced('192.0.2.2:5080', '[2001:db8:::1]')],
    ['a parameter given twice', replaced(';rport', ';rport;rport')],
    ['a CSeq of 2**31', replaced('CSeq: 1 ', 'CSeq: 2147483648 ')],
    ['a CSeq of another method', replaced('CSeq: 1 INVITE', 'CSeq: 1 BYE')],
    ['a negative Content-Length', message('Content-Length: -1')],
    ['a Content-Length beyond the datagram', message('Content-Length: 5')],
    ['a Content-Length given twice', message('Content-Length: 0', 'l: 0')],
    ['a Contact of an INVITE that is not an address', message('Contact: <sip:a b@192.0.2.2>')],
    ['a Record-Route of an INVITE without brackets', message('Record-Route: sip:192.0.2.9;lr')],
    ['a status below 100', response('SIP/2.0 099 Early')],
    ['a status above 699', response('SIP/2.0 700 Late')],
    ['a message longer than a datagram', message(`Subject: ${'a'.repeat(MAX_MESSAGE_BYTES)}`)],
  ])('rejects %s', (_what, bytes) => {
    expect(accepts(bytes)).toBe(false);
  });

  test.each([
    ['INVITE sip:a SIP/3.0', 505],
    ['INVITE sip:a HTTP/1.1', 400],
  ])('%s is rejected with %i', (line, status) => {
    const bytes = Buffer.from(
      message()
        .toString()
        .replace(HEAD[0] ?? '', line),
    );
    expect(() => parseMessage(bytes)).toThrow(expect.objectContaining({ status }));
  });

  test('a mutated message is rejected, or accepted and can be responded to, and nothing else is thrown', () => {
    const valid = VALID.map(torture);
    const invalid = INVALID.map(torture);
    let accepted = 0;
    const mutation = fc.record({
      // Without a bias, so that it is not nearly always in the start line.
      at: fc.noBias(fc.nat(9_999)),
      remove: fc.oneof(fc.constant(0), fc.nat(20)),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc.constantFrom(...INSERTIONS).map((text) => Buffer.from(text)),
      ),
    });
    fc.assert(
      fc.property(
        fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...valid) }, fc.constantFrom(...invalid)),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (original, mutations) => {
          let bytes = original;
          for (const { at, remove, insert } of mutations) {
            const start = Math.floor((at * bytes.length) / 10_000);
            bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
          }
          if (!accepts(bytes)) return;
          accepted += 1;
          const message = parseMessage(bytes);
          if (message.kind === 'request') {
            expect(() => responseBytes(message, ORIGIN, NO_SUCH_CALL)).not.toThrow();
          } else {
            expect(() => requestBytes(ackOfRejection(outgoingRequest('INVITE'), message))).not.toThrow();
          }
        },
      ),
      { seed: 4475, numRuns: 6_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test.each([
    ['quotes', `"${'\\"'.repeat(7_000)}`],
    ['words', 'a '.repeat(7_000)],
    ['brackets', '<'.repeat(14_000)],
    ['parameters', `<sip:a>${';a=b'.repeat(3_500)}`],
    ['commas', '<sip:a>,'.repeat(1_800)],
    ['dots', `<sip:${'a.'.repeat(7_000)}>`],
    ['blanks', `<sip:a>${' '.repeat(14_000)}x`],
  ])('a long run of %s is rejected', (_what, value) => {
    expect(accepts(message(`Contact: ${value}`))).toBe(false);
  });
});

test.each([
  ['UTF-8', Buffer.from('486 Occupé', 'utf8')],
  ['Latin-1', Buffer.from('486 Occupé', 'latin1')],
])('a message in %s is decoded as it was written', (_encoding, bytes) => {
  expect(decodeMessage(bytes)).toBe('486 Occupé');
});
