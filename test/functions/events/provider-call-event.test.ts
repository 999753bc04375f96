import { describe, expect, test } from 'vitest';
import { eventOfChange } from '../../../functions/events/provider-call-event.ts';
import { changes } from './sample-changes.ts';

describe('what is published', () => {
  test.each(changes)('of %s follows from the change', (_what, before, after, event) => {
    expect(eventOfChange(before, after)).toEqual(event);
  });
});
