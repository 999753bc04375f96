import type { CallCapture } from '@provider-call/sip/call-capture';
import { describe, expect, test } from 'vitest';
import { createCallRecords } from '../src/call-records.ts';
import type { DialEvents, Dialer } from '../src/dialer.ts';
import { createLiveCalls } from '../src/live-calls.ts';
import { type Call, endedCall } from '../src/records/call.ts';
import type { CallDocument } from '../src/records/call-request.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { BEGINNING, newCall, provider } from './platform-under-test.ts';

const NOW = '2026-04-21 23:15:00.000000';

/** Live calls on a store, whose far ends do what the test says. */
function liveCalls(onWrite?: (when: 'before' | 'after') => void) {
  const clock = createVirtualClock(BEGINNING);
  const records = createCallRecords(createMemoryDocumentStore(onWrite));
  const dials: { events: DialEvents; capture: CallCapture }[] = [];
  const sent: string[] = [];
  const errors: unknown[] = [];
  const dialer: Dialer = {
    dial: ({ capture }, events) => {
      dials.push({ events, capture });
      return { hangup: () => {} };
    },
    close: async () => {},
  };
  const runner = createLiveCalls({
    clock,
    dialer,
    records,
    webhooks: { send: (event, { id }) => sent.push(`${event} ${id.at(-1)}`), close: async () => {} },
    dialTimeoutMs: 60_000,
    maxDurationMs: 60_000,
    onError: (error) => errors.push(error),
  });
  return { clock, records, runner, dials, sent, errors };
}

function documentOf(call: Call): CallDocument {
  return {
    call,
    request_id: 'key-1',
    written_by: 'this process',
    hangup_asked_at: null,
  };
}

/** Starts a call that is stored, as the call manager does. */
async function start({ records, runner, dials }: ReturnType<typeof liveCalls>, changes: Partial<Call> = {}) {
  const call = newCall(changes);
  const document = documentOf(call);
  await records.calls.insert(document);
  const route = { id: 'r', customer_id: 'c', provider_id: provider().id, priority: 0, target: 'all' };
  runner.start(
    { call, anonymous: '', actions: null, candidates: [{ route, provider: provider() }] },
    document,
  );
  const dial = dials.at(-1);
  if (dial === undefined) throw new Error('the call was not dialled');
  return { ...dial, document };
}

test('what was captured is stored with each status, so that it outlives a killed process', async () => {
  const live = liveCalls();
  const { events, capture, document } = await start(live);
  capture.note('before the ringing');
  events.ringing();
  await live.runner.current(document);
  const { id } = document.call;
  expect((await live.records.analyses.get(id))?.analysis.notes?.map(({ text }) => text)).toEqual([
    'before the ringing',
  ]);
  expect((await live.records.events.get(id))?.events.map(({ event_type }) => event_type)).toEqual([
    'call_created',
    'call_dialing',
    'call_ringing',
  ]);
});

test('what is captured after the end is stored too, and read', async () => {
  const live = liveCalls();
  const { events, capture, document } = await start(live);
  events.ended({ by: 'local', reason: 'cancel' });
  expect((await live.runner.current(document)).status).toBe('hangup');
  capture.note('a late 200');
  capture.note('its BYE');
  const analysis = await live.runner.analysisOf(document);
  expect(analysis?.notes?.map(({ text }) => text)).toEqual(['a late 200', 'its BYE']);
});

test('an outcome reported before the close is stored by it, one reported afterwards is not', async () => {
  const live = liveCalls();
  const first = await start(live);
  const second = await start(live, { id: 'c0000000-0000-4000-8000-000000000002' });
  first.events.ended({ by: 'local', reason: 'cancel' });
  await live.runner.close();
  second.events.ended({ by: 'local', reason: 'cancel' });
  expect((await live.records.calls.get(first.document.call.id))?.call).toMatchObject({
    status: 'hangup',
    hangup_reason: 'cancel',
  });
  expect((await live.records.calls.get(second.document.call.id))?.call.status).toBe('dialing');
});

test('a write that fails is reported, and the call goes on', async () => {
  let broken = false;
  const live = liveCalls((when) => {
    if (broken && when === 'before') throw new Error('no disk');
  });
  const { events, document } = await start(live);
  broken = true;
  events.ringing();
  await live.runner.close();
  expect(live.errors).toEqual([new Error('no disk')]);
  expect(live.sent).toEqual(['call_created 1', 'call_dialing 1', 'call_ringing 1']);
  expect((await live.records.calls.get(document.call.id))?.call.status).toBe('dialing');
});

describe('recovery', () => {
  test('ends the calls of an earlier process, keeps what was captured, and reports the end', async () => {
    const live = liveCalls();
    const { events, capture, document } = await start(live);
    capture.note('before the crash');
    events.ringing();
    await live.runner.close();

    const sent: string[] = [];
    const clock = createVirtualClock(BEGINNING + 60_000);
    const later = createLiveCalls({
      clock,
      dialer: { dial: () => ({ hangup: () => {} }), close: async () => {} },
      records: live.records,
      webhooks: { send: (event) => sent.push(event), close: async () => {} },
      dialTimeoutMs: 60_000,
      maxDurationMs: 60_000,
      onError: () => {},
    });
    await later.recover();
    const ringing = { ...document.call, status: 'ringing' as const, tm_ringing: NOW };
    expect(await later.current(document)).toEqual({
      ...endedCall(ringing, '2026-04-21 23:16:00.000000'),
      dialroute_id: 'r',
    });
    expect((await later.analysisOf(document))?.notes?.map(({ text }) => text)).toEqual(['before the crash']);
    expect((await later.eventsOf(document)).map(({ event_type }) => event_type)).toEqual([
      'call_created',
      'call_dialing',
      'call_ringing',
      'call_hangup',
    ]);
    expect(sent).toEqual(['call_hangup']);
  });

  test('does not change a call that has ended', async () => {
    const live = liveCalls();
    const { events, document } = await start(live);
    events.ended({ by: 'remote', reason: 'busy' });
    const ended = await live.runner.current(document);
    await live.runner.recover();
    expect(await live.runner.current(document)).toEqual(ended);
    expect(live.sent).toEqual(['call_created 1', 'call_dialing 1', 'call_hangup 1']);
  });
});
