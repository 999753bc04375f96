import { expect, test } from 'vitest';
import { OVER_AMQP, PRODUCTION, synthesizeProviderCall } from './synthesized.ts';

test('only the functions that call backends run in the VPC, with egress to AWS and the backends and no ingress', () => {
  const stack = synthesizeProviderCall({
    ...PRODUCTION,
    vpcId: 'vpc-01234567',
    vpcSubnetIds: 'subnet-01234567,subnet-89abcdef',
  });
  const inVpc = Object.entries(stack.ofType('AWS::Lambda::Function')).filter(
    ([, { properties }]) => properties['VpcConfig'] !== undefined,
  );
  expect(inVpc.map(([id]) => id)).toEqual(['CreateFunction', 'ReconcileFunction']);
  for (const [, { properties }] of inVpc) {
    expect(properties['VpcConfig']).toEqual({
      SecurityGroupIds: ['FunctionsNetworkSecurityGroup.GroupId'],
      SubnetIds: ['subnet-01234567', 'subnet-89abcdef'],
    });
  }
  const egress = (port: number) =>
    expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: port, ToPort: port });
  const [group] = Object.values(stack.ofType('AWS::EC2::SecurityGroup'));
  expect(group?.properties).toMatchObject({
    VpcId: 'vpc-01234567',
    SecurityGroupEgress: [egress(443), egress(8443)],
  });
  expect(group?.properties['SecurityGroupIngress']).toBeUndefined();
});

test('the platform stand-in, whose URL is unknown until it is deployed, is reached on the HTTPS port', () => {
  const stack = synthesizeProviderCall({ vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567' });
  const [group] = Object.values(stack.ofType('AWS::EC2::SecurityGroup'));
  expect(group?.properties['SecurityGroupEgress']).toEqual([
    expect.objectContaining({ FromPort: 443, ToPort: 443 }),
  ]);
});

const vpc = { vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567' };
function egressTo(ports: number[]) {
  return ports.map((port) => expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: port, ToPort: port }));
}

test.each([
  ['its own port', 'amqps://broker.example.com:5673', 5673],
  ['the port of AMQP over TLS', 'amqps://broker.example.com/voip', 5671],
])('a broker in an unknown security group is reached at %s', (_what, url, port) => {
  const urls = { routeBackendUrl: url, flowBackendUrl: url, callBackendUrl: url };
  const stack = synthesizeProviderCall({ ...OVER_AMQP, ...urls, ...vpc });
  const [group] = Object.values(stack.ofType('AWS::EC2::SecurityGroup'));
  expect(group?.properties['SecurityGroupEgress']).toEqual(egressTo([443, port]));
  expect(stack.ofType('AWS::EC2::SecurityGroupIngress')).toEqual({});
});

test('a broker in a known security group lets the functions in at its port, and they reach nothing else there', () => {
  const stack = synthesizeProviderCall({
    ...OVER_AMQP,
    ...vpc,
    amqpBrokerSecurityGroupId: 'sg-0123456789abcdef0',
  });
  const functions = 'FunctionsNetworkSecurityGroup.GroupId';
  const port = { IpProtocol: 'tcp', FromPort: 5673, ToPort: 5673 };
  const [group] = Object.values(stack.ofType('AWS::EC2::SecurityGroup'));
  expect(group?.properties['SecurityGroupEgress']).toEqual(egressTo([443]));
  const rulesOf = (type: string) => Object.values(stack.ofType(type)).map(({ properties }) => properties);
  expect(rulesOf('AWS::EC2::SecurityGroupEgress')).toEqual([
    {
      ...port,
      Description: 'The message broker',
      GroupId: functions,
      DestinationSecurityGroupId: 'sg-0123456789abcdef0',
    },
  ]);
  expect(rulesOf('AWS::EC2::SecurityGroupIngress')).toEqual([
    {
      ...port,
      Description: 'ProviderCall functions',
      GroupId: 'sg-0123456789abcdef0',
      SourceSecurityGroupId: functions,
    },
  ]);
});
