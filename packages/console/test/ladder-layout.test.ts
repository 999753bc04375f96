import type { Step } from '@provider-call/evidence';
import { describe, expect, test } from 'vitest';
import { describeRung, layOutLadder } from '../src/page/ladder-layout.ts';

const OURS = '192.0.2.1:5060';
const CARRIER = '198.51.100.7:5060';
const SECOND = '203.0.113.9:5080';

function sent(label: string, sinceStartMs: number, to = CARRIER): Step {
  return {
    ...{ sinceStartMs, direction: 'sent', from: OURS, to, fromUs: true, toUs: false },
    ...{ label, cseq: '1 INVITE', retransmissions: 0, message: 0, notes: [] },
  };
}

function received(label: string, sinceStartMs: number): Step {
  return {
    ...sent(label, sinceStartMs),
    direction: 'received',
    from: CARRIER,
    to: OURS,
    fromUs: false,
    toUs: true,
  };
}

const NOTE: Step = {
  ...{
    direction: 'note',
    fromUs: true,
    toUs: true,
    label: 'The next provider',
    retransmissions: 0,
    notes: [],
  },
};

describe('layOutLadder', () => {
  test('places us on the left, the peer on the right, and rows one below the other', () => {
    const { lanes, rungs, width, height } = layOutLadder(
      [sent('INVITE', 0), received('180 Ringing', 312)],
      600,
    );
    expect(lanes).toEqual([
      { name: 'platform', x: 92 },
      { name: CARRIER, x: 586 },
    ]);
    expect(rungs.map(({ fromX, toX, y, sincePreviousMs }) => ({ fromX, toX, y, sincePreviousMs }))).toEqual([
      { fromX: 92, toX: 586, y: 63, sincePreviousMs: undefined },
      { fromX: 586, toX: 92, y: 109, sincePreviousMs: 312 },
    ]);
    expect({ width, height }).toEqual({ width: 600, height: 132 });
  });

  test('folds retransmissions into the label', () => {
    const [rung] = layOutLadder([{ ...sent('INVITE', 0), retransmissions: 6 }], 600).rungs;
    expect(rung?.label).toBe('INVITE ×7');
  });

  test('the ladder has a lane for each peer, and grows wider than the screen for them', () => {
    const { lanes, width } = layOutLadder([sent('INVITE', 0), sent('INVITE', 500, SECOND)], 320);
    expect(lanes.map(({ name }) => name)).toEqual(['platform', CARRIER, SECOND]);
    expect(width).toBeGreaterThan(320);
  });

  test('keeps a note and a message from us to ourselves on our lane', () => {
    const internal: Step = { ...received('503 Service Unavailable', 3), direction: 'internal', fromUs: true };
    // The first step makes the carrier's address a lane; here the edge responds in its place.
    for (const rung of layOutLadder([sent('INVITE', 0), NOTE, internal], 600).rungs.slice(1)) {
      expect({ fromX: rung.fromX, toX: rung.toX }).toEqual({ fromX: 92, toX: 92 });
    }
  });

  test('returns an empty ladder for no steps', () => {
    expect(layOutLadder([], 600)).toMatchObject({ lanes: [{ name: 'platform' }], rungs: [] });
  });
});

test.each([
  [sent('INVITE', 0), `INVITE (1 INVITE) at 0.000 s from the platform to ${CARRIER}`],
  [received('486 Busy Here', 312), `486 Busy Here (1 INVITE) at 0.312 s from ${CARRIER} to the platform`],
  [
    { ...sent('INVITE', 0), retransmissions: 2 },
    `INVITE ×3 (1 INVITE) at 0.000 s from the platform to ${CARRIER}`,
  ],
  [NOTE, 'The next provider'],
])('a rung is described as a sentence (%#)', (step, sentence) => {
  const [rung] = layOutLadder([step], 600).rungs;
  expect(rung && describeRung(rung)).toBe(sentence);
});
