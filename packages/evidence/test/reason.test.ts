import { expect, test } from 'vitest';
import { q850CauseOf, reasonsOf } from '../src/reason.ts';

function reasons(...values: string[]) {
  return reasonsOf({ headers: values.map((value) => ({ name: 'reason', value })) });
}

test.each([
  ['Q.850;cause=17', { protocol: 'Q.850', cause: 17, text: undefined }],
  ['Q.850 ; cause = 17 ; text = "busy"', { protocol: 'Q.850', cause: 17, text: 'busy' }],
  ['q850;text="a;b, c\\"d";cause=16', { protocol: 'Q.850', cause: 16, text: 'a;b, c"d' }],
  [
    'SIP;cause=200;text="Call completed elsewhere"',
    { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  ],
  ['X;cause=many', { protocol: 'X', cause: undefined, text: undefined }],
  ['', { protocol: '', cause: undefined, text: undefined }],
  ['SIP;text="Terminé', { protocol: 'SIP', cause: undefined, text: 'Terminé' }],
])('the Reason %s is read', (value, reason) => {
  expect(reasons(value)).toEqual([reason]);
});

test('several reasons are read, in one header or more', () => {
  expect(reasons('SIP;cause=480, Q.850;cause=18', 'preemption;cause=1').map(({ cause }) => cause)).toEqual([
    480, 18, 1,
  ]);
});

test.each([
  ['SIP;cause=480, Q.850;cause=18', 18],
  ['Q.850;text="busy", Q.850;cause=17', 17],
  ['SIP;cause=200;text="Q.850;cause=17"', undefined],
  ['', undefined],
])('the telephone network’s cause in the Reason %s is %s', (value, cause) => {
  expect(q850CauseOf({ headers: [{ name: 'reason', value }] })).toBe(cause);
});
