/**
 * What each function is called in its log lines and metrics (the dimension `Function`): log, metrics, alarms and
 * dashboard take their names from here.
 */
export const OPERATIONS = [
  'authorize',
  'create',
  'get',
  'list',
  'delete',
  'reconcile',
  'enrich',
  'platform',
] as const;

export type Operation = (typeof OPERATIONS)[number];
