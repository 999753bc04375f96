import { expect, test } from 'vitest';
import { type CheckedRequest, warningsOf } from '../src/index.ts';

function tel(target: string) {
  return { type: 'tel', target };
}
const good: CheckedRequest = { source: tel('+14155551234'), destinations: [tel('+821012345678')] };

test('a valid request has no warnings', () => {
  expect(
    warningsOf({
      ...good,
      destinations: [tel('+821012345678'), { type: 'sip', target: 'alice@example.com' }],
      actions: [{ type: 'answer' }, { type: 'talk', option: { text: 'Hello.' } }, { type: 'hangup' }],
    }),
  ).toEqual([]);
});

test.each([
  [
    '01012345678',
    'it is in national format; write + and the country code instead of the leading 0',
    undefined,
  ],
  [
    '010-1234-5678',
    'it is in national format; write + and the country code instead of the leading 0',
    undefined,
  ],
  ['821012345678', 'it does not begin with +', '+821012345678'],
  ['+82 10 1234 5678', 'it contains spaces or punctuation', '+821012345678'],
  ['+82-10-1234-5678', 'it contains spaces or punctuation', '+821012345678'],
  ['82 10 1234 5678', 'it contains spaces or punctuation', '+821012345678'],
  ['+82.10.1234.5678', 'it contains spaces or punctuation', '+821012345678'],
  ['00821012345678', 'it begins with 00 instead of +', '+821012345678'],
  ['+8210123456789012', 'it has too few or too many digits, or a country code that begins with 0', undefined],
  ['+0821012345678', 'it has too few or too many digits, or a country code that begins with 0', undefined],
  ['+82', 'it has too few or too many digits, or a country code that begins with 0', undefined],
  [
    '+1800FLOWERS',
    'it contains something other than digits, without which the platform may dial +1800',
    undefined,
  ],
  [
    '+1-415-555-1234;ext=89',
    'it contains something other than digits, without which the platform may dial +1415555123489',
    undefined,
  ],
  ['*98', 'it contains something other than digits, without which the platform may dial 98', undefined],
  ['+８２１０１２３４５６７８', 'it contains something other than digits', undefined],
])('the number %s is reported: %s', (number, fault, suggestion) => {
  expect(warningsOf({ ...good, destinations: [tel('+821012345678'), tel(number)] })).toEqual([
    {
      code: 'not_e164',
      field: 'destinations[1].target',
      message: `"${number}" is not E.164: ${fault}.`,
      ...(suggestion !== undefined && { suggestion }),
    },
  ]);
});

test.each(['+14155551234', '+821012345678', '+999999999999999'])('the number %s is E.164', (number) => {
  expect(warningsOf({ ...good, destinations: [tel(number)] })).toEqual([]);
});

test('the source is checked like a destination', () => {
  expect(warningsOf({ ...good, source: tel('4155551234') })).toMatchObject([
    { code: 'not_e164', field: 'source.target', suggestion: '+4155551234' },
  ]);
});

test.each([[null], [undefined], [tel('')]])('the source %j is reported as missing', (source) => {
  expect(
    warningsOf({ destinations: good.destinations, ...(source !== undefined && { source }) }),
  ).toMatchObject([{ code: 'no_source', field: 'source' }]);
});

test.each([
  ['anwser', 'answer'],
  ['Answer', 'answer'],
  ['tlak', 'talk'],
  ['hang-up', 'hangup'],
  ['recording start', 'recording_start'],
  ['webhok_send', 'webhook_send'],
])('the action type %s is unknown; %s was probably meant', (type, suggestion) => {
  expect(warningsOf({ ...good, actions: [{ type: 'answer' }, { type }] })).toEqual([
    {
      code: 'unknown_action',
      field: 'actions[1].type',
      message: `"${type}" is not an action type of the platform; did you mean "${suggestion}"?`,
      suggestion,
    },
  ]);
});

test.each(['xyz', 'do_something_else', ''])('the action type "%s" is unknown and resembles none', (type) => {
  expect(warningsOf({ ...good, actions: [{ type }] })).toEqual([
    {
      code: 'unknown_action',
      field: 'actions[0].type',
      message: `"${type}" is not an action type of the platform.`,
    },
  ]);
});

test.each([[undefined], [{}], [{ text: '' }], [{ text: ' ' }], [{ text: 5 }]])(
  'a talk with the option %j has no text',
  (option) => {
    expect(warningsOf({ ...good, actions: [{ type: 'talk', ...(option && { option }) }] })).toEqual([
      {
        code: 'talk_without_text',
        field: 'actions[0].option.text',
        message: 'A talk action without a text says nothing.',
      },
    ]);
  },
);
