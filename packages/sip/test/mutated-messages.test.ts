import { expect, test } from 'vitest';
import { sendMutatedMessages } from './mutated-messages.ts';

// `npm run test:sip` sends 100,000.
test('of 3,000 mutated messages none raises an exception or leaves no trace', async () => {
  expect(await sendMutatedMessages(3_000, 3_261)).toEqual({
    sent: 3_000,
    lost: [],
    errors: [],
    stillCalls: true,
  });
});
