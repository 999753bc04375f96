import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readCall } from '../../client/src/platform-resources.ts';
import { createLiveLines } from '../src/live-lines.ts';
import { ANSWERED, BUSY_CALL, IDS, sessionUnderTest } from './session-under-test.ts';

beforeEach(() => void vi.useFakeTimers({ now: 3000 }));
afterEach(() => void vi.useRealTimers());

function watched(value?: object) {
  return { id: IDS.call, call: value && readCall(value), isAbsent: false, firstSeenAt: 1000 };
}
const RINGING = { ...ANSWERED, status: 'ringing', hangup_reason: '', tm_progressing: null, tm_hangup: null };

test('on a terminal the lines are rewritten, each with state, seconds and post-dial delay', () => {
  const { terminal, printed } = sessionUnderTest({}, { isFormatted: true });
  const lines = createLiveLines(terminal);
  lines.show([watched(), watched(RINGING)]);
  lines.show([watched(BUSY_CALL), watched(RINGING)]);
  lines.stop();
  lines.show([watched(RINGING)]);
  const ringingLine =
    '\x1b[2K+821012345678                         ringing               2.0 s  post-dial delay 0.5 s\n';
  expect(printed[0]).toBe(`\x1b[2K${IDS.call}  …\n${ringingLine}`);
  expect(printed[1]).toBe(
    '\x1b[2A\x1b[2K+821012345678  hangup (busy)\n\x1b[2K+821012345678  ringing               2.0 s  post-dial delay 0.5 s\n',
  );
  expect(printed[2]).toBe('\x1b[2K+821012345678  ringing               2.0 s  post-dial delay 0.5 s\n');
});

test('no line is wider than the terminal, which would break rewriting', () => {
  const { terminal, printed } = sessionUnderTest({}, { isFormatted: true });
  createLiveLines({ ...terminal, columns: () => 20 }).show([watched(RINGING)]);
  expect(printed[0]).toBe('\x1b[2K+821012345678  ring\n');
});

test('in a pipe, each change of state is one line', () => {
  const { terminal, printed } = sessionUnderTest({});
  const lines = createLiveLines(terminal);
  for (const call of [undefined, RINGING, RINGING, BUSY_CALL]) lines.show([watched(call)]);
  expect(printed).toEqual(['+821012345678 ringing', '+821012345678 hangup (busy)']);
});
