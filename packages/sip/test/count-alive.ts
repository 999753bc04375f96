import { queryObjects } from 'node:v8';

/**
 * Returns how many objects of a class exist. V8 collects garbage before it counts, which takes a second on a busy
 * machine.
 */
export function countAlive(of: Parameters<typeof queryObjects>[0]): number {
  return Number(queryObjects(of));
}
