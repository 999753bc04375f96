import { afterAll, beforeAll, describe } from 'vitest';
import { type JourneySystem, startJourneySystem } from './journey-system.ts';
import { specificationTutorial } from './specification-tutorial.ts';

/* One started system for all journeys: starting it takes longer than walking through it. */

let started: JourneySystem | undefined;
const system = (): JourneySystem => {
  if (started === undefined) throw new Error('the system has not started');
  return started;
};

beforeAll(async () => {
  started = await startJourneySystem();
});
afterAll(async () => {
  await started?.close();
});

describe("the specification's curl commands", () => specificationTutorial(system));
