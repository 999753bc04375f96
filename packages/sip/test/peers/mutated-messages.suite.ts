import { expect, test } from 'vitest';
import { sendMutatedMessages } from '../mutated-messages.ts';

const COUNT = 100_000;

test(`of ${COUNT} mutated messages none raises an exception or leaves no trace`, {
  timeout: 580_000,
}, async () => {
  expect(await sendMutatedMessages(COUNT, 2_026)).toEqual({
    sent: COUNT,
    lost: [],
    errors: [],
    stillCalls: true,
  });
});
