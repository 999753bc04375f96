import { Token, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export type FunctionNetworkProps = {
  vpcId: string;
  subnetIds: string[];
  backendUrls: string[];
  /**
   * The security group of the message broker in front of the backends; at the broker's ports the functions reach
   * nothing else.
   */
  brokerSecurityGroupId: string | null;
};

/**
 * The private subnets in which functions with backends in a VPC run, and their security group, which allows outbound
 * traffic to the backends and AWS and no inbound traffic. The subnets need a route to DynamoDB and Secrets Manager,
 * through endpoints or a NAT gateway. If a broker's security group is known, a rule that admits the functions is added
 * to it.
 */
export class FunctionNetwork extends Construct {
  readonly functionProps: Pick<lambda.FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'>;

  constructor(scope: Construct, id: string, props: FunctionNetworkProps) {
    super(scope, id);
    // Nothing is looked up, so that synthesis needs no account. The zones are required but never used.
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: props.vpcId, availabilityZones: ['unused'] });
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'ProviderCall functions: to AWS and the backends, nothing in',
      allowAllOutbound: false,
    });
    const ports = new Set(props.backendUrls.map(portOf));
    if (props.brokerSecurityGroupId === null) {
      for (const port of new Set([HTTPS_PORT, ...ports])) {
        securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), 'AWS endpoints and backends');
      }
    } else {
      securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'AWS endpoints');
      const broker = ec2.SecurityGroup.fromSecurityGroupId(this, 'Broker', props.brokerSecurityGroupId);
      for (const port of ports) {
        securityGroup.addEgressRule(broker, ec2.Port.tcp(port), 'The message broker');
        broker.addIngressRule(securityGroup, ec2.Port.tcp(port), 'ProviderCall functions');
      }
    }
    Validations.of(this).acknowledge({
      id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
      reason: 'The route tables of these subnets are not used.',
    });
    this.functionProps = {
      vpc,
      vpcSubnets: {
        subnets: props.subnetIds.map((subnetId) => ec2.Subnet.fromSubnetId(this, subnetId, subnetId)),
      },
      securityGroups: [securityGroup],
    };
  }

  /** Lets Lambda, but not the function's own code, manage the network interfaces. */
  allowInterfaces(role: iam.Role): void {
    role.addToPolicy(new iam.PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ['*'] }));
    role.addToPolicy(
      new iam.PolicyStatement({
        effect: iam.Effect.DENY,
        actions: INTERFACE_ACTIONS,
        resources: ['*'],
        // Present only in calls that the function's code makes (Lambda developer guide, "Credentials in the execution role").
        conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      }),
    );
  }
}

/** The port of a URL that does not name one. */
const HTTPS_PORT = 443;
const AMQPS_PORT = 5671;

/**
 * What Lambda itself does with a function's network interfaces. EC2 does not support resource restrictions for the
 * first three.
 */
const INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** The port of a backend. The stand-in's function URL is known only once it is deployed; it is always HTTPS. */
function portOf(url: string): number {
  if (Token.isUnresolved(url)) return HTTPS_PORT;
  const { protocol, port } = new URL(url);
  return Number(port || (protocol === 'amqps:' ? AMQPS_PORT : HTTPS_PORT));
}
