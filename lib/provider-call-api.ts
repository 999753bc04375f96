import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Method, VERSION_PREFIXES } from '../contract/routes.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import type { Settings } from './settings.ts';

/** A route below a version prefix, such as `['GET', '/providercalls/{id}', function]`. */
export type Route = [method: Method, path: string, handler: lambda.IFunction];

/** Requests a second, and how many may come at once, for the whole API. Super-admins, not customers, call it. */
const apiRate = { throttlingRateLimit: 100, throttlingBurstLimit: 200 };

/** Each of these places calls that cost money. */
const createRate = { throttlingRateLimit: 5, throttlingBurstLimit: 10 };

export type ProviderCallApiProps = {
  settings: Settings;
  authorizer: lambda.IFunction;
  routes: Route[];
};

/** The REST API: each route under both version prefixes, to the function that answers it, behind the authorizer. */
export class ProviderCallApi extends Construct {
  readonly restApi: apigateway.RestApi;

  constructor(scope: Construct, id: string, { settings, authorizer, routes }: ProviderCallApiProps) {
    super(scope, id);
    this.restApi = new apigateway.RestApi(this, 'RestApi', {
      restApiName: `provider-call-${settings.stage}`,
      description: 'ProviderCall: audited outbound calls through one chosen SIP provider',
      endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] },
      disableExecuteApiEndpoint: settings.domain !== null,
      cloudWatchRole: settings.stage !== 'local',
      deployOptions: {
        stageName: settings.stage,
        tracingEnabled: settings.tracing,
        ...apiRate,
        methodOptions: Object.fromEntries(
          VERSION_PREFIXES.map((prefix) => [`/${prefix}/providercalls/POST`, createRate]),
        ),
        // The execution log would print query strings, in which tokens may come. The access log below has none.
        loggingLevel: apigateway.MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        ...this.accessLog(),
      },
      ...(settings.corsOrigins.length > 0 && {
        defaultCorsPreflightOptions: preflight(settings.corsOrigins),
      }),
    });
    // The stack names its URL itself.
    this.restApi.node.tryRemoveChild('Endpoint');
    Validations.of(this.restApi).acknowledge(
      {
        id: 'AwsSolutions-COG4',
        reason:
          'The platform has tokens and access keys of its own, which the authorizer checks; there is no user pool.',
      },
      {
        id: 'AwsSolutions-APIG2',
        reason:
          'The functions check every request by schema, and name the field at fault, which the gateway cannot.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'A web ACL costs more than this API and has no rule for callers who must all hold a super-admin credential.',
      },
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'The execution log prints query strings, in which tokens may come; the access log has every request.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason:
          'API Gateway documents this policy for its own log role, one for a region; no code of ours has it.',
      },
    );
    addGatewayResponses(this.restApi, corsHeaders(settings.corsOrigins));

    const requestAuthorizer = new apigateway.RequestAuthorizer(this, 'Authorizer', {
      handler: authorizer,
      // A credential may be in a header or in the query, so the authorizer is asked for every request, and no answer of
      // its is kept: a revoked key is refused at once.
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    for (const prefix of VERSION_PREFIXES) {
      for (const [method, path, handler] of routes) {
        this.restApi.root
          .resourceForPath(`${prefix}${path}`)
          .addMethod(method, new apigateway.LambdaIntegration(handler, { allowTestInvoke: false }), {
            authorizer: requestAuthorizer,
            authorizationType: apigateway.AuthorizationType.CUSTOM,
          });
      }
    }
  }

  /** One line a request, without query, headers or the path's values: neither a credential nor a number can be in it. */
  private accessLog(): Pick<apigateway.StageOptions, 'accessLogDestination' | 'accessLogFormat'> {
    const logGroup = new logs.LogGroup(this, 'AccessLog', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { AccessLogField: field } = apigateway;
    return {
      accessLogDestination: new apigateway.LogGroupLogDestination(logGroup),
      accessLogFormat: apigateway.AccessLogFormat.custom(
        JSON.stringify({
          request_id: field.contextRequestId(),
          extended_request_id: field.contextExtendedRequestId(),
          time: field.contextRequestTime(),
          source_ip: field.contextIdentitySourceIp(),
          method: field.contextHttpMethod(),
          route: field.contextResourcePath(),
          status: field.contextStatus(),
          response_type: field.contextErrorResponseType(),
          response_bytes: field.contextResponseLength(),
          latency_ms: field.contextResponseLatency(),
          integration_latency_ms: field.contextIntegrationLatency(),
          integration_status: field.contextIntegrationStatus(),
          authorizer_latency_ms: '$context.authorizer.latency',
          customer_id: field.contextAuthorizer('customer_id'),
          actor_type: field.contextAuthorizer('actor_type'),
          actor_id: field.contextAuthorizer('actor_id'),
        }),
      ),
    };
  }
}

const preflight = (origins: string[]): apigateway.CorsOptions => ({
  allowOrigins: origins,
  allowMethods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
  allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Request-Id'],
  exposeHeaders: ['X-Request-Id', 'X-ProviderCall-State', 'Idempotent-Replayed', 'Retry-After'],
});

/** A gateway response can name one origin and cannot choose: with several, browsers see the gateway's own errors as opaque. */
const corsHeaders = (origins: string[]): Record<string, string> => {
  const [origin] = origins;
  return origins.length === 1 && origin !== undefined
    ? { 'Access-Control-Allow-Origin': `'${origin}'`, 'Access-Control-Expose-Headers': "'X-Request-Id'" }
    : {};
};
