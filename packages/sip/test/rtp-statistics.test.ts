import { expect, test } from 'vitest';
import { ReceivedStream } from '../src/rtp-statistics.ts';

/** A stream of these sequence numbers, 20 ms apart. */
function streamOf(sequences: number[]): ReceivedStream {
  const [first] = sequences;
  if (first === undefined) throw new Error('an empty stream');
  const stream = new ReceivedStream(1, first, 8_000);
  sequences.forEach((sequence, index) => {
    stream.add(sequence, index * 160, index * 20);
  });
  return stream;
}

test.each([
  ['in order', [1, 2, 3], 3, 0],
  ['with a gap', [1, 2, 5], 5, 2],
  ['across the wrap', [65_534, 65_535, 0, 2], 5, 1],
  ['out of order', [1, 3, 2, 4], 4, 0],
  ['with a duplicate', [1, 2, 2, 3], 3, -1],
  ['out of order across the wrap', [65_535, 1, 0, 2], 4, 0],
])(
  'a stream %s has as many packets expected and lost as RFC 3550 A.3 says',
  (_what, sequences, expected, lost) => {
    const stream = streamOf(sequences);
    expect([stream.expected, stream.lost, stream.packets]).toEqual([expected, lost, sequences.length]);
  },
);

test('the jitter of an even stream is 0, also when its timestamps wrap', () => {
  const stream = new ReceivedStream(1, 1, 8_000);
  stream.add(1, 2 ** 32 - 160, 0);
  stream.add(2, 0, 20);
  stream.add(3, 160, 40);
  expect(stream.jitterMs).toBeCloseTo(0, 6);
});

test('the jitter follows RFC 3550 A.8', () => {
  const stream = new ReceivedStream(1, 1, 8_000);
  // Arrivals 0, 25, 40 and 60 ms instead of 0, 20, 40, 60: differences of 5, 5 and 0 ms.
  for (const [index, arrival] of [0, 25, 40, 60].entries()) stream.add(index + 1, index * 160, arrival);
  const after = (jitter: number, difference: number) => jitter + (difference - jitter) / 16;
  expect(stream.jitterMs).toBeCloseTo(after(after(after(0, 5), 5), 0), 9);
});
