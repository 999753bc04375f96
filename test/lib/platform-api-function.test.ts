import { expect, test } from 'vitest';
import { ONE_MACHINE, ONE_MACHINE_OVER_AMQP, synthesizeProviderCall } from './synthesized.ts';

test.each([
  ['HTTP', ONE_MACHINE],
  ['a message broker', ONE_MACHINE_OVER_AMQP],
])(
  'with backends behind %s, the platform’s own endpoints on one machine are those of the stand-in over HTTP',
  (_what, context) => {
    const { PlatformApiFunction: platformApi } =
      synthesizeProviderCall(context).ofType('AWS::Lambda::Function');
    expect(platformApi?.properties['Environment']).toMatchObject({
      Variables: {
        ROUTE_BACKEND_URL: 'http://127.0.0.1:1',
        FLOW_BACKEND_URL: 'http://127.0.0.1:1',
        CALL_BACKEND_URL: 'http://127.0.0.1:1',
        BACKEND_AUTH: 'none',
      },
    });
  },
);
