import { expect, test } from 'vitest';
import { outcomeOf, worstFailure } from '../src/worst-failure.ts';
import { analyzeScenario } from './scenarios.ts';

const ORDER = [
  'still ringing',
  'closed port',
  'wrong password',
  'not allowed to call',
  'cancelled while ringing',
  'busy',
  'answered, ended by us',
];

test.each(ORDER.slice(0, -1).map((name, at) => [name, ORDER.slice(at)]))(
  'of calls that are at most as bad as one %s, that one is the worst',
  (name, names) => {
    const analyses = names.toReversed().map(analyzeScenario);
    expect(worstFailure(analyses)).toBe(outcomeOf(analyzeScenario(name)));
  },
);

test.each([
  ['no call', [], 'none'],
  ['a call of which nothing is known', [undefined], 'unknown'],
  ['the first of equally bad ones', [analyzeScenario('busy'), analyzeScenario('declined')], 'busy'],
  ['all answered', [analyzeScenario('answered, ended by us'), analyzeScenario('in progress')], 'none'],
])('%s determines the worst failure', (_, analyses, worst) => {
  expect(worstFailure(analyses)).toBe(worst);
});
