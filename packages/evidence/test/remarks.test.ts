import { expect, test } from 'vitest';
import { readConversation } from '../src/conversation.ts';
import { remarksOn } from '../src/remarks.ts';
import { scenario } from './scenarios.ts';
import { edgeResponse, providerRequest, request, response, SDP } from './sip-messages.ts';

const INVITE = request('INVITE', { at: 0 });
function onSecond(message: ReturnType<typeof request>) {
  return remarksOn(readConversation([INVITE, message])).get(1) ?? [];
}

test.each([
  [
    'a cause',
    response(486, 'Busy', { at: 1, headers: ['Reason: Q.850;cause=17'] }),
    ['Q.850 cause 17: User busy'],
  ],
  [
    'a cause with its own text',
    response(503, 'x', { at: 1, headers: ['Reason: Q.850;cause=34;text="all trunks busy"'] }),
    ['Q.850 cause 34: No circuit/channel available, all trunks busy'],
  ],
  [
    'a reason of a BYE',
    providerRequest('BYE', { at: 1, headers: ['Reason: SIP;cause=408;text="Request Timeout"'] }),
    ['SIP cause 408: Request Timeout'],
  ],
  ['an unknown reason', response(486, 'x', { at: 1, headers: ['Reason: vendor;text="a"'] }), ['VENDOR: a']],
  [
    'a warning',
    response(488, 'x', { at: 1, headers: ['Warning: 305 sbc "no common codec"'] }),
    ['Warning 305: no common codec'],
  ],
  [
    "our edge's response",
    edgeResponse(408, 'Timer B', { at: 1 }),
    ["our own edge's response in the provider's place"],
  ],
  [
    'a challenge',
    response(401, 'x', {
      at: 1,
      headers: ['WWW-Authenticate: Digest realm="a, b", algorithm=SHA-256, stale=TRUE'],
    }),
    ['asks for credentials of a, b (SHA-256), nonce stale'],
  ],
  ['a redirect', response(302, 'x', { at: 1, headers: ['m: <sip:a@b>'] }), ['redirects to <sip:a@b>']],
  [
    'a bad extension',
    response(420, 'x', { at: 1, headers: ['Unsupported: 100rel'] }),
    ['Unsupported: 100rel'],
  ],
  [
    'early media',
    response(183, 'x', { at: 1, ...SDP }),
    ['early media: tones or an announcement may be heard before the answer'],
  ],
  [
    'a private media address',
    response(200, 'OK', { at: 1, body: SDP.body.replaceAll('203.0.113.6', '10.1.1.1') }),
    ['wants audio sent to 10.1.1.1, which only its own network reaches'],
  ],
  [
    'a refresh',
    providerRequest('INVITE', { at: 1, headers: ['x: 90'], body: SDP.body }),
    ['re-INVITE: refreshes the session'],
  ],
  ['a change', providerRequest('INVITE', { at: 1, body: SDP.body }), ['re-INVITE: changes the session']],
  [
    'a re-INVITE without offer',
    providerRequest('INVITE', { at: 1 }),
    ['re-INVITE without a session description'],
  ],
  ['no start line', { ...INVITE, method: '', raw: 'garbage' }, ['not understood: no start line of SIP']],
  ['no CSeq', { ...INVITE, raw: 'BYE sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n' }, ['not understood: no CSeq']],
  [
    'a forgotten call',
    response(481, 'x', { at: 1, cseq: '2 BYE', branch: 'z9hG4bKb' }),
    ['the other side had ended the call already'],
  ],
  ['nothing odd', response(180, 'Ringing', { at: 1 }), []],
])('%s is remarked on', (_, message, remarks) => {
  expect(onSecond(message)).toEqual(remarks);
});

test('each of any number of reasons is remarked on, and one that is repeated only once', () => {
  const distinct = Array.from({ length: 200_000 }, (_, index) => `r${index}`);
  const reasons = (values: string[]) => response(486, 'x', { at: 1, headers: [`Reason: ${values.join()}`] });
  expect(onSecond(reasons(distinct))).toHaveLength(distinct.length);
  expect(onSecond(reasons(distinct.map(() => 'r')))).toEqual(['R']);
});

test.each(['Contact', 'Retry-After'])('each of any number of %s headers is remarked on', (name) => {
  const headers = Array.from({ length: 200_000 }, (_, index) => `${name}: ${index}`);
  expect(onSecond(response(name === 'Contact' ? 302 : 503, 'x', { at: 1, headers }))).toHaveLength(
    headers.length,
  );
});

test.each([
  [
    'forked',
    [
      [2, 'another phone: the call was forked'],
      [5, 'a second phone answered: the call was forked'],
    ],
  ],
  ['answered while we cancelled', [[3, 'answered after our CANCEL: the provider bills this call']]],
  ['held by the far end', [[5, 're-INVITE: puts the call on hold']]],
  ['still dialling', [[0, 'no response']]],
])('a call %s has its remarks', (name, remarks) => {
  const found = [...remarksOn(readConversation(scenario(name).messages))];
  const listed = found.flatMap(([index, texts]) => texts.map((text): [number, string] => [index, text]));
  expect(listed.toSorted(([left], [right]) => left - right)).toEqual(remarks);
});
