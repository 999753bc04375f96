import { expect, test } from 'vitest';
import { type Conversation, finalOf, readConversation } from '../src/conversation.ts';
import { edgeResponse, PROVIDER, providerRequest, request, response } from './sip-messages.ts';

function linesOf({ messages }: Conversation) {
  return messages.map(({ direction, method, status, retransmissions }) =>
    [direction, method ?? status, ...(retransmissions === 0 ? [] : [retransmissions])].join(' '),
  );
}

test('messages are put in order of time, and identical ones folded into the first', () => {
  const conversation = readConversation([
    response(486, 'Busy Here', { at: 900 }),
    request('INVITE', { at: 500 }),
    request('INVITE', { at: 0 }),
    request('ACK', { at: 901 }),
  ]);
  expect(linesOf(conversation)).toEqual(['sent INVITE 1', 'received 486', 'sent ACK']);
});

test('a message without a readable time stays behind the one listed before it', () => {
  const [invite, ringing, busy] = [
    request('INVITE', { at: 0 }),
    response(180, 'Ringing', { at: 100 }),
    response(486, 'Busy Here', { at: 200 }),
  ];
  expect(linesOf(readConversation([invite, { ...ringing, timestamp: '?' }, busy]))).toEqual([
    'sent INVITE',
    'received 180',
    'received 486',
  ]);
});

test.each([
  ['the reason phrase', response(180, 'Alerting', { at: 2 })],
  ['the To tag', response(180, 'Ringing', { at: 2, toTag: 'p2' })],
  ['the body', response(180, 'Ringing', { at: 2, body: 'v=0' })],
  ['the source port', response(180, 'Ringing', { at: 2, from: '203.0.113.5:5070' })],
])('a response that differs in %s is not a retransmission', (_, other) => {
  const messages = [request('INVITE', { at: 0 }), response(180, 'Ringing', { at: 1 }), other];
  expect(readConversation(messages).messages).toHaveLength(3);
});

test('requests of the provider are received, also where everybody has the same address', () => {
  const us = '127.0.0.1:5060';
  const carrier = '127.0.0.1:5070';
  const conversation = readConversation([
    request('INVITE', { at: 0, from: us, to: carrier }),
    response(200, 'OK', { at: 1, from: carrier, to: us }),
    request('ACK', { at: 2, from: us, to: carrier }),
    // From another port of the carrier to another one of ours: the tags tell.
    providerRequest('BYE', { at: 3, from: '127.0.0.1:40001', to: '127.0.0.1:40002' }),
    response(200, 'OK', {
      at: 4,
      from: '127.0.0.1:40002',
      to: '127.0.0.1:40001',
      cseq: '7 BYE',
      fromTag: 'p1',
      toTag: 'u1',
    }),
  ]);
  expect(linesOf(conversation)).toEqual([
    'sent INVITE',
    'received 200',
    'sent ACK',
    'received BYE',
    'sent 200',
  ]);
});

test.each([
  ['from the very port of ours', edgeResponse(408, 'Timer B', { at: 1 })],
  ['from another port of our address', edgeResponse(408, 'Timer B', { at: 1, from: '192.0.2.10:5080' })],
])("our edge's response is internal, %s", (_, edge) => {
  expect(linesOf(readConversation([request('INVITE', { at: 0 }), edge]))).toEqual([
    'sent INVITE',
    'internal 408',
  ]);
  expect(linesOf(readConversation([edge]))).toEqual(['internal 408']);
});

test('a proxy of ours that passes the INVITE on is ours, and the attempt is the one beyond it', () => {
  const server = '10.0.0.5:5060';
  const edge = '192.0.2.10:5060';
  const conversation = readConversation([
    request('INVITE', { at: 0, from: server, to: edge, branch: 'z9hG4bKinner' }),
    request('INVITE', { at: 1, from: edge }),
    response(486, 'Busy Here', { at: 2, to: edge }),
    response(486, 'Busy Here', { at: 3, from: edge, to: server, branch: 'z9hG4bKinner' }),
  ]);
  expect(linesOf(conversation)).toEqual(['internal INVITE', 'sent INVITE', 'received 486', 'internal 486']);
  expect(conversation.attempts.map((attempt) => finalOf(attempt)?.direction)).toEqual([
    'internal',
    'received',
  ]);
  // Its address is ours with every port.
  expect(conversation.isOurs('192.0.2.10:5080')).toBe(true);
  expect(conversation.isOurs('203.0.113.5:5060')).toBe(false);
});

test('responses without their INVITE are an attempt, and those to a re-INVITE are not', () => {
  expect(readConversation([response(486, 'Busy Here', { at: 1 })]).attempts).toHaveLength(1);
  const { attempts } = readConversation([
    request('INVITE', { at: 0 }),
    response(200, 'OK', { at: 1 }),
    request('INVITE', { at: 2, toTag: 'p1', cseq: '2 INVITE', branch: 'z9hG4bK2' }),
    response(488, 'Not Acceptable Here', { at: 3, cseq: '2 INVITE', branch: 'z9hG4bK2' }),
  ]);
  expect(attempts.map((attempt) => finalOf(attempt)?.status)).toEqual([200]);
});

test('messages of a call that was set up before the capture began are not an attempt', () => {
  const messages = [
    request('INVITE', { at: 2, toTag: 'p1', cseq: '2 INVITE', branch: 'z9hG4bK2' }),
    response(488, 'Not Acceptable Here', { at: 3, cseq: '2 INVITE', branch: 'z9hG4bK2' }),
  ];
  expect(readConversation(messages).attempts).toEqual([]);
});

test('a response whose branch was changed on the way still belongs to its INVITE', () => {
  const messages = [request('INVITE', { at: 0 }), response(486, 'Busy Here', { at: 1, branch: 'other' })];
  expect(readConversation(messages).attempts.map((attempt) => finalOf(attempt)?.status)).toEqual([486]);
});

test('a call that comes back to us through the provider is not an attempt of ours', () => {
  const back = { callId: 'other', fromTag: 'x1', branch: 'z9hG4bKother', cseq: '1 INVITE' };
  const conversation = readConversation([
    request('INVITE', { at: 0 }),
    request('INVITE', { at: 1, from: PROVIDER, to: '192.0.2.10:5060', ...back }),
    response(486, 'Busy Here', { at: 2, from: '192.0.2.10:5060', to: PROVIDER, ...back }),
    response(486, 'Busy Here', { at: 3 }),
  ]);
  expect(linesOf(conversation)).toEqual(['sent INVITE', 'received INVITE', 'sent 486', 'received 486']);
  expect(conversation.attempts).toHaveLength(1);
});
