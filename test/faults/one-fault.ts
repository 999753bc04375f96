import type { Choose } from './explore.ts';
import { faultsAt, type Point, type Verdict } from './run.ts';

/** Only that the run ends there, as in a crash. */
export function onlyStops(): Verdict[] {
  return ['stop'];
}

/** Lets at most one thing go wrong in a run, at a point and in a way that are chosen. */
export function oneFault(choose: Choose, faults: (point: Point) => Verdict[] = faultsAt) {
  let left = 1;
  return (point: Point): Verdict => {
    if (left === 0) return 'pass';
    const verdict = choose(nameOf(point), ['pass', ...faults(point)]);
    if (verdict !== 'pass') left -= 1;
    return verdict;
  };
}

/** What a point is called in a report: `call POST calls, response`. */
function nameOf({ to, name, side }: Point): string {
  const [method = '', path = ''] = name.split(' ');
  return `${to} ${method} ${path.split(/[/?]/)[2] ?? ''}, ${side}`;
}
