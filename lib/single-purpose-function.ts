import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleOf, type FunctionName } from './function-bundles.ts';
import type { FunctionNetwork } from './function-network.ts';
import type { Settings } from './settings.ts';

export type SinglePurposeFunctionProps = {
  settings: Settings;
  name: FunctionName;
  /** In the template, for people to type; undefined leaves the CDK's, which has a hash. */
  logicalId?: string;
  description: string;
  environment: Record<string, string>;
  /** Everything the role allows besides writing the function's own log. */
  policyStatements: iam.PolicyStatement[];
  timeoutSeconds: number;
  memoryMb: number;
  /** How many may run at once, reserved from the account's common pool. 0 lets none run. */
  reservedConcurrency?: number | null;
  network?: FunctionNetwork | undefined;
};

/**
 * Where AWS is on one machine, for whoever runs the template there to fill in: `sam local invoke` sets no variable that the
 * template does not name. A deployed function has neither.
 */
const ENDPOINTS_TO_FILL_IN = {
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1',
};

/** A function in this project's form: one entry file, one role with exact actions on exact ARNs, one log group. */
export class SinglePurposeFunction extends Construct {
  readonly function: lambda.Function;
  /** What callers invoke: the alias that a deployment shifts to the new version, or the function itself where nothing is deployed. */
  readonly live: lambda.IFunction;
  /** The alias, where there is one. */
  readonly alias: lambda.Alias | undefined;

  constructor(scope: Construct, id: string, props: SinglePurposeFunctionProps) {
    super(scope, id);
    const { settings, network } = props;
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new lambda.Function(this, 'Function', {
      // Nothing is bundled where the CLI or a test needs only the stack's shape.
      code: Stack.of(this).bundlingRequired
        ? lambda.Code.fromAsset(bundleOf(props.name))
        : lambda.Code.fromInline('exports.handler = async () => {};'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: architectureOf(settings),
      description: props.description,
      environment: {
        STAGE: settings.stage,
        URL_SUFFIX: Aws.URL_SUFFIX,
        ...(settings.stage === 'local' && ENDPOINTS_TO_FILL_IN),
        ...props.environment,
      },
      role: this.createRole(props, logGroup),
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      // Lambda's own START, END and REPORT lines cost more than the function's line; what fails is WARN and still there.
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      tracing: settings.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      ...(props.reservedConcurrency != null && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...network?.functionProps,
      // What an alias was moved away from stays, so that it can be moved back by hand.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    if (props.logicalId !== undefined) {
      const resource = this.function.node.defaultChild;
      if (!(resource instanceof lambda.CfnFunction)) throw new Error('a function is not a CfnFunction');
      resource.overrideLogicalId(props.logicalId);
    }
    this.alias =
      settings.stage === 'local'
        ? undefined
        : new lambda.Alias(this, 'Live', { aliasName: 'live', version: this.function.currentVersion });
    this.live = this.alias ?? this.function;
  }

  private createRole(
    { settings, policyStatements, network }: SinglePurposeFunctionProps,
    logGroup: logs.LogGroup,
  ): iam.Role {
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const statement of policyStatements) role.addToPolicy(statement);
    network?.allowInterfaces(role);
    const unboundActions = [
      ...(settings.tracing ? ['X-Ray takes no resource to send traces to'] : []),
      ...(network === undefined ? [] : ['EC2 takes none to describe network interfaces']),
    ];
    if (unboundActions.length > 0) {
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: `${unboundActions.join(', ')}; without tracing and VPC no role has a wildcard.`,
      });
    }
    return role;
  }
}

/** arm64 in an account; on one machine the machine's own architecture, since SAM's container would be emulated otherwise. */
function architectureOf({ stage }: Settings): lambda.Architecture {
  return stage === 'local' && process.arch === 'x64'
    ? lambda.Architecture.X86_64
    : lambda.Architecture.ARM_64;
}
