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
  /** The logical id in the template, readable for people; undefined keeps the CDK's, which contains a hash. */
  logicalId?: string;
  description: string;
  environment: Record<string, string>;
  /** Everything that the role allows besides writing the function's own log. */
  policyStatements: iam.PolicyStatement[];
  timeoutSeconds: number;
  memoryMb: number;
  /** How many instances may run at once, reserved from the account's common pool. With 0, none may. */
  reservedConcurrency?: number | null;
  network?: FunctionNetwork | undefined;
};

/**
 * Placeholders for the AWS endpoints on one machine, filled in by whatever runs the template there: `sam local invoke`
 * only sets variables that the template names. A deployed function has neither.
 */
const ENDPOINTS_TO_FILL_IN = {
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1',
};

/** A function as this project defines it: one entry file, one role with exact actions on exact ARNs, one log group. */
export class SinglePurposeFunction extends Construct {
  readonly function: lambda.Function;
  /**
   * What callers invoke: the alias that a deployment shifts to the new version, or the function itself in stage local.
   */
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
      // Nothing is bundled if the CLI or a test needs only the shape of the stack.
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
      // Lambda's own START, END and REPORT lines cost more than the function's line; failures are at level WARN and
      // still logged.
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      tracing: settings.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      ...(props.reservedConcurrency != null && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...network?.functionProps,
      // The versions that an alias pointed to before are kept, so that it can be moved back by hand.
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
      ...(settings.tracing ? ['X-Ray does not support resources for sending traces'] : []),
      ...(network === undefined ? [] : ['EC2 does not support them for describing network interfaces']),
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

/**
 * arm64 in an account; in stage local the machine's own architecture, because SAM's container would be emulated
 * otherwise.
 */
function architectureOf({ stage }: Settings): lambda.Architecture {
  return stage === 'local' && process.arch === 'x64'
    ? lambda.Architecture.X86_64
    : lambda.Architecture.ARM_64;
}
