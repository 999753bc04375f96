import { createRouteBackend } from './backends/route-backend.ts';
import { depsOverAmqp } from './deps-over-amqp.ts';
import { createHandler } from './handlers/create-handler.ts';

const { settleDeps, route } = depsOverAmqp();

/** POST /providercalls, with backends behind RabbitMQ. */
export const handler = createHandler({ ...settleDeps, routeBackend: createRouteBackend(route()) });
