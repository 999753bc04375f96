import { runInNewContext } from 'node:vm';
import { CONTENT_SECURITY_POLICY, isPagePath } from '@provider-call/console/page-headers';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { PAGE_FUNCTION } from '../../lib/console-site.ts';
import { PRODUCTION, type SynthesizedStack, synthesizeProviderCall } from './synthesized.ts';

const sandbox = synthesizeProviderCall({});
const PLATFORM_API_URL = 'https://api.example.com/base';
const prod = synthesizeProviderCall({ ...PRODUCTION, console: 'true', platformApiUrl: PLATFORM_API_URL });

/** Ids of managed policies (CloudFront Developer Guide, "Use managed cache policies", "Use managed origin request policies"). */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

const behaviorSchema = z.looseObject({ PathPattern: z.optional(z.string()), TargetOriginId: z.string() });
const originSchema = z.looseObject({
  Id: z.string(),
  DomainName: z.string(),
  OriginPath: z.optional(z.string()),
});
const configSchema = z.object({
  DefaultCacheBehavior: behaviorSchema,
  CacheBehaviors: z.array(behaviorSchema),
  Origins: z.array(originSchema),
  CustomErrorResponses: z.array(z.strictObject({ ErrorCode: z.number(), ErrorCachingMinTTL: z.number() })),
  Logging: z.optional(z.unknown()),
});

function configOf(stack: SynthesizedStack) {
  const [distribution] = Object.values(stack.ofType('AWS::CloudFront::Distribution'));
  return configSchema.parse(distribution?.properties['DistributionConfig']);
}

/** Returns the origin of each path of the API. */
function routesOf(stack: SynthesizedStack): Record<string, string> {
  const { CacheBehaviors, Origins } = configOf(stack);
  return Object.fromEntries(
    CacheBehaviors.map(({ PathPattern = '', TargetOriginId }) => {
      const origin = Origins.find(({ Id }) => Id === TargetOriginId);
      return [PathPattern, `${origin?.DomainName}${origin?.OriginPath ?? ''}`];
    }),
  );
}

function ownEndpoint(stage: string) {
  return `ApiRestApi.execute-api.AWS::Region.AWS::URLSuffix/${stage}`;
}

describe('the paths of the API', () => {
  test('all API paths go to our own API when the platform stand-in is used', () => {
    expect(routesOf(sandbox)).toEqual({ '/v1.0/*': ownEndpoint('sandbox'), '/v1/*': ownEndpoint('sandbox') });
  });

  test('all API paths but the provider calls go to the platform', () => {
    expect(routesOf(prod)).toEqual({
      '/v1.0/providercalls*': ownEndpoint('prod'),
      '/v1.0/*': 'api.example.com/base',
      '/v1/providercalls*': ownEndpoint('prod'),
      '/v1/*': 'api.example.com/base',
    });
    // CloudFront takes the first pattern that matches.
    expect(configOf(prod).CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(
      Object.keys(routesOf(prod)),
    );
  });

  test('API paths go to the custom domain if there is one, because the API’s own endpoint is disabled then', () => {
    const stack = synthesizeProviderCall({
      domainName: 'calls.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0000',
      basePath: 'api',
    });
    expect(routesOf(stack)).toEqual({ '/v1.0/*': 'calls.example.com/api', '/v1/*': 'calls.example.com/api' });
  });

  test('requests to the API are forwarded with every header but Host, over HTTPS only, and never cached', () => {
    for (const behavior of [...configOf(sandbox).CacheBehaviors, ...configOf(prod).CacheBehaviors]) {
      expect(behavior).toMatchObject({
        CachePolicyId: CACHING_DISABLED,
        OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      });
      expect(behavior).not.toHaveProperty('FunctionAssociations');
      expect(behavior).not.toHaveProperty('ResponseHeadersPolicyId');
    }
  });
});

test('no error is cached, and none is replaced by a page', () => {
  const { CustomErrorResponses } = configOf(sandbox);
  expect(CustomErrorResponses.map(({ ErrorCode }) => ErrorCode)).toEqual([
    400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504,
  ]);
  expect(new Set(CustomErrorResponses.map(({ ErrorCachingMinTTL }) => ErrorCachingMinTTL))).toEqual(
    new Set([0]),
  );
});

describe('the files', () => {
  test('the files are in a private bucket that only the distribution reads, over TLS', () => {
    expect(sandbox.ofType('AWS::S3::Bucket')['ConsoleFiles']?.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    const policy = JSON.stringify(sandbox.ofType('AWS::S3::BucketPolicy')['ConsoleFilesPolicy']?.properties);
    expect(policy).toContain('"Principal":{"Service":"cloudfront.amazonaws.com"}');
    expect(policy).toContain('"AWS:SourceArn":"arn:AWS::Partition:cloudfront::AWS::AccountId:distribution/');
    expect(policy).toContain('"Condition":{"Bool":{"aws:SecureTransport":"false"}}');
    expect(Object.values(sandbox.ofType('AWS::CloudFront::OriginAccessControl'))).toMatchObject([
      { properties: { OriginAccessControlConfig: { SigningBehavior: 'always', SigningProtocol: 'sigv4' } } },
    ]);
  });

  test('assets are uploaded before the page, and the page is revalidated each time', () => {
    const uploads = sandbox.ofType('Custom::CDKBucketDeployment');
    expect(Object.values(uploads).map(({ properties }) => properties)).toMatchObject([
      {
        Include: ['assets/*'],
        Prune: false,
        SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
      },
      { Exclude: ['assets/*'], Prune: false, SystemMetadata: { 'cache-control': 'no-cache' } },
    ]);
  });

  test('the files have the console’s own headers', () => {
    const [policy] = Object.values(sandbox.ofType('AWS::CloudFront::ResponseHeadersPolicy'));
    expect(policy?.properties['ResponseHeadersPolicyConfig']).toMatchObject({
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: CONTENT_SECURITY_POLICY, Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'DENY', Override: true },
        ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
        StrictTransportSecurity: {
          AccessControlMaxAgeSec: 31_536_000,
          IncludeSubdomains: true,
          Override: true,
        },
      },
      CustomHeadersConfig: {
        Items: [
          { Header: 'Cross-Origin-Opener-Policy', Value: 'same-origin', Override: true },
          { Header: 'Cross-Origin-Resource-Policy', Value: 'same-origin', Override: true },
          { Header: 'Permissions-Policy', Override: true },
        ],
      },
    });
  });
});

describe('an address of the page', () => {
  const served = (uri: string): unknown =>
    runInNewContext(`${PAGE_FUNCTION}; handler({ request: { uri } }).uri`, { uri });

  test.each([
    '/',
    '/providers',
    '/providers/4dbeabd6-f397-4375-95d2-a38411e07ed1',
    '/records/b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
    '/place',
    '/compare/a/b',
  ])('%s is the page', (uri) => {
    expect(isPagePath(uri)).toBe(true);
    expect(served(uri)).toBe('/index.html');
  });

  test.each(['/index.html', '/assets/main-AB12.js', '/favicon.ico', '/providers.json', '/recordsx', '/docs'])(
    '%s is a file or nothing',
    (uri) => {
      expect(isPagePath(uri)).toBe(false);
      expect(served(uri)).toBe(uri);
    },
  );
});

test('the stack has a console only if it is configured, and outputs its address', () => {
  expect(synthesizeProviderCall(PRODUCTION).ofType('AWS::CloudFront::Distribution')).toEqual({});
  expect(sandbox.outputs['ConsoleUrl']).toMatch(/^https:\/\/ConsoleDistribution\w*\.DomainName\/$/);
});
