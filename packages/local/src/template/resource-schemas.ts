import * as z from 'zod/mini';

/**
 * The CloudFormation resource types that have an effect on one machine, each with the properties that the local runtime
 * emulates or that make no difference here (`noBearing`). The schemas are strict: a property or value that is not
 * listed here would be served incorrectly, so it makes the start fail with its name.
 *
 * Property names: AWS CloudFormation template reference, one page per resource type.
 */

/** May contain intrinsic functions, which are resolved when the value is read. */
const value = z.unknown();
/** Accepted with any value: it matters in an account, but not on one machine. */
const noBearing = z.optional(z.unknown());
/** Accepted only if it is absent or switched off. */
const off = z.optional(z.literal(false));
/** Conditions are not evaluated, so a resource under one cannot be known to exist. */
const unconditional = { Condition: z.optional(z.undefined()) };

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const TABLE_PROPERTIES = {
  TableName: z.optional(z.string()),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z.optional(
    z.array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.strictObject({ ProjectionType: z.literal('ALL') }),
      }),
    ),
  ),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  StreamSpecification: noBearing,
  TimeToLiveSpecification: noBearing,
  SSESpecification: noBearing,
  Tags: noBearing,
};

const table = z.object({
  Type: z.literal('AWS::DynamoDB::Table'),
  Properties: z.strictObject({
    ...TABLE_PROPERTIES,
    PointInTimeRecoverySpecification: noBearing,
    DeletionProtectionEnabled: noBearing,
    ContributorInsightsSpecification: noBearing,
    OnDemandThroughput: noBearing,
    ResourcePolicy: noBearing,
  }),
  ...unconditional,
});

const globalTable = z.object({
  Type: z.literal('AWS::DynamoDB::GlobalTable'),
  Properties: z.strictObject({
    ...TABLE_PROPERTIES,
    Replicas: noBearing,
    WriteOnDemandThroughputSettings: noBearing,
  }),
  ...unconditional,
});

const secret = z.object({
  Type: z.literal('AWS::SecretsManager::Secret'),
  Properties: z.looseObject({ Name: z.optional(z.string()) }),
  ...unconditional,
});

const lambdaFunction = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.strictObject({
    Code: z.strictObject({ S3Bucket: value, S3Key: z.string() }),
    Handler: z.string(),
    Runtime: z.string().check(z.regex(/^nodejs/)),
    FunctionName: z.optional(z.string()),
    Environment: z.optional(z.strictObject({ Variables: z.optional(z.record(z.string(), z.unknown())) })),
    Timeout: z._default(z.number(), 3),
    MemorySize: z._default(z.number(), 128),
    ReservedConcurrentExecutions: z.optional(z.number()),
    Architectures: noBearing,
    Description: noBearing,
    KmsKeyArn: noBearing,
    LoggingConfig: noBearing,
    RecursiveLoop: noBearing,
    Role: noBearing,
    RuntimeManagementConfig: noBearing,
    Tags: noBearing,
    TracingConfig: noBearing,
    VpcConfig: noBearing,
  }),
  ...unconditional,
});

const lambdaVersion = z.object({
  Type: z.literal('AWS::Lambda::Version'),
  Properties: z.looseObject({ FunctionName: value }),
  ...unconditional,
});

const lambdaAlias = z.object({
  Type: z.literal('AWS::Lambda::Alias'),
  Properties: z.strictObject({
    FunctionName: value,
    FunctionVersion: value,
    Name: z.string(),
    Description: noBearing,
    ProvisionedConcurrencyConfig: noBearing,
  }),
  ...unconditional,
});

const restApi = z.object({
  Type: z.literal('AWS::ApiGateway::RestApi'),
  Properties: z.strictObject({
    Name: z.optional(z.string()),
    // All types or none: others would depend on the request's Content-Type and Accept.
    BinaryMediaTypes: z.optional(z.tuple([z.literal('*/*')])),
    Description: noBearing,
    DisableExecuteApiEndpoint: noBearing,
    EndpointConfiguration: noBearing,
    SecurityPolicy: noBearing,
    Tags: noBearing,
  }),
  ...unconditional,
});

const apiResource = z.object({
  Type: z.literal('AWS::ApiGateway::Resource'),
  Properties: z.strictObject({
    ParentId: value,
    PathPart: z.string().check(z.regex(/^(\{\w+\}|[^{}]+)$/, 'a greedy {proxy+} path part')),
    RestApiId: value,
  }),
  ...unconditional,
});

const apiMethod = z.object({
  Type: z.literal('AWS::ApiGateway::Method'),
  Properties: z.strictObject({
    HttpMethod: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']),
    ResourceId: value,
    RestApiId: value,
    AuthorizationType: z.enum(['NONE', 'CUSTOM']),
    AuthorizerId: z.optional(value),
    ApiKeyRequired: off,
    Integration: z.strictObject({
      Type: z.literal('AWS_PROXY'),
      IntegrationHttpMethod: z.literal('POST'),
      Uri: value,
      TimeoutInMillis: z._default(z.number(), 29_000),
      // A proxy integration has no request template, so nothing is ever passed through.
      PassthroughBehavior: noBearing,
    }),
    // A proxy integration's response is passed on unchanged; these only document it.
    MethodResponses: noBearing,
    OperationName: noBearing,
  }),
  ...unconditional,
});

const apiAuthorizer = z.object({
  Type: z.literal('AWS::ApiGateway::Authorizer'),
  Properties: z.strictObject({
    Name: z.optional(z.string()),
    RestApiId: value,
    Type: z.literal('REQUEST'),
    AuthorizerUri: value,
    AuthorizerResultTtlInSeconds: z.literal(0),
    IdentitySource: z.optional(z.literal('')),
  }),
  ...unconditional,
});

/** Every response type that API Gateway lets a template customize. */
const gatewayResponseType = z.enum([
  'ACCESS_DENIED',
  'API_CONFIGURATION_ERROR',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'DEFAULT_4XX',
  'DEFAULT_5XX',
  'EXPIRED_TOKEN',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'INVALID_API_KEY',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
]);

export type GatewayResponseType = z.infer<typeof gatewayResponseType>;

const gatewayResponse = z.object({
  Type: z.literal('AWS::ApiGateway::GatewayResponse'),
  Properties: z.strictObject({
    RestApiId: value,
    ResponseType: gatewayResponseType,
    StatusCode: z.optional(z.string().check(z.regex(/^[1-5]\d\d$/))),
    ResponseParameters: z._default(
      z.record(
        z.string().check(z.regex(/^gatewayresponse\.header\.[\w-]+$/)),
        z.string().check(z.regex(/^('[^']*'|context\.[\w.]+)$/)),
      ),
      {},
    ),
    ResponseTemplates: z.optional(z.strictObject({ 'application/json': z.optional(z.string()) })),
  }),
  ...unconditional,
});

const apiDeployment = z.object({
  Type: z.literal('AWS::ApiGateway::Deployment'),
  Properties: z.strictObject({ RestApiId: value, Description: noBearing }),
  ...unconditional,
});

const apiStage = z.object({
  Type: z.literal('AWS::ApiGateway::Stage'),
  Properties: z.strictObject({
    RestApiId: value,
    DeploymentId: value,
    StageName: z.string(),
    AccessLogSetting: z.optional(z.strictObject({ DestinationArn: value, Format: z.string() })),
    MethodSettings: z._default(
      z.array(
        z.strictObject({
          HttpMethod: z.string(),
          ResourcePath: z.string(),
          ThrottlingBurstLimit: z.optional(z.number()),
          ThrottlingRateLimit: z.optional(z.number()),
          CachingEnabled: off,
          DataTraceEnabled: noBearing,
          LoggingLevel: noBearing,
          MetricsEnabled: noBearing,
        }),
      ),
      [],
    ),
    Variables: z.optional(z.record(z.string(), z.string())),
    CacheClusterEnabled: off,
    Description: noBearing,
    Tags: noBearing,
    TracingEnabled: noBearing,
  }),
  ...unconditional,
});

const rule = z.object({
  Type: z.literal('AWS::Events::Rule'),
  Properties: z.looseObject({
    ScheduleExpression: z.optional(z.string()),
    State: z._default(z.string(), 'ENABLED'),
    Targets: z._default(
      z.array(
        z.strictObject({
          Arn: value,
          Id: z.string(),
          Input: z.optional(z.string()),
          RetryPolicy: noBearing,
          DeadLetterConfig: noBearing,
        }),
      ),
      [],
    ),
  }),
  ...unconditional,
});

const schedule = z.object({
  Type: z.literal('AWS::Scheduler::Schedule'),
  Properties: z.looseObject({
    ScheduleExpression: z.string(),
    State: z._default(z.string(), 'ENABLED'),
    Target: z.strictObject({
      Arn: value,
      RoleArn: noBearing,
      Input: z.optional(z.string()),
      RetryPolicy: noBearing,
      DeadLetterConfig: noBearing,
    }),
  }),
  ...unconditional,
});

export const resourceSchema = z.discriminatedUnion('Type', [
  table,
  globalTable,
  secret,
  lambdaFunction,
  lambdaVersion,
  lambdaAlias,
  restApi,
  apiResource,
  apiMethod,
  apiAuthorizer,
  gatewayResponse,
  apiDeployment,
  apiStage,
  rule,
  schedule,
]);

export type Resource = z.infer<typeof resourceSchema>;
export type ResourceType = Resource['Type'];

/** Resource types without an effect on what one machine serves: permissions, alarms, notifications. */
export const IGNORED_TYPES: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::Account',
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentConfig',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::Events::EventBus',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::Pipes::Pipe',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);
