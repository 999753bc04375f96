import { expect, test } from 'vitest';
import { hangupReasonOf } from '../src/call-end.ts';

test.each([
  ['normal', [200, 202]],
  ['busy', [486, 600]],
  ['no_answer', [408, 480, 603]],
  ['failed', [301, 302, 400, 401, 403, 404, 407, 410, 484, 487, 488, 500, 503, 504, 604, 606]],
])('the hangup reason %s follows from its statuses', (reason, statuses) => {
  expect(statuses.map(hangupReasonOf)).toEqual(statuses.map(() => reason));
});
