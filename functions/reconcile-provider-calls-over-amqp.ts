import { depsOverAmqp } from './deps-over-amqp.ts';
import { reconcileHandler } from './handlers/reconcile-handler.ts';

/** Runs on a schedule: settles what creates left behind, with the backends behind RabbitMQ. */
export const handler = reconcileHandler(depsOverAmqp().settleDeps);
