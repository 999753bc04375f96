import { afterEach, expect, test, vi } from 'vitest';
import { amqpBackendsFromEnvironment } from '../../../functions/backends/amqp-environment.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';

const VARIABLES = {
  ROUTE_BACKEND_URL: 'amqp://user:pass@127.0.0.1:1/vhost',
  AMQP_ROUTE_QUEUE: 'routes',
  AMQP_MAX_PROCESSING_SECONDS: '600',
};

function stub(changes: Partial<typeof VARIABLES>) {
  for (const [name, value] of Object.entries({ ...VARIABLES, ...changes })) vi.stubEnv(name, value);
}
afterEach(() => vi.unstubAllEnvs());

test('the variables set how long a manager may take', () => {
  stub({});
  expect(amqpBackendsFromEnvironment().maxProcessing).toBe(600_000);
});

test.each<[string, Partial<typeof VARIABLES>, string]>([
  [
    'without the processing time',
    { AMQP_MAX_PROCESSING_SECONDS: '' },
    'AMQP_MAX_PROCESSING_SECONDS: is empty',
  ],
  [
    'with a processing time that is not a number',
    { AMQP_MAX_PROCESSING_SECONDS: '10m' },
    'must be a number of seconds',
  ],
  ['without a queue', { AMQP_ROUTE_QUEUE: '' }, 'AMQP_ROUTE_QUEUE: is empty'],
  [
    'with a URL of another transport',
    { ROUTE_BACKEND_URL: 'http://127.0.0.1' },
    'must be an amqp or amqps URL',
  ],
  [
    'with a password that is not encoded',
    { ROUTE_BACKEND_URL: 'amqp://user:50%@127.0.0.1:1/vhost' },
    'has a % that is not followed by',
  ],
])('a function %s does not start and says why', (_what, changes, message) => {
  stub(changes);
  expect(() => amqpBackendsFromEnvironment().route()).toThrow(message);
});

test('a request to a broker that cannot be reached has certainly done nothing', async () => {
  stub({});
  const scope = createRequestScope('request-1');
  await expect(
    amqpBackendsFromEnvironment().route().send(scope, { method: 'GET', path: '/v1/providers/1' }),
  ).rejects.toMatchObject({ name: 'BackendFailure', backend: 'route', outcome: 'nothing-done' });
  expect(scope.metrics).toEqual({ BrokerConnectionFailures: 1 });
});
