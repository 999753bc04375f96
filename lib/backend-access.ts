import * as iam from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Backends, SecretAccess } from './settings.ts';

/** Returns the environment of a function that calls all three backends. */
export function backendEnvironment({ routeUrl, flowUrl, callUrl, auth }: Backends): Record<string, string> {
  return {
    ROUTE_BACKEND_URL: routeUrl,
    FLOW_BACKEND_URL: flowUrl,
    CALL_BACKEND_URL: callUrl,
    BACKEND_AUTH: auth.type,
    ...(auth.type === 'bearer' && { BACKEND_SECRET_ARN: auth.secret.secretArn }),
  };
}

/** Returns what a role needs to authenticate to the backends. */
export function backendPolicyStatements({ auth }: Backends): iam.PolicyStatement[] {
  if (auth.type === 'bearer') return secretPolicyStatements(auth.secret);
  return auth.type === 'sigv4' ? auth.functionArns.flatMap(functionUrlPolicyStatements) : [];
}

/**
 * Returns what a role needs to read one secret. With a customer-managed key the reader decrypts it itself, through Secrets
 * Manager only; the key's own policy must let the account's roles do so.
 */
export function secretPolicyStatements({ secretArn, kmsKeyArn }: SecretAccess): iam.PolicyStatement[] {
  const read = new iam.PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'],
    resources: [secretArn],
  });
  if (kmsKeyArn === null) return [read];
  const [, , , keyRegion = ''] = kmsKeyArn.split(':');
  const domain = RegionInfo.get(keyRegion).domainSuffix ?? 'amazonaws.com';
  return [
    read,
    new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [kmsKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${keyRegion}.${domain}` } },
    }),
  ];
}

/**
 * A function URL with IAM authentication takes two permissions since October 2025 (Lambda developer guide, "Control access
 * to Lambda function URLs"). The second is bound to calls through the URL.
 */
function functionUrlPolicyStatements(functionArn: string): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['lambda:InvokeFunctionUrl'],
      resources: [functionArn],
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    }),
    new iam.PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [functionArn],
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    }),
  ];
}
