import { Duration, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { MetricName } from '../functions/log/metrics.ts';
import type { Operation } from '../functions/log/operation.ts';
import { emittedMetric, sumOf } from './metrics.ts';
import type { Settings } from './settings.ts';
import type { SinglePurposeFunction } from './single-purpose-function.ts';

export type GradualDeploymentProps = {
  settings: Settings;
  functions: { operation: Operation; source: SinglePurposeFunction }[];
};

const MANAGED_POLICY = 'service-role/AWSCodeDeployRoleForLambdaLimited';

const MINUTE = Duration.minutes(1);

/**
 * The number of failures within a minute after which the new version is rolled back. A single one may be a backend's
 * fault, but the new version handles a tenth of the requests for only five minutes, and an unnecessary rollback costs
 * no more than a second deployment.
 */
const FAILURES = 1;

/**
 * Shifts a tenth of the requests to new code for five minutes, then all of them. If the new version fails during that
 * time, the whole deployment is rolled back. Only failures of the new version count: a faulty old version must not stop
 * the deployment that fixes it.
 */
export class GradualDeployment extends Construct {
  constructor(scope: Construct, id: string, props: GradualDeploymentProps) {
    super(scope, id);
    const { settings, functions } = props;
    const application = new codedeploy.LambdaApplication(this, 'Application');
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codedeploy.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(MANAGED_POLICY)],
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${MANAGED_POLICY}]`,
      reason:
        'CodeDeploy documents this policy for its own service role and keeps it up to date; none of our code has it.',
    });
    for (const { operation, source } of functions) {
      const { alias, node } = source;
      if (alias === undefined) continue;
      const alarm = new cloudwatch.Alarm(this, `${node.id}Errors`, {
        alarmDescription: `The new version of ${node.id} failed: its deployment is rolled back`,
        metric: sumOf('Failures', failuresOf(settings, alias, operation), MINUTE),
        threshold: FAILURES,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      new codedeploy.LambdaDeploymentGroup(this, node.id, {
        application,
        role,
        alias,
        deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: [alarm],
      });
    }
  }
}

/**
 * Returns the metrics of the deployed version's failures: errors that the function reports, which Lambda does not see,
 * and crashes, which only Lambda sees. The authorizer rejects a token by failing, so only the errors that it reports
 * itself count. Reconcile also reports records that an earlier version left unsettled, so only its crashes count.
 */
function failuresOf(settings: Settings, alias: lambda.Alias, operation: Operation): cloudwatch.IMetric[] {
  const { version } = alias.version;
  const reported = (metricName: MetricName) =>
    emittedMetric(settings, operation, metricName, { period: MINUTE, version });
  if (operation === 'authorize') return [reported('AuthorizerErrors')];
  const crashes = new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    // Those of a weighted alias (Lambda developer guide, "Types of metrics for Lambda functions").
    dimensionsMap: {
      FunctionName: alias.lambda.functionName,
      Resource: `${alias.lambda.functionName}:${alias.aliasName}`,
      ExecutedVersion: version,
    },
    statistic: 'Sum',
    period: MINUTE,
  });
  return operation === 'reconcile' ? [crashes] : [reported('ServerErrors'), crashes];
}
