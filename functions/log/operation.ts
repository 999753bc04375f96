/**
 * The name of each function in its log lines and metrics (the dimension `Function`). Log, metrics, alarms, dashboard
 * and the route table take their names from here.
 */
export type Operation =
  | 'authorize'
  | 'create'
  | 'get'
  | 'list'
  | 'delete'
  | 'reconcile'
  | 'enrich'
  | 'platform';
