import { expect, test } from 'vitest';
import type { JourneySystem } from './journey-system.ts';

const TOKEN = /eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/;
const ACCESS_KEY = /vb_[A-Za-z0-9_-]{20,}/;
const TELEPHONE_NUMBER = /(?<![\w.-])\+?\d{9,15}(?![\w.-])/;

/** Checks what the earlier journeys left in the logs. */
export function logs(system: () => JourneySystem): void {
  test('no log line contains a credential or a telephone number', () => {
    const lines = system().logs;
    expect(lines.length).toBeGreaterThan(100);
    const leaks = lines.filter(
      (line) => TOKEN.test(line) || ACCESS_KEY.test(line) || TELEPHONE_NUMBER.test(withoutTimes(line)),
    );
    expect(leaks).toEqual([]);
  });

  test('no request failed with a 500', () => {
    expect(system().logs.filter((line) => /"status":500/.test(line))).toEqual([]);
  });
}

/** Removes the times of metrics and of the access log, whose digits are not telephone numbers. */
function withoutTimes(line: string) {
  return line.replace(/"(?:Timestamp":\d+|time":"\d{13}")/g, '');
}
