import { expect, test } from 'vitest';
import { updateExpression } from '../../../functions/provider-calls/update-expression.ts';

test('sets and removes by placeholders, for many plain words are reserved', () => {
  expect(updateExpression({ set: { state: 'placed', open: 1 }, remove: ['due', 'actions'] })).toEqual({
    text: 'SET #state = :state, #open = :open REMOVE #due, #actions',
    names: { '#state': 'state', '#open': 'open', '#due': 'due', '#actions': 'actions' },
    values: { ':state': 'placed', ':open': 1 },
  });
});

test('has no REMOVE where nothing goes', () => {
  expect(updateExpression({ set: { due: 'now' } })).toEqual({
    text: 'SET #due = :due',
    names: { '#due': 'due' },
    values: { ':due': 'now' },
  });
});
