import { expect, test } from 'vitest';
import { sendMutatedMessages } from './mutated-messages.ts';

// `npm run test:sip` sends 100,000.
test('of 1,500 mutated messages none raises an exception or leaves no trace', async () => {
  const { lost, sent } = await sendMutatedMessages(1_500, 3_261);
  expect(sent).toBe(1_500);
  expect(lost).toEqual([]);
});
