import {
  ArnFormat,
  Aws,
  CfnCondition,
  CfnResource,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
  Token,
} from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** The only region in which CloudFront delivers logs to CloudWatch. */
export const CLOUDFRONT_REGION = 'us-east-1';

/**
 * The fields that are logged for a request. Query string, referrer and cookies are left out because they may contain
 * credentials (CloudFront Developer Guide, "Log file fields").
 */
export const LOGGED_FIELDS = [
  'date',
  'time',
  'x-edge-request-id',
  'x-edge-location',
  'c-ip',
  'cs-method',
  'cs-uri-stem',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'ssl-protocol',
];

export type ConsoleLogsProps = { stage: string; distributionArn: string };

/**
 * The access log of the console's distribution: one line for each request, kept for a month. It can be created in one
 * region only.
 */
export class ConsoleLogs extends Construct {
  constructor(scope: Construct, id: string, { stage, distributionArn }: ConsoleLogsProps) {
    super(scope, id);
    const name = `provider-call-${stage}-console`;
    // A log group with this name prefix needs no resource policy, of which a region allows only ten.
    const logGroupName = `/aws/vendedlogs/cloudfront/${name}`;
    const logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const source = new logs.CfnDeliverySource(this, 'Source', {
      name,
      resourceArn: distributionArn,
      logType: 'ACCESS_LOGS',
    });
    const destination = new logs.CfnDeliveryDestination(this, 'Destination', {
      name,
      // The CDK's own ARN of a log group ends with a wildcard, which is not allowed here.
      destinationResourceArn: Stack.of(this).formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName: logGroup.logGroupName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      outputFormat: 'json',
    });
    const delivery = new logs.CfnDelivery(this, 'Delivery', {
      deliverySourceName: source.ref,
      deliveryDestinationArn: destination.attrArn,
      recordFields: LOGGED_FIELDS,
    });
    delivery.addResourceDependency(source);
    delivery.addResourceDependency(destination);
    this.limitToCloudFrontRegion([logGroup.node.defaultChild, source, destination, delivery]);
  }

  /** For a stack whose region is known only at deployment. */
  private limitToCloudFrontRegion(resources: unknown[]): void {
    if (!Token.isUnresolved(Stack.of(this).region)) return;
    const condition = new CfnCondition(this, 'InCloudFrontRegion', {
      expression: Fn.conditionEquals(Aws.REGION, CLOUDFRONT_REGION),
    });
    for (const resource of resources) {
      if (resource instanceof CfnResource) resource.cfnOptions.condition = condition;
    }
  }
}

export type ConsoleLogsStackProps = StackProps & {
  stage: string;
  /** Name, region and output of the stack with the distribution. */
  producer: { stackName: string; region: string; output: string };
};

/** The same log, for a console whose stack is in another region. */
export class ConsoleLogsStack extends Stack {
  constructor(scope: Construct, id: string, { stage, producer, ...props }: ConsoleLogsStackProps) {
    super(scope, id, { ...props, env: { region: CLOUDFRONT_REGION } });
    new ConsoleLogs(this, 'Logs', {
      stage,
      distributionArn: Fn.getStackOutput(producer.stackName, producer.output, producer.region),
    });
  }
}
