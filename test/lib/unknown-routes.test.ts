import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ONE_MACHINE, PRODUCTION, type SynthesizedStack, synthesizeProviderCall } from './synthesized.ts';

const methodSchema = z.looseObject({ HttpMethod: z.string() });

function anyMethodsOf(stack: SynthesizedStack) {
  return Object.values(stack.ofType('AWS::ApiGateway::Method'))
    .map(({ properties }) => methodSchema.parse(properties))
    .filter(({ HttpMethod }) => HttpMethod === 'ANY');
}

describe('a path without a route', () => {
  test('the gateway itself responds to a path without a route with the platform’s 404, for everyone', () => {
    const methods = anyMethodsOf(synthesizeProviderCall(PRODUCTION));
    expect(methods.map(({ ResourceId }) => ResourceId).toSorted()).toEqual([
      'ApiRestApi.RootResourceId',
      'ApiRestApiproxy',
    ]);
    for (const method of methods) {
      expect(method).toMatchObject({
        AuthorizationType: 'NONE',
        Integration: {
          Type: 'MOCK',
          // A body of another type has no template: it is UNSUPPORTED_MEDIA_TYPE, which becomes the same 404.
          PassthroughBehavior: 'NEVER',
          RequestTemplates: { 'application/json': '{"statusCode": 404}' },
          IntegrationResponses: [
            {
              StatusCode: '404',
              ResponseParameters: {
                'method.response.header.Cache-Control': "'no-store'",
                'method.response.header.X-Content-Type-Options': "'nosniff'",
              },
            },
          ],
        },
      });
    }
  });

  test('the local gateway handles a path without a route on one machine', () => {
    expect(anyMethodsOf(synthesizeProviderCall(ONE_MACHINE))).toEqual([]);
  });
});
