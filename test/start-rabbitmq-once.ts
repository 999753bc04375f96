import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { type RabbitmqNode, startRabbitmq } from './rabbitmq.ts';

declare module 'vitest' {
  interface ProvidedContext {
    rabbitmq: RabbitmqNode;
  }
}

/** Starts the broker that the files of the run share, each in its own virtual host, and ends it after the last one. */
export default async function startRabbitmqOnce(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')) {
    throw new Error('npm run test:amqp needs rabbitmq-server: apt-get install rabbitmq-server');
  }
  const rabbitmq = await startRabbitmq();
  project.provide('rabbitmq', rabbitmq.node);
  return () => rabbitmq.close();
}
