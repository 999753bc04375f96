import { describe, expect, test } from 'vitest';
import { NIL_UUID } from '../../../functions/uuid.ts';
import { createCallEngine, type Evidence } from '../src/call-engine.ts';
import type { DialAttempt, DialEvents } from '../src/dialer.ts';
import type { Call } from '../src/records/call.ts';
import type { PlannedCall } from '../src/records/call-request.ts';
import type { CallEvent } from '../src/records/timeline.ts';
import { defaultSeed } from '../src/seed.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { BEGINNING, newCall } from './platform-under-test.ts';

const providers = defaultSeed().providers.slice(0, 2);
const CALL_ID = 'c0000000-0000-4000-8000-000000000001';

function planned(changes: Partial<PlannedCall> = {}): PlannedCall {
  return {
    anonymous: 'auto',
    actions: null,
    candidates: providers.map((provider, priority) => ({
      provider,
      route: { id: provider.id, customer_id: NIL_UUID, provider_id: provider.id, priority, target: 'all' },
    })),
    call: newCall({ id: CALL_ID }),
    ...changes,
  };
}

/** An engine whose far end does what the test says, in whatever order. */
function underTest(dial?: () => never) {
  const clock = createVirtualClock(BEGINNING);
  const dials: { attempt: DialAttempt; events: DialEvents; hangups: number }[] = [];
  const events: CallEvent[] = [];
  let call: Call | undefined;
  let evidence: Evidence | undefined;
  const late: number[] = [];
  const engine = createCallEngine({
    clock,
    dialTimeoutMs: 60_000,
    maxDurationMs: 3_600_000,
    onEvent: (event, changed, latest) => {
      events.push(event);
      call = changed;
      evidence = latest;
    },
    onLateCapture: (_call, latest) => late.push(latest()?.notes?.length ?? 0),
    dialer: {
      dial: (attempt, dialEvents) => {
        dial?.();
        const one = { attempt, events: dialEvents, hangups: 0 };
        dials.push(one);
        return {
          hangup: () => {
            one.hangups += 1;
          },
        };
      },
      close: async () => {},
    },
  });
  const farEnd = (index = 0): DialEvents => {
    const one = dials[index];
    if (one === undefined) throw new Error(`dial ${index} has not happened`);
    return one.events;
  };
  return {
    clock,
    engine,
    events,
    dials,
    farEnd,
    call: () => call,
    notes: () => (evidence?.()?.notes ?? []).map(({ text }) => text),
    late,
  };
}

describe('a status only moves forward', () => {
  test('also when the far end rings after the answer, and answers twice', () => {
    const { engine, farEnd, events } = underTest();
    engine.start(planned());
    farEnd().answered();
    farEnd().ringing();
    farEnd().answered();
    expect(events).toEqual(['call_created', 'call_dialing', 'call_progressing']);
  });

  test('when the answer crosses our cancel', () => {
    const { engine, farEnd, events, call } = underTest();
    engine.start(planned({ actions: [{ type: 'hangup' }] }));
    engine.hangup(CALL_ID);
    farEnd().ringing();
    farEnd().answered();
    farEnd().ended({ by: 'local', reason: 'cancel' });
    expect(events).toEqual(['call_created', 'call_dialing', 'call_canceling', 'call_hangup']);
    expect(call()?.tm_progressing).toBeNull();
  });

  test('when it is hung up twice', () => {
    const { engine, farEnd, events, dials } = underTest();
    engine.start(planned());
    farEnd().answered();
    engine.hangup(CALL_ID);
    engine.hangup(CALL_ID);
    farEnd().ended({ by: 'local', reason: 'normal' });
    engine.hangup(CALL_ID);
    expect(events.slice(2)).toEqual(['call_progressing', 'call_terminating', 'call_hangup']);
    expect(dials[0]?.hangups).toBe(1);
  });
});

describe('the next provider', () => {
  test('is tried when one fails, and the call keeps that it has rung', () => {
    const { engine, farEnd, events, dials, call } = underTest();
    engine.start(planned());
    farEnd(0).ringing();
    farEnd(0).ended({ by: 'remote', reason: 'failed', sipStatus: 503 });
    farEnd(1).ringing();
    farEnd(1).answered();
    expect(dials.map(({ attempt }) => attempt.provider.id)).toEqual(providers.map(({ id }) => id));
    expect(events).toEqual(['call_created', 'call_dialing', 'call_ringing', 'call_progressing']);
    expect(call()?.dialroute_id).toBe(providers[1]?.id);
  });

  test.each(['busy', 'no_answer', 'dialout'] as const)('is not tried when the phone is %s', (reason) => {
    const { engine, farEnd, dials, call } = underTest();
    engine.start(planned());
    farEnd().ended({ by: 'remote', reason });
    expect([dials.length, call()?.hangup_reason]).toEqual([1, reason]);
  });

  test('is not tried for a call that was cancelled or answered', () => {
    for (const before of ['hung up', 'answered']) {
      const { engine, farEnd, dials, call } = underTest();
      engine.start(planned());
      if (before === 'answered') farEnd().answered();
      else engine.hangup(CALL_ID);
      farEnd().ended({ by: 'remote', reason: 'failed' });
      expect([dials.length, call()?.status]).toEqual([1, 'hangup']);
    }
  });

  test('is hung up, not the one that failed before it', () => {
    const { engine, farEnd, dials } = underTest();
    engine.start(planned());
    farEnd(0).ended({ by: 'remote', reason: 'failed' });
    engine.hangup(CALL_ID);
    expect(dials.map(({ hangups }) => hangups)).toEqual([0, 1]);
  });
});

test('a dialer that throws ends the call as failed', () => {
  const { engine, clock, call, notes } = underTest(() => {
    throw new Error('no socket');
  });
  engine.start(planned());
  clock.advanceTo(clock.now() + 1);
  expect(call()).toMatchObject({ status: 'hangup', hangup_by: 'local', hangup_reason: 'failed' });
  expect(notes()).toEqual([
    'Not dialled: no socket',
    'The provider failed; the next one is tried.',
    'Not dialled: no socket',
  ]);
});

test('the codecs of the metadata replace those of the provider', () => {
  const { engine, dials } = underTest();
  const { call } = planned();
  engine.start(planned({ call: { ...call, metadata: { codecs: 'G722' } } }));
  expect(dials[0]?.attempt.provider.codecs).toBe('G722');
});

test('a flow stops with its call', () => {
  const { engine, farEnd, clock, dials, notes } = underTest();
  engine.start(planned({ actions: [{ type: 'sleep', option: { duration: 1000 } }] }));
  farEnd().answered();
  farEnd().ended({ by: 'remote', reason: 'normal' });
  clock.advanceTo(clock.now() + 5000);
  expect([dials[0]?.hangups, notes()]).toEqual([0, ['sleep: 1000 ms']]);
});

test('all attempts of a call share one capture, which is reported again when something is captured after the end', () => {
  const { engine, farEnd, dials, notes, late } = underTest();
  engine.start(planned());
  dials[0]?.attempt.capture.note('first');
  farEnd(0).ended({ by: 'remote', reason: 'failed', sipStatus: 503 });
  dials[1]?.attempt.capture.note('second');
  expect(late).toEqual([]);
  farEnd(1).ended({ by: 'remote', reason: 'busy' });
  dials[0]?.attempt.capture.note('a late 200');
  expect(notes()).toEqual(['first', 'The provider failed; the next one is tried.', 'second', 'a late 200']);
  expect(late).toEqual([4]);
});

test('only a live call has evidence', () => {
  const { engine, dials, farEnd } = underTest();
  engine.start(planned());
  expect(engine.evidenceOf(CALL_ID)?.()).toBeUndefined();
  dials[0]?.attempt.capture.note('first');
  expect(
    engine
      .evidenceOf(CALL_ID)?.()
      ?.notes?.map(({ text }) => text),
  ).toEqual(['first']);
  farEnd().ended({ by: 'remote', reason: 'busy' });
  expect(engine.evidenceOf(CALL_ID)).toBeUndefined();
});
