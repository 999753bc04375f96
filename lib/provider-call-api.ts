import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Route, VERSION_PREFIXES } from '../contract/routes.ts';
import { addPreflight, fixedOriginHeaders } from './cross-origin.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import type { Settings } from './settings.ts';
import { addUnknownRoutes } from './unknown-routes.ts';

/** A route below a version prefix, and the function that handles it. */
export type ApiRoute = Pick<Route, 'method' | 'path'> & { handler: lambda.IFunction };

/**
 * Requests a second and burst of **each method** of the stage: API Gateway applies a stage's limits method by method
 * (Developer Guide, "Throttle requests to your REST APIs"). The account's limit for the region and the functions'
 * concurrency bound the sum.
 */
const METHOD_RATE = { throttlingRateLimit: 100, throttlingBurstLimit: 200 };

/** A create places calls that cost money: 5 a second and a burst of 10, split equally between the two prefixes. */
const CREATE_RATE = {
  throttlingRateLimit: 5 / VERSION_PREFIXES.length,
  throttlingBurstLimit: 10 / VERSION_PREFIXES.length,
};

export type ProviderCallApiProps = {
  settings: Settings;
  authorizer: lambda.IFunction;
  routes: ApiRoute[];
  /** Whether a route responds with a binary body. All request bodies then reach the functions as base64. */
  binaryMedia: boolean;
};

/** The REST API: each route under both version prefixes, integrated with its function, behind the authorizer. */
export class ProviderCallApi extends Construct {
  readonly restApi: apigateway.RestApi;

  constructor(scope: Construct, id: string, props: ProviderCallApiProps) {
    super(scope, id);
    const { settings, authorizer, routes, binaryMedia } = props;
    this.restApi = new apigateway.RestApi(this, 'RestApi', {
      restApiName: `provider-call-${settings.stage}`,
      description: 'ProviderCall: audited outbound calls through one chosen SIP provider',
      endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] },
      disableExecuteApiEndpoint: settings.domain !== null,
      // All types, because API Gateway compares them with the first type that a client accepts, which is */* in curl
      // and fetch.
      ...(binaryMedia && { binaryMediaTypes: ['*/*'] }),
      cloudWatchRole: settings.stage !== 'local',
      deployOptions: {
        stageName: settings.stage,
        tracingEnabled: settings.tracing,
        ...METHOD_RATE,
        methodOptions: Object.fromEntries(
          VERSION_PREFIXES.map((prefix) => [`/${prefix}/providercalls/POST`, CREATE_RATE]),
        ),
        // The execution log would print query strings, which may contain tokens. The access log below has none.
        loggingLevel: apigateway.MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        ...this.accessLog(),
      },
    });
    // The stack outputs its URL itself.
    this.restApi.node.tryRemoveChild('Endpoint');
    Validations.of(this.restApi).acknowledge(
      {
        id: 'AwsSolutions-COG4',
        reason:
          'The platform has its own tokens and access keys, which the authorizer checks; there is no user pool.',
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
          'The execution log prints query strings, which may contain tokens; the access log has every request.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason:
          'API Gateway documents this policy for its own log role, one per region; none of our code has it.',
      },
    );
    addGatewayResponses(this.restApi, fixedOriginHeaders(settings.corsOrigins));

    const requestAuthorizer = new apigateway.RequestAuthorizer(this, 'Authorizer', {
      handler: authorizer,
      // A credential may be in a header or in the query, so the authorizer runs for every request, and its results are
      // not cached: a revoked key is rejected at once.
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    const resources = new Set<apigateway.IResource>();
    for (const prefix of VERSION_PREFIXES) {
      for (const { method, path, handler } of routes) {
        const resource = this.restApi.root.resourceForPath(`${prefix}${path}`);
        resource.addMethod(method, new apigateway.LambdaIntegration(handler, { allowTestInvoke: false }), {
          authorizer: requestAuthorizer,
          authorizationType: apigateway.AuthorizationType.CUSTOM,
        });
        resources.add(resource);
      }
    }
    if (settings.corsOrigins.length > 0) {
      for (const resource of resources) addPreflight(resource, settings.corsOrigins);
    }
    // The local gateway does not mistake a Bearer token for a signature, and its own 404 is the same.
    if (settings.stage !== 'local') addUnknownRoutes(this.restApi, settings.corsOrigins);
  }

  /**
   * One line for each request, without the query, headers or path values, so that it cannot contain a credential or a
   * telephone number. The function's log line with the same request id names the caller; the authorizer's says why a
   * credential was rejected.
   */
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
          time: field.contextRequestTimeEpoch(),
          source_ip: field.contextIdentitySourceIp(),
          method: field.contextHttpMethod(),
          route: field.contextResourcePath(),
          status: field.contextStatus(),
          response_type: field.contextErrorResponseType(),
          response_bytes: field.contextResponseLength(),
          latency_ms: field.contextResponseLatency(),
        }),
      ),
    };
  }
}
