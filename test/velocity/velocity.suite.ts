import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { PRODUCTION, type SynthesizedStack, synthesizeProviderCall } from '../lib/synthesized.ts';
import { evaluateTemplates, type TemplateInput } from './velocity-engine.ts';

/*
 * Every mapping template of the synthesized API in the engine of API Gateway's mapping language. The input that
 * API Gateway passes to a template is documented. Only a real account can show that its engine does not differ
 * from Apache's here.
 */

const templates = z._default(z.record(z.string(), z.string()), {});
const methodSchema = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  Integration: z.object({
    RequestTemplates: templates,
    IntegrationResponses: z._default(z.array(z.object({ ResponseTemplates: templates })), []),
  }),
});
const responsesSchema = z.object({
  Properties: z.object({
    Integration: z.object({ IntegrationResponses: z.array(z.object({ ResponseTemplates: templates })) }),
  }),
});
const gatewayResponseSchema = z.object({ ResponseType: z.string(), ResponseTemplates: templates });

/** Returns every template of a stack with its method and resource. */
function templatesOf(stack: SynthesizedStack): [location: string, template: string][] {
  return [
    ...Object.values(stack.ofType('AWS::ApiGateway::Method')).flatMap(({ properties }) => {
      const { HttpMethod, ResourceId, Integration } = methodSchema.parse(properties);
      const location = `${HttpMethod} ${ResourceId}`;
      return [
        ...Object.values(Integration.RequestTemplates).map((text) => [`${location} request`, text] as const),
        ...Integration.IntegrationResponses.flatMap(({ ResponseTemplates }) =>
          Object.values(ResponseTemplates).map((text) => [`${location} response`, text] as const),
        ),
      ].map(([where, text]): [string, string] => [where, text]);
    }),
    ...Object.values(stack.ofType('AWS::ApiGateway::GatewayResponse')).flatMap(({ properties }) => {
      const { ResponseType, ResponseTemplates } = gatewayResponseSchema.parse(properties);
      return Object.values(ResponseTemplates).map((text): [string, string] => [ResponseType, text]);
    }),
  ];
}

const ORIGINS = ['https://admin.example.com', 'http://localhost:5173'];
const stacks = {
  'no origin': synthesizeProviderCall(PRODUCTION),
  'one origin': synthesizeProviderCall({ ...PRODUCTION, corsOrigins: 'https://admin.example.com' }),
  'several origins': synthesizeProviderCall({ ...PRODUCTION, corsOrigins: ORIGINS.join(',') }),
};

const CONTEXT = {
  requestId: '11111111-2222-4333-8444-555555555555',
  'authorizer.reason': 'PERMISSION_DENIED',
  'authorizer.message': 'The credential lacks the permission PermissionProjectSuperAdmin.',
};

const jobs = Object.entries(stacks).flatMap(([settings, stack]) =>
  templatesOf(stack).map(([location, template]) => ({ name: `${settings}: ${location}`, template })),
);
const outputs = evaluateTemplates(jobs.map(({ template }) => ({ template, context: CONTEXT })));
const evaluated = jobs.map((job, at) => ({ ...job, output: outputs[at] }));

const errorSchema = z.strictObject({
  error: z.strictObject({
    status: z.string().check(z.regex(/^[A-Z_]+$/)),
    reason: z.string().check(z.regex(/^[A-Z_]+$/)),
    message: z.string().check(z.regex(/^[A-Z].*\.$/)),
    request_id: z.literal(CONTEXT.requestId),
  }),
});

describe('in the real Velocity', () => {
  test('all templates are evaluated', () => {
    expect(evaluated.length).toBeGreaterThan(60);
    expect(outputs).toHaveLength(jobs.length);
  });

  test.each(evaluated.filter(({ name }) => / request$/.test(name)))('$name names a status', ({ output }) => {
    expect(JSON.parse(output?.body ?? '')).toEqual({ statusCode: expect.any(Number) });
  });

  test.each(evaluated.filter(({ name }) => !/OPTIONS| request$/.test(name)))(
    '$name is the platform’s error without placeholders',
    ({ output }) => {
      expect(() => errorSchema.parse(JSON.parse(output?.body ?? ''))).not.toThrow();
      expect(output?.body).not.toMatch(/[$#]/);
    },
  );

  test('an unknown path’s response names its request in a header too', () => {
    const [unknown] = evaluated.filter(({ name }) => name === 'no origin: ANY ApiRestApiproxy response');
    expect(unknown?.output?.overriddenHeaders).toEqual({ 'X-Request-Id': CONTEXT.requestId });
  });
});

function preflightOf(stack: SynthesizedStack): string {
  const found = templatesOf(stack).find(([location]) => /^OPTIONS .* response$/.test(location));
  if (found === undefined) throw new Error('the stack has no preflight');
  return found[1];
}

const [ADMIN = '', LOCAL = ''] = ORIGINS;

/** Headers as sent, and the origin that the response allows. */
const PREFLIGHTS: [what: string, headers: Record<string, string>, allowed: string | undefined][] = [
  ['the first origin over HTTP/1.1', { Origin: ADMIN, Host: 'api.example.com' }, ADMIN],
  ['the second origin over HTTP/1.1', { Origin: LOCAL }, LOCAL],
  ['the first origin over HTTP/2, in lower case', { host: 'api.example.com', origin: ADMIN }, ADMIN],
  ['the second origin over HTTP/2, in lower case', { origin: LOCAL }, LOCAL],
  ['an origin in upper case', { ORIGIN: ADMIN }, ADMIN],
  ['another origin', { origin: 'https://evil.example.com' }, undefined],
  ['an origin that begins like one of ours', { origin: `${ADMIN}.evil.example.com` }, undefined],
  ['an origin that a pattern would match', { origin: 'https://adminXexample.com' }, undefined],
  ['an origin in another case', { origin: 'https://ADMIN.example.com' }, undefined],
  ['no origin', { Host: 'api.example.com' }, undefined],
  ['no header at all', {}, undefined],
  ['our origin in another header', { Referer: ADMIN }, undefined],
];

describe('a preflight with several origins', () => {
  const template = preflightOf(stacks['several origins']);
  const results = evaluateTemplates(PREFLIGHTS.map(([, headers]): TemplateInput => ({ template, headers })));

  test.each(PREFLIGHTS.map(([what, , allowed], at) => [what, allowed, results[at]] as const))(
    'from %s is allowed: %s',
    (_what, allowed, result) => {
      expect(result?.overriddenHeaders).toEqual(
        allowed === undefined ? {} : { 'Access-Control-Allow-Origin': allowed },
      );
      expect(result?.body.trim()).toBe('');
    },
  );
});

test('the CDK’s own template, which is not used, would not recognize the header origin in lower case', () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Stack');
  const api = new apigateway.RestApi(stack, 'Api', {
    defaultCorsPreflightOptions: { allowOrigins: ORIGINS },
  });
  api.root.addMethod('GET');
  const [preflight] = Object.values(
    Template.fromStack(stack).findResources('AWS::ApiGateway::Method', {
      Properties: { HttpMethod: 'OPTIONS' },
    }),
  );
  const [response] = responsesSchema.parse(preflight).Properties.Integration.IntegrationResponses;
  const [template = ''] = Object.values(response?.ResponseTemplates ?? {});
  const [overHttp1, overHttp2] = evaluateTemplates([
    { template, headers: { Origin: LOCAL } },
    { template, headers: { origin: LOCAL } },
  ]);
  expect(overHttp1?.overriddenHeaders).toEqual({ 'Access-Control-Allow-Origin': LOCAL });
  expect(overHttp2?.overriddenHeaders).toEqual({});
});
