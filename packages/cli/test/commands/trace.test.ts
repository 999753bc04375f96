import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pcapOf } from '@provider-call/evidence';
import { expect, test } from 'vitest';
import { traceCalls } from '../../src/commands/trace.ts';
import { apiError, BUSY_CALL, busyMessages, IDS, sessionUnderTest } from '../session-under-test.ts';

const replies = {
  [`GET /calls/${IDS.call}`]: BUSY_CALL,
  [`GET /timelines/calls/${IDS.call}/sip-analysis`]: busyMessages,
};

test('a trace consists of summary, verdict and ladder', async () => {
  const session = sessionUnderTest(replies);
  expect(await traceCalls(session, { id: IDS.call })).toBe(0);
  expect(session.printed[0]).toBe(`+821012345678  busy, 486 Busy Here  (call ${IDS.call})`);
  expect(session.printed[2]).toMatch(/127\.0\.0\.1:5060[\s\S]*INVITE[\s\S]*486 Busy Here/);
});

test('--raw prints whole messages, which cannot control the terminal', async () => {
  const [first] = busyMessages.sip_messages;
  const session = sessionUnderTest({
    ...replies,
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: {
      sip_messages: [{ ...first, raw: 'INVITE\u001b[2J\r\nVia: x\r\n\r\n' }],
    },
  });
  await traceCalls(session, { id: IDS.call, raw: true });
  expect(session.printed[2]).toBe(
    '--- 2026-04-21T23:15:00.000000Z  127.0.0.1:5060 -> 127.0.0.1:5070\nINVITE\\u001b[2J\nVia: x',
  );
});

test('--pcap writes the capture to the file that was named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const file = join(folder, 'call.pcap');
  const session = sessionUnderTest(replies);
  expect(await traceCalls(session, { id: IDS.call, pcap: file })).toBe(0);
  expect(new Uint8Array(await readFile(file))).toEqual(pcapOf(busyMessages.sip_messages));
  expect(session.notes).toEqual([`2 messages written to ${file}`]);
  await rm(folder, { recursive: true });
});

test('--pcap puts the messages in order of time, however many decimal places they have', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const file = join(folder, 'call.pcap');
  const [message] = busyMessages.sip_messages;
  // Go leaves out trailing zeros: sorted as text, the first of these would be the last of that second.
  const inOrder = [
    '2026-04-21T23:15:00Z',
    '2026-04-21T23:15:00.1Z',
    '2026-04-21T23:15:00.10000Z',
    '2026-04-21T23:15:00.100001Z',
    '',
    '2026-04-22T08:15:00.2+09:00',
  ].map((timestamp, index) => ({ ...message, timestamp, raw: `MESSAGE ${index}` }));
  const [first, second, third, fourth, fifth, sixth] = inOrder;
  const session = sessionUnderTest({
    ...replies,
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: {
      sip_messages: [sixth, second, third, fourth, fifth, first],
    },
  });
  await traceCalls(session, { id: IDS.call, pcap: file });
  const text = await readFile(file, 'latin1');
  expect(text.match(/MESSAGE \d/g)).toEqual(inOrder.map(({ raw }) => raw));
  await rm(folder, { recursive: true });
});

test('a capture that cannot be written is reported in one line', async () => {
  await expect(
    traceCalls(sessionUnderTest(replies), { id: IDS.call, pcap: '/nowhere/x.pcap' }),
  ).rejects.toMatchObject({
    exitCode: 2,
    message: '/nowhere/x.pcap cannot be written (ENOENT)',
  });
});

test('a call of which nothing was captured is reported as such', async () => {
  const nothing = { [`GET /calls/${IDS.call}`]: BUSY_CALL };
  const session = sessionUnderTest(nothing);
  await traceCalls(session, { id: IDS.call });
  expect(session.printed[2]).toBe('no messages of this call were captured');
  await expect(traceCalls(sessionUnderTest(nothing), { id: IDS.call, pcap: 'x' })).rejects.toMatchObject({
    exitCode: 2,
  });
});

test('a trace whose messages cannot be read fails', async () => {
  const session = sessionUnderTest({
    ...replies,
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: apiError(503, 'SERVICE_UNAVAILABLE'),
  });
  await expect(traceCalls(session, { id: IDS.call })).rejects.toMatchObject({ httpStatus: 503 });
  expect(session.printed).toEqual([]);
});

test('a trace as JSON also has the messages', async () => {
  const session = sessionUnderTest(replies);
  await traceCalls(session, { id: IDS.call, json: true });
  expect(JSON.parse(session.printed.join('\n'))).toMatchObject({
    calls: [
      {
        call: { id: IDS.call },
        analysis: { failure: 'busy' },
        messages: { sip_messages: [{ method: 'INVITE' }, { method: '486' }] },
      },
    ],
  });
});
