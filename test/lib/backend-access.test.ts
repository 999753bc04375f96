import { expect, test } from 'vitest';
import { secretPolicyStatements } from '../../lib/backend-access.ts';

test.each([
  ['aws', 'eu-central-1', 'secretsmanager.eu-central-1.amazonaws.com'],
  ['aws-us-gov', 'us-gov-west-1', 'secretsmanager.us-gov-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'secretsmanager.cn-north-1.amazonaws.com.cn'],
])('in the partition %s a key of %s decrypts for Secrets Manager at %s', (partition, region, service) => {
  const statements = secretPolicyStatements({
    secretArn: `arn:${partition}:secretsmanager:${region}:111122223333:secret:key`,
    kmsKeyArn: `arn:${partition}:kms:${region}:111122223333:key/1`,
  });
  expect(statements[1]?.toStatementJson().Condition).toEqual({
    StringEquals: { 'kms:ViaService': service },
  });
});
