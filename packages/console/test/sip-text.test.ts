import { describe, expect, test } from 'vitest';
import { explainField, explainStartLine, isAskedAbout, splitMessage } from '../src/page/sip-text.ts';

describe('splitMessage', () => {
  test('splits start line, headers and body, and joins folded lines', () => {
    expect(
      splitMessage(
        'SIP/2.0 486 Busy Here\r\nReason: Q.850;\r\n cause=17\r\nTo: <sip:a@b>\r\n\r\nv=0\r\n\r\nx',
      ),
    ).toEqual({
      startLine: 'SIP/2.0 486 Busy Here',
      headers: [
        { name: 'Reason', value: 'Q.850; cause=17' },
        { name: 'To', value: '<sip:a@b>' },
      ],
      body: 'v=0\r\n\r\nx',
    });
  });

  test('whatever is malformed stays visible', () => {
    expect(splitMessage('garbage\nno colon here\n: empty name')).toEqual({
      startLine: 'garbage',
      headers: [
        { name: 'no colon here', value: '' },
        { name: '', value: 'empty name' },
      ],
      body: '',
    });
    expect(splitMessage('')).toEqual({ startLine: '', headers: [], body: '' });
  });
});

test.each(['Reason', 'warning', 'P-Asserted-Identity', 'PRIVACY'])('%s has an explanation', (name) => {
  expect(isAskedAbout(name)).toBe(true);
  expect(explainField({ name, value: '' })).toMatch(/RFC \d+/);
});

test('Via is not explained at once, and an unknown header has no explanation', () => {
  expect(isAskedAbout('Via')).toBe(false);
  expect(explainField({ name: 'X-Unknown', value: '' })).toBeUndefined();
});

test.each(['Q.850;cause=17;text="User busy"', 'Q.850 ; cause="17"', 'SIP;cause=200, Q.850;cause=17'])(
  'the cause in "Reason: %s" is explained',
  (value) => {
    expect(explainField({ name: 'Reason', value })).toMatch(/^Cause 17, User busy: /);
  },
);

test.each([
  'SIP;cause=200;text="Q.850;cause=17"',
  'Q.850;text="a, cause=17"',
  // Longer than anything that is read more than once in reasonable time.
  'Q.850'.repeat(400_000),
])('no cause is explained where the Reason has none', (value) => {
  expect(explainField({ name: 'Reason', value })).not.toMatch(/^Cause/);
});

test('a response’s status is explained, a request’s line is not', () => {
  expect(explainStartLine('SIP/2.0 486 Busy Here')).toMatch(/busy.*RFC 3261/);
  expect(explainStartLine('INVITE sip:a@b SIP/2.0')).toBeUndefined();
  expect(explainStartLine('SIP/2.0 799 ?')).toBeUndefined();
});
