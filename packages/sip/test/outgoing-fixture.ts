import type { SipResponse } from '../src/message.ts';
import type { OutgoingRequest } from '../src/outgoing-request.ts';
import { parseMessage } from '../src/parse-message.ts';

/** A request of ours as it is before it is sent. */
export function outgoingRequest(method: string): OutgoingRequest {
  return {
    method,
    uri: 'sip:them@192.0.2.2',
    branch: 'z9hG4bKours',
    sentBy: { address: '192.0.2.1', port: 5060 },
    callId: 'call',
    localTag: 'ours',
    cseq: 7,
    headers: headersOf(method),
  };
}

function headersOf(method: string) {
  return [
    { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours;rport' },
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: '<sip:us@192.0.2.1>;tag=ours' },
    { name: 'To', value: '<sip:them@192.0.2.2>' },
    { name: 'Call-ID', value: 'call' },
    { name: 'CSeq', value: `7 ${method}` },
  ];
}

/** The far end's response to it. */
export function responseTo(method: string, status: number, ...lines: string[]): SipResponse {
  const headers = headersOf(method).map(
    ({ name, value }) => `${name}: ${value}${name === 'To' ? ';tag=theirs' : ''}`,
  );
  const text = [`SIP/2.0 ${status} Whatever`, ...headers, ...lines, '', ''].join('\r\n');
  const message = parseMessage(Buffer.from(text));
  if (message.kind !== 'response') throw new Error('not a response');
  return message;
}
