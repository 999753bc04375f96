import { describe, expect, test } from 'vitest';
import { eventOfChange } from '../../../functions/events/provider-call-event.ts';
import { changes } from './sample-changes.ts';

describe('the event', () => {
  test.each(changes)('of %s', (_what, before, after, event) => {
    expect(eventOfChange(before, after)).toEqual(event);
  });
});
