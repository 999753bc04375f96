import { expect, test } from 'vitest';
import { explainSipStatus } from '../src/explain-sip-status.ts';

test.each([
  [180, 'Ringing', 'RFC 3261 §21.1.2'],
  [183, 'Session Progress', 'RFC 3261 §21.1.5'],
  [200, 'OK', 'RFC 3261 §21.2.1'],
  [380, 'Alternative Service', 'RFC 3261 §21.3.5'],
  [403, 'Forbidden', 'RFC 3261 §21.4.4'],
  [478, 'Unresolvable Destination', 'Kamailio, TM module'],
  [486, 'Busy Here', 'RFC 3261 §21.4.24'],
  [493, 'Undecipherable', 'RFC 3261 §21.4.28'],
  [513, 'Message Too Large', 'RFC 3261 §21.5.7'],
  [606, 'Not Acceptable', 'RFC 3261 §21.6.4'],
  [608, 'Rejected', 'RFC 8688'],
  [499, 'Request Failure', 'RFC 3261 §8.1.3.2'],
])('%i is %s by %s', (status, name, source) => {
  expect(explainSipStatus(status)).toMatchObject({ name, source });
});

test.each([0, 99, 700, -486, 486.5, Number.NaN, Number.POSITIVE_INFINITY])('%s is not a status', (status) => {
  expect(explainSipStatus(status)).toBeUndefined();
});

test('every status is explained in one sentence with its source', () => {
  for (let status = 100; status < 700; status += 1) {
    const explanation = explainSipStatus(status);
    expect(explanation?.text, String(status)).toMatch(/^[A-Z][^.]*\.$/);
    expect(explanation?.source, String(status)).toMatch(/^(?:RFC \d{4}|Kamailio)/);
  }
});
