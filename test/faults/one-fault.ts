import type { Choose } from './explore.ts';
import { type Action, faultsAt, type Point } from './run.ts';

/** Returns only the action that ends the run, like a crash. */
export function onlyStops(): Action[] {
  return ['stop'];
}

/** Returns actions of which at most one is a fault, chosen along with its point. */
export function oneFault(choose: Choose, faults: (point: Point) => Action[] = faultsAt) {
  let left = 1;
  return (point: Point): Action => {
    if (left === 0) return 'pass';
    const action = choose(nameOf(point), ['pass', ...faults(point)]);
    if (action !== 'pass') left -= 1;
    return action;
  };
}

/** Returns the name of a point in a report, such as `call POST calls, response`. */
function nameOf({ to, name, side }: Point): string {
  const [method = '', path = ''] = name.split(' ');
  return `${to} ${method} ${path.split(/[/?]/)[2] ?? ''}, ${side}`;
}
