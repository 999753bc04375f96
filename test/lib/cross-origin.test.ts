import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { allowOriginTemplate } from '../../lib/cross-origin.ts';
import { PRODUCTION, type SynthesizedStack, synthesizeProviderCall } from './synthesized.ts';

const CORS_ORIGINS = 'https://admin.example.com,http://localhost:5173';

const methodSchema = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.string(),
  Integration: z.looseObject({ Type: z.string() }),
});

function preflightsOf(stack: SynthesizedStack) {
  return Object.values(stack.ofType('AWS::ApiGateway::Method'))
    .map(({ properties }) => methodSchema.parse(properties))
    .filter(({ HttpMethod }) => HttpMethod === 'OPTIONS');
}

describe('a preflight', () => {
  test('a preflight gets no response where no origin is configured', () => {
    expect(preflightsOf(synthesizeProviderCall(PRODUCTION))).toEqual([]);
  });

  test('the gateway itself responds to a preflight without a credential, on every path with a route', () => {
    const preflights = preflightsOf(synthesizeProviderCall({ ...PRODUCTION, corsOrigins: CORS_ORIGINS }));
    expect(preflights).toHaveLength(4);
    for (const { AuthorizationType, Integration } of preflights) {
      expect(AuthorizationType).toBe('NONE');
      expect(Integration).toMatchObject({
        Type: 'MOCK',
        IntegrationResponses: [
          {
            StatusCode: '204',
            ResponseParameters: {
              'method.response.header.Access-Control-Allow-Headers':
                "'Authorization,Content-Type,Idempotency-Key,X-Request-Id'",
              'method.response.header.Access-Control-Allow-Methods': "'GET,POST,PUT,DELETE,OPTIONS'",
              'method.response.header.Vary': "'Origin'",
            },
            // The real engine evaluates it in test/velocity.
            ResponseTemplates: { 'application/json': allowOriginTemplate(CORS_ORIGINS.split(',')) },
          },
        ],
      });
    }
  });
});
