import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleOf, type FunctionName } from './function-bundles.ts';
import type { FunctionNetwork } from './function-network.ts';
import type { Settings } from './settings.ts';

/**
 * Where AWS is on one machine, for whoever runs the template there to fill in: `sam local invoke` gives a function no variable that
 * its template does not name. A deployed function has neither.
 */
const endpointsToFillIn = {
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1',
};

export type SinglePurposeFunctionProps = {
  settings: Settings;
  name: FunctionName;
  description: string;
  environment: Record<string, string>;
  /** All that it may do besides writing its own log. */
  may: iam.PolicyStatement[];
  timeoutSeconds: number;
  memoryMb: number;
  /** Functions that nobody but this one may take from the account's common pool. */
  reservedConcurrency?: number | null;
  network?: FunctionNetwork | undefined;
};

/** A function as this house runs it: one entry file, one role with exact actions on exact ARNs, one log group. */
export class SinglePurposeFunction extends Construct {
  readonly function: lambda.Function;
  /**
   * What is to be called: the alias that a deployment moves to the new version bit by bit, or the function itself where
   * nothing is deployed.
   */
  readonly live: lambda.IFunction;
  /** The alias, where there is one. */
  readonly alias: lambda.Alias | undefined;

  constructor(scope: Construct, id: string, props: SinglePurposeFunctionProps) {
    super(scope, id);
    const { settings, network } = props;
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const statement of props.may) {
      role.addToPolicy(statement);
    }
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
    this.function = new lambda.Function(this, 'Function', {
      // Nothing is bundled where the CLI, or a test, asks for the stack's shape only.
      code: Stack.of(this).bundlingRequired
        ? lambda.Code.fromAsset(bundleOf(props.name))
        : lambda.Code.fromInline('exports.handler = async () => {};'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      description: props.description,
      environment: {
        STAGE: settings.stage,
        ...(settings.stage === 'local' && endpointsToFillIn),
        ...props.environment,
      },
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      tracing: settings.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      ...(props.reservedConcurrency != null && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...network?.functionProps,
      // What an alias was moved away from stays, so that it can be moved back by hand.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    this.alias =
      settings.stage === 'local'
        ? undefined
        : new lambda.Alias(this, 'Live', { aliasName: 'live', version: this.function.currentVersion });
    this.live = this.alias ?? this.function;
  }
}
