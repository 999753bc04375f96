import { PLATFORM_TABLE } from '@provider-call/platform/platform-table';
import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { HttpBackends } from './backend-settings.ts';
import { DurableTable } from './durable-table.ts';
import type { Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

export type SandboxStackProps = StackProps & { settings: Settings };

/**
 * The platform stand-in: the three backends in one function behind IAM, with their state in a table that is deleted
 * with the stack.
 */
export class SandboxStack extends Stack {
  /** Where and how ProviderCall reaches it. */
  readonly backends: HttpBackends;

  constructor(scope: Construct, id: string, { settings, ...props }: SandboxStackProps) {
    super(scope, id, props);
    const indexes = Object.values(PLATFORM_TABLE.indexes);
    const table = new DurableTable(this, 'Documents', {
      // The calls are made up, so nothing here needs to outlive the stack or be in a second region.
      settings: { retain: false, replicas: [] },
      partitionKey: PLATFORM_TABLE.partitionKey,
      timeToLiveAttribute: PLATFORM_TABLE.timeToLive,
      indexes,
    });
    const platform = new SinglePurposeFunction(this, 'Platform', {
      settings,
      name: 'platform',
      description: 'Stands in for the route, flow and call backends of the platform',
      environment: { SANDBOX_TABLE: table.name },
      policyStatements: [
        new iam.PolicyStatement({
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [table.arn],
        }),
        new iam.PolicyStatement({
          actions: ['dynamodb:Query'],
          resources: indexes.map((index) => table.indexArn(index)),
        }),
      ],
      timeoutSeconds: 10,
      memoryMb: 512,
    });
    const { url } = platform.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    // https://<id>.lambda-url.<region>.on.aws/ without the trailing slash, like every base URL here.
    const baseUrl = Fn.join('', ['https://', Fn.select(2, Fn.split('/', url))]);
    this.backends = {
      transport: 'http',
      routeUrl: baseUrl,
      flowUrl: baseUrl,
      callUrl: baseUrl,
      auth: { type: 'sigv4', functionArns: [platform.function.functionArn] },
    };
  }
}
