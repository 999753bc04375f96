import { randomInt } from 'node:crypto';

/** Returns the seed in FAULTS_SEED, or a new one. A test prints it, so that its choices can be repeated. */
export function chosenSeed(): number {
  return Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 31));
}

/** Returns a source of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
