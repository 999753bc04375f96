import { Duration, Validations } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { emittedMetric } from './metrics.ts';
import type { Settings } from './settings.ts';
import type { SinglePurposeFunction } from './single-purpose-function.ts';

export type GradualDeploymentProps = {
  settings: Settings;
  authorize: SinglePurposeFunction;
  functions: SinglePurposeFunction[];
  restApi: apigateway.RestApi;
};

const MANAGED_POLICY = 'service-role/AWSCodeDeployRoleForLambdaLimited';

const MINUTE = Duration.minutes(1);

/** 5xx answers of the API in one minute at which new code is put back: a single one may be a backend's. */
const SERVER_ERRORS = 3;

/**
 * New code gets a tenth of the calls for five minutes, then all of them. When a function fails meanwhile, or the API
 * answers 5xx, it is put back, and with it the whole deployment.
 */
export class GradualDeployment extends Construct {
  constructor(scope: Construct, id: string, props: GradualDeploymentProps) {
    super(scope, id);
    const { settings, authorize, functions, restApi } = props;
    const application = new codedeploy.LambdaApplication(this, 'Application');
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codedeploy.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(MANAGED_POLICY)],
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${MANAGED_POLICY}]`,
      reason:
        'CodeDeploy documents this policy for its own service role and keeps it up to date; no code of ours has it.',
    });
    const serverErrors = this.alarm(
      'ServerErrors',
      'The API answered 5xx',
      restApi.metricServerError({ statistic: 'Sum', period: MINUTE }),
      SERVER_ERRORS,
    );
    for (const source of [authorize, ...functions]) {
      const { alias, node } = source;
      if (alias === undefined) {
        continue;
      }
      const failures =
        source === authorize
          ? // It answers 401 by failing, so Lambda's own count of errors is mostly one of bad tokens.
            emittedMetric(settings, 'authorize', 'AuthorizerErrors', { period: MINUTE })
          : alias.metricErrors({ period: MINUTE });
      new codedeploy.LambdaDeploymentGroup(this, node.id, {
        application,
        role,
        alias,
        deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: [this.alarm(`${node.id}Errors`, `${node.id} failed`, failures, 1), serverErrors],
      });
    }
  }

  private alarm(id: string, what: string, metric: cloudwatch.IMetric, threshold: number): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      alarmDescription: `${what}: a deployment that is under way is put back`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}
