import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { SinglePurposeFunction } from './single-purpose-function.ts';

export type GradualDeploymentProps = { functions: SinglePurposeFunction[] };

/**
 * New code gets a tenth of the calls for five minutes, then all of them. A function that fails meanwhile is put back, and
 * with it the whole deployment.
 */
export class GradualDeployment extends Construct {
  constructor(scope: Construct, id: string, { functions }: GradualDeploymentProps) {
    super(scope, id);
    const application = new codedeploy.LambdaApplication(this, 'Application');
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codedeploy.amazonaws.com'),
      managedPolicies: [
        iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSCodeDeployRoleForLambdaLimited'),
      ],
    });
    for (const { alias, node } of functions) {
      if (alias === undefined) {
        continue;
      }
      new codedeploy.LambdaDeploymentGroup(this, node.id, {
        application,
        role,
        alias,
        deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: [
          new cloudwatch.Alarm(this, `${node.id}Errors`, {
            alarmDescription: `${node.id} failed while new code was being tried: the deployment is put back`,
            metric: alias.metricErrors({ period: Duration.minutes(1) }),
            threshold: 1,
            evaluationPeriods: 1,
            comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
          }),
        ],
      });
    }
  }
}
