import { expect, test } from 'vitest';
import { explainQ850 } from '../src/explain-q850.ts';

test.each([
  [1, 'Unallocated (unassigned) number'],
  [16, 'Normal call clearing'],
  [17, 'User busy'],
  [34, 'No circuit/channel available'],
  [127, 'Interworking, unspecified'],
])('cause %i is %s', (cause, name) => {
  expect(explainQ850(cause)).toMatchObject({ name, source: `ITU-T Q.850 cause ${cause}` });
});

test.each([0, 10, 128, -1, 1.5])('%s is not a cause', (cause) => {
  expect(explainQ850(cause)).toBeUndefined();
});

test('every cause is explained in one sentence', () => {
  const causes = Array.from({ length: 128 }, (_, cause) => explainQ850(cause)).filter(
    (found) => found !== undefined,
  );
  expect(causes).toHaveLength(69);
  for (const { name, text } of causes) expect(text, name).toMatch(/^[A-Z][^.]*\.$/);
});
