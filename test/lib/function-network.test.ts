import { expect, test } from 'vitest';
import { production, synthesizeProviderCall } from './synthesized.ts';

test('only the functions that call backends run in the VPC, with a way out to AWS and the backends and none in', () => {
  const stack = synthesizeProviderCall({
    ...production,
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

test('the stand-in’s URL, unknown until it is deployed, is reached on the port of HTTPS', () => {
  const stack = synthesizeProviderCall({ vpcId: 'vpc-01234567', vpcSubnetIds: 'subnet-01234567' });
  const [group] = Object.values(stack.ofType('AWS::EC2::SecurityGroup'));
  expect(group?.properties['SecurityGroupEgress']).toEqual([
    expect.objectContaining({ FromPort: 443, ToPort: 443 }),
  ]);
});
