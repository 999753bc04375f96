import { expect, test } from 'vitest';
import {
  ackOfRejection,
  cancelOf,
  contactHeader,
  newBranch,
  requestBytes,
  viaHeader,
} from '../src/outgoing-request.ts';
import { outgoingRequest, responseTo } from './outgoing-fixture.ts';

const LOCAL = { address: '2001:db8::1', port: 5_060 };
function textOf(request: Parameters<typeof requestBytes>[0]) {
  return Buffer.from(requestBytes(request)).toString();
}

test('the ACK of a rejection is of the same transaction, with the tag of the rejection', () => {
  expect(textOf(ackOfRejection(outgoingRequest('INVITE'), responseTo('INVITE', 486))).split('\r\n')).toEqual([
    'ACK sip:them@192.0.2.2 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours;rport',
    'Max-Forwards: 70',
    'From: <sip:us@192.0.2.1>;tag=ours',
    'Call-ID: call',
    'To: <sip:them@192.0.2.2>;tag=theirs',
    'CSeq: 7 ACK',
    'User-Agent: ProviderCall/0.1',
    'Content-Length: 0',
    '',
    '',
  ]);
});

test('the CANCEL of an INVITE is of the same transaction, without a tag and without its body', () => {
  const cancel = textOf(cancelOf({ ...outgoingRequest('INVITE'), body: Buffer.from('v=0') }));
  expect(cancel).toContain(
    'CANCEL sip:them@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours;rport\r\n',
  );
  expect(cancel).toContain('To: <sip:them@192.0.2.2>\r\nCSeq: 7 CANCEL\r\n');
  expect(cancel).toContain('Content-Length: 0\r\n\r\n');
});

test('Via and Contact name the transport', () => {
  expect(viaHeader(LOCAL, 'tls', 'z9hG4bK1').value).toBe(
    'SIP/2.0/TLS [2001:db8::1]:5060;branch=z9hG4bK1;rport',
  );
  expect(contactHeader(LOCAL, 'udp').value).toBe('<sip:[2001:db8::1]:5060>');
  expect(contactHeader(LOCAL, 'tcp').value).toBe('<sip:[2001:db8::1]:5060;transport=tcp>');
});

test('no two branches are the same', () => {
  expect(new Set(Array.from({ length: 1_000 }, newBranch)).size).toBe(1_000);
});
