import { Arn, ArnFormat } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { AmqpBackends, Backends, HttpBackends, SecretAccess } from './backend-settings.ts';

/** Returns the environment of a function that calls all three backends. */
export function backendEnvironment(backends: Backends): Record<string, string> {
  return {
    ROUTE_BACKEND_URL: backends.routeUrl,
    FLOW_BACKEND_URL: backends.flowUrl,
    CALL_BACKEND_URL: backends.callUrl,
    ...(backends.transport === 'http' ? httpEnvironment(backends) : amqpEnvironment(backends)),
  };
}

function httpEnvironment({ auth }: HttpBackends): Record<string, string> {
  return {
    BACKEND_AUTH: auth.type,
    ...(auth.type === 'bearer' && { BACKEND_SECRET_ARN: auth.secret.secretArn }),
  };
}

function amqpEnvironment({ secret, queues, maxProcessingSeconds }: AmqpBackends): Record<string, string> {
  return {
    ...(secret !== null && { AMQP_SECRET_ARN: secret.secretArn }),
    AMQP_ROUTE_QUEUE: queues.route,
    AMQP_FLOW_QUEUE: queues.flow,
    AMQP_CALL_QUEUE: queues.call,
    AMQP_MAX_PROCESSING_SECONDS: String(maxProcessingSeconds),
  };
}

/** Returns the policy statements that a role needs to authenticate to the backends. */
export function backendPolicyStatements(backends: Backends): iam.PolicyStatement[] {
  if (backends.transport === 'amqp') {
    return backends.secret === null ? [] : secretPolicyStatements(backends.secret);
  }
  const { auth } = backends;
  if (auth.type === 'bearer') return secretPolicyStatements(auth.secret);
  return auth.type === 'sigv4' ? auth.functionArns.flatMap(functionUrlPolicyStatements) : [];
}

/**
 * Returns the policy statements that a role needs to read one secret. If it is encrypted with a customer-managed key,
 * the role may decrypt with that key, but only through Secrets Manager; the key's own policy must allow the account's
 * roles to do so.
 */
export function secretPolicyStatements({ secretArn, kmsKeyArn }: SecretAccess): iam.PolicyStatement[] {
  const read = new iam.PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'],
    resources: [secretArn],
  });
  if (kmsKeyArn === null) return [read];
  const { region: keyRegion } = Arn.split(kmsKeyArn, ArnFormat.SLASH_RESOURCE_NAME);
  if (keyRegion === undefined) throw new Error(`${kmsKeyArn} names no region`);
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
 * A function URL with IAM authentication has required two permissions since October 2025 (Lambda developer guide, "Control access
 * to Lambda function URLs"). The second is limited to calls through the URL.
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
