import { expect, test } from 'vitest';
import { readConversation } from '../src/conversation.ts';
import { stepsOf } from '../src/steps.ts';
import { request, response, timestampAt } from './sip-messages.ts';

test('steps contain everything that a drawing of the ladder needs', () => {
  const messages = [
    response(503, 'Service Unavailable', { at: 1_520, headers: ['Retry-After: 30'], transport: 'TCP' }),
    request('INVITE', { at: 0 }),
    request('INVITE', { at: 500 }),
  ];
  const notes = [
    { timestamp: timestampAt(10), text: 'The header "X-A" was skipped.' },
    { timestamp: '', text: 'Without a time.' },
  ];
  const start = 1_776_813_300_000_000;
  expect(stepsOf(readConversation(messages), notes)).toEqual([
    {
      time: start,
      sinceStartMs: 0,
      direction: 'sent',
      from: '192.0.2.10:5060',
      to: '203.0.113.5:5060',
      fromUs: true,
      toUs: false,
      label: 'INVITE',
      cseq: '1 INVITE',
      transport: 'UDP',
      retransmissions: 1,
      message: 1,
      notes: [],
    },
    {
      time: start + 10_000,
      sinceStartMs: 10,
      direction: 'note',
      fromUs: true,
      toUs: true,
      label: 'The header "X-A" was skipped.',
      retransmissions: 0,
      notes: [],
    },
    {
      direction: 'note',
      fromUs: true,
      toUs: true,
      label: 'Without a time.',
      retransmissions: 0,
      notes: [],
    },
    {
      time: start + 1_520_000,
      sinceStartMs: 1_520,
      direction: 'received',
      from: '203.0.113.5:5060',
      to: '192.0.2.10:5060',
      fromUs: false,
      toUs: true,
      label: '503 Service Unavailable',
      cseq: '1 INVITE',
      transport: 'TCP',
      retransmissions: 0,
      message: 0,
      notes: ['Retry-After: 30'],
    },
  ]);
});
