import { expect, test } from 'vitest';
import { headerValues, readMessage } from '../src/read-message.ts';

const BASE = {
  timestamp: '',
  method: '',
  src_ip: '192.0.2.1',
  src_port: 5060,
  dst_ip: '::1',
  dst_port: 5070,
  raw: '',
};
function read(raw: string, method = '') {
  return readMessage({ ...BASE, raw, method });
}

test('a message is read in full', () => {
  const lines = [
    'SIP/2.0 180 Ringing',
    'v: SIP/2.0/tcp 192.0.2.1:5060;rport;branch=z9hG4bKa, SIP/2.0/UDP x;branch=z9hG4bKb',
    'f: "a;tag=wrong" <sip:a@b;tag=wrong>;tag=from',
    'T:<sip:c@d> ; tag = to ;x',
    'i: id@host',
    'CSeq:  7   INVITE',
    'Reason: a',
    '\tb',
    'reason: c',
  ];
  const { headers, ...message } = read(`${lines.join('\r\n')}\r\n\r\nbody\r\n\r\nmore`);
  expect(message).toEqual({
    index: 0,
    time: undefined,
    source: '192.0.2.1:5060',
    destination: '[::1]:5070',
    sourceIp: '192.0.2.1',
    destinationIp: '::1',
    method: undefined,
    requestUri: undefined,
    status: 180,
    reasonPhrase: 'Ringing',
    callId: 'id@host',
    cseq: { number: 7, method: 'INVITE' },
    fromTag: 'from',
    toTag: 'to',
    branch: 'z9hG4bKa',
    transport: 'TCP',
    body: 'body\r\n\r\nmore',
  });
  expect(headerValues({ headers }, 'REASON')).toEqual(['a b', 'c']);
});

test.each([
  [
    'bare line feeds',
    'SIP/2.0 486 Busy\nCSeq: 1 INVITE\n\nb',
    { status: 486, reasonPhrase: 'Busy', body: 'b' },
  ],
  ['bare carriage returns', 'BYE sip:a SIP/2.0\rCSeq: 1 BYE\r\rb', { method: 'BYE', body: 'b' }],
  ['no reason phrase', 'SIP/2.0 486\r\nCSeq: 1 INVITE', { status: 486, reasonPhrase: '' }],
  ['a phrase that is not ASCII', 'SIP/2.0 486 Occupé\r\n', { status: 486, reasonPhrase: 'Occupé' }],
  ['lower case', 'sip/2.0 200 ok\r\ncseq: 1 invite', { status: 200, cseq: { number: 1, method: 'INVITE' } }],
  ['blank lines in front', '\r\n\r\nBYE sip:a SIP/2.0\r\nCSeq: 1 BYE', { method: 'BYE' }],
  ['a header without a colon', 'BYE sip:a SIP/2.0\r\nnonsense\r\nCall-ID: x', { method: 'BYE', callId: 'x' }],
  ['no end of the headers', 'BYE sip:a SIP/2.0\r\nCall-ID: x', { method: 'BYE', callId: 'x', body: '' }],
])('a message with %s is read', (_, raw, expected) => {
  expect(read(raw)).toMatchObject(expected);
});

test.each([
  ['garbage', 'INVITE', { method: 'INVITE', status: undefined }],
  ['', '180', { method: undefined, status: 180 }],
  ['SIP/2.0 20', '200', { status: 200 }],
  ['garbage', '999', { method: undefined, status: undefined }],
  ['garbage', '', { method: undefined, status: undefined }],
])('a raw %j captured as %j is read as the capture says', (raw, method, expected) => {
  expect(read(raw, method)).toMatchObject(expected);
});

test.each([
  ['192.0.2.1', 5060, '192.0.2.1:5060'],
  ['::1', 5060, '[::1]:5060'],
  ['[::1]', 5060, '[::1]:5060'],
  ['', 5060, '?:5060'],
  [undefined, undefined, '?:?'],
])('%s and port %s are the endpoint %s', (ip, port, endpoint) => {
  const message = readMessage(
    JSON.parse(JSON.stringify({ ...BASE, src_ip: ip, src_port: port, dst_ip: ip, dst_port: port })),
  );
  expect([message.source, message.destination]).toEqual([endpoint, endpoint]);
});

test('a message of two megabytes is read within the time limit of a test', () => {
  const { callId } = read(`BYE sip:a SIP/2.0\r\n${'x: y\r\n'.repeat(300_000)}Call-ID: last\r\n`);
  expect(callId).toBe('last');
});
