import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildConsole } from '@provider-call/console/build-console';
import {
  ASSET_CACHE_CONTROL,
  CONTENT_SECURITY_POLICY,
  INDEX_CACHE_CONTROL,
  PAGE_HEADERS,
  PAGE_PATH,
} from '@provider-call/console/page-headers';
import { Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as s3deploy from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { VERSION_PREFIXES } from '../contract/routes.ts';
import { CLOUDFRONT_REGION, ConsoleLogs } from './console-logs.ts';
import type { Settings } from './settings.ts';

export type ConsoleSiteProps = { settings: Settings; restApi: apigateway.RestApi };

/** A create may take 28 s and API Gateway waits one second more; CloudFront must not give up first. */
const API_TIMEOUT = Duration.seconds(35);

/**
 * Every error status that CloudFront would cache for ten seconds (CloudFront Developer Guide, "How CloudFront caches
 * errors").
 */
const CACHED_ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * The console's files in a private bucket behind CloudFront, which forwards the API's paths, so that page and API share an
 * origin. There are no custom error pages, because CloudFront would send them in place of the API's own 403 and 404.
 */
export class ConsoleSite extends Construct {
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, props: ConsoleSiteProps) {
    super(scope, id);
    const bucket = this.createBucket();
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `provider-call-${props.settings.stage}: console`,
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.createHeaders(),
        functionAssociations: [
          { eventType: cloudfront.FunctionEventType.VIEWER_REQUEST, function: this.createPageFunction() },
        ],
      },
      additionalBehaviors: apiBehaviors(props),
      errorResponses: CACHED_ERRORS.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
    });
    this.uploadFiles(bucket);
    // In any other region they need a separate stack.
    const { region } = props.settings;
    if (region === null || region === CLOUDFRONT_REGION) {
      new ConsoleLogs(this, 'Logs', {
        stage: props.settings.stage,
        distributionArn: this.distribution.distributionArn,
      });
    }
    Validations.of(this.distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Admins may be in any country.' },
      {
        id: 'AwsSolutions-CFR2',
        reason:
          'The files are public and fixed; the API behind the distribution checks every request itself.',
      },
      {
        id: 'AwsSolutions-CFR3',
        reason:
          'These logs would contain query strings, which may hold credentials; ConsoleLogs delivers logs without them.',
      },
      {
        id: 'AwsSolutions-CFR4',
        reason:
          "With cloudfront.net's certificate the minimum is fixed at TLSv1; today's browsers negotiate TLS 1.3.",
      },
    );
  }

  get url(): string {
    return `https://${this.distribution.distributionDomainName}/`;
  }

  private createBucket(): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Files', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // It contains nothing but the build's output.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'CloudFront is its only reader, and logs each request itself.',
    });
    return bucket;
  }

  private createHeaders(): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, 'Headers', {
      ...responseHeaders(),
      comment: 'What the console may do',
    });
  }

  /** An address of the page is not a file: the page itself is served there. */
  private createPageFunction(): cloudfront.Function {
    return new cloudfront.Function(this, 'Pages', {
      code: cloudfront.FunctionCode.fromInline(PAGE_FUNCTION),
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      comment: 'Serves the page at each of its addresses',
    });
  }

  /** Uploads the assets first and keeps those of earlier builds: a page that is still open or cached requests them. */
  private uploadFiles(bucket: s3.Bucket): void {
    const files = consoleFiles(Stack.of(this).bundlingRequired);
    const shared = {
      sources: [files],
      destinationBucket: bucket,
      prune: false,
      // Empties the bucket, so that it can be deleted with the stack.
      retainOnDelete: false,
      memoryLimit: 256,
    };
    const assets = new s3deploy.BucketDeployment(this, 'Assets', {
      ...shared,
      exclude: ['*'],
      include: ['assets/*'],
      cacheControl: [s3deploy.CacheControl.fromString(ASSET_CACHE_CONTROL)],
    });
    const page = new s3deploy.BucketDeployment(this, 'Page', {
      ...shared,
      exclude: ['assets/*'],
      cacheControl: [s3deploy.CacheControl.fromString(INDEX_CACHE_CONTROL)],
    });
    page.node.addDependency(assets);
    acknowledgeDeployment(Stack.of(this));
  }
}

/** The code of the function; `PAGE_PATH` is the console's own. Its language: CloudFront Developer Guide, "JavaScript runtime 2.0". */
export const PAGE_FUNCTION = `function handler(event) {
  var request = event.request;
  if (request.uri === '/' || ${PAGE_PATH}.test(request.uri)) request.uri = '/index.html';
  return request;
}
`;

/**
 * The paths that do not belong to the page. Our API serves the provider calls, and with the stand-in also the
 * platform's endpoints; otherwise the platform itself serves those. Nothing is cached, and every header except Host is
 * forwarded, including Authorization.
 */
function apiBehaviors({ settings, restApi }: ConsoleSiteProps): Record<string, cloudfront.BehaviorOptions> {
  const own = apiOrigin(settings, restApi);
  const platformUrl = settings.console?.platformApiUrl ?? null;
  const platform = platformUrl === null ? own : originOf(new URL(platformUrl));
  return Object.fromEntries(
    VERSION_PREFIXES.flatMap((prefix) => [
      ...(platform === own ? [] : [[`/${prefix}/providercalls*`, behavior(own)] as const]),
      [`/${prefix}/*`, behavior(platform)] as const,
    ]),
  );
}

function behavior(origin: cloudfront.IOrigin): cloudfront.BehaviorOptions {
  return {
    origin,
    // A credential that was sent unencrypted must not be accepted after a redirect.
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
    cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  };
}

/** The custom domain if there is one, because the API's own endpoint is disabled then. */
function apiOrigin({ domain, stage }: Settings, restApi: apigateway.RestApi): cloudfront.IOrigin {
  if (domain !== null) {
    return originOf(new URL(`https://${domain.name}/${domain.basePath ?? ''}`));
  }
  const { region, urlSuffix } = Stack.of(restApi);
  return new origins.HttpOrigin(`${restApi.restApiId}.execute-api.${region}.${urlSuffix}`, {
    originPath: `/${stage}`,
    readTimeout: API_TIMEOUT,
  });
}

function originOf(url: URL): cloudfront.IOrigin {
  return new origins.HttpOrigin(url.hostname, {
    ...(url.pathname !== '/' && { originPath: url.pathname.replace(/\/+$/, '') }),
    ...(url.port !== '' && { httpsPort: Number(url.port) }),
    readTimeout: API_TIMEOUT,
  });
}

/** The console's headers in CloudFront's form, in which some have dedicated properties. */
function responseHeaders(): cloudfront.ResponseHeadersPolicyProps {
  const {
    'Content-Security-Policy': _policy,
    'X-Content-Type-Options': _nosniff,
    'X-Frame-Options': _deny,
    'Referrer-Policy': _noReferrer,
    ...others
  } = PAGE_HEADERS;
  return {
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(365),
        includeSubdomains: true,
        override: true,
      },
    },
    customHeadersBehavior: {
      customHeaders: Object.entries(others).map(([header, value]) => ({ header, value, override: true })),
    },
  };
}

/** The output of the console's build; without bundling, only the stack's shape matters. */
function consoleFiles(build: boolean): s3deploy.ISource {
  if (!build) return s3deploy.Source.data('index.html', '');
  const directory = mkdtempSync(join(tmpdir(), 'provider-call-console-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  buildConsole(directory);
  return s3deploy.Source.asset(directory);
}

/**
 * Acknowledges the rights of the CDK's upload function, one for the stack: AWS's policy for its log, and all files in
 * two buckets.
 */
function acknowledgeDeployment(stack: Stack): void {
  const uploader = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
  if (uploader === undefined) throw new Error('the stack has no bucket deployment');
  // In cdk-nag's notation, which uses names for values that are known only at deployment.
  const region = Token.isUnresolved(stack.region) ? '<AWS::Region>' : stack.region;
  const partition = Token.isUnresolved(stack.partition) ? '<AWS::Partition>' : stack.partition;
  const ids = [
    'AwsSolutions-L1',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    ...['GetBucket*', 'GetObject*', 'List*', 'Abort*', 'DeleteObject*'].map(
      (action) => `AwsSolutions-IAM5[Action::s3:${action}]`,
    ),
    `AwsSolutions-IAM5[Resource::arn:${partition}:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${region}/*]`,
    'AwsSolutions-IAM5[Resource::<ConsoleFiles2D43986C.Arn>/*]',
  ];
  const reason =
    'The function with which the CDK uploads files, and its role, are the CDK’s own; none of our code has them.';
  Validations.of(uploader).acknowledge(...ids.map((id) => ({ id, reason })));
}
