import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionNetwork } from './function-network.ts';
import type { Settings } from './settings.ts';

export type SinglePurposeFunctionProps = {
  settings: Settings;
  /** The entry file, from the root of the repository. */
  entry: string;
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

const root = join(import.meta.dirname, '..');

/**
 * A function as this house runs it: one entry file, one role with exact actions on exact ARNs, one log group.
 *
 * The bundle is CommonJS without dynamic imports, minified, with the SDK inside and the ES module builds preferred: what
 * starts fastest, by measurement. Its package.json says CommonJS, so that it also loads from cdk.out in place.
 */
export class SinglePurposeFunction extends Construct {
  readonly function: lambda.Function;
  readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: SinglePurposeFunctionProps) {
    super(scope, id);
    const { settings, network } = props;
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    for (const statement of props.may) {
      role.addToPolicy(statement);
    }
    network?.allowInterfaces(role);
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(root, props.entry),
      projectRoot: root,
      depsLockFilePath: join(root, 'package-lock.json'),
      handler: 'handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      description: props.description,
      environment: { STAGE: settings.stage, ...props.environment },
      role,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      tracing: settings.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      awsSdkConnectionReuse: false,
      ...(props.reservedConcurrency != null && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...network?.functionProps,
      bundling: {
        format: OutputFormat.CJS,
        target: 'node24',
        minify: true,
        sourceMap: false,
        mainFields: ['module', 'main'],
        externalModules: [],
        esbuildArgs: { '--supported:dynamic-import': 'false', '--legal-comments': 'none' },
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (_input, output) => [`echo '{"type":"commonjs"}' > "${output}/package.json"`],
        },
      },
    });
  }
}
