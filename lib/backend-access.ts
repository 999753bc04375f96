import * as iam from 'aws-cdk-lib/aws-iam';
import type { Backends } from './settings.ts';

/** Environment of a function that calls all three backends. */
export const backendEnvironment = ({
  routeUrl,
  flowUrl,
  callUrl,
  auth,
}: Backends): Record<string, string> => ({
  ROUTE_BACKEND_URL: routeUrl,
  FLOW_BACKEND_URL: flowUrl,
  CALL_BACKEND_URL: callUrl,
  BACKEND_AUTH: auth.type,
  ...(auth.type === 'bearer' && { BACKEND_SECRET_ARN: auth.secretArn }),
});

/** What a role needs to prove itself to the backends. */
export const mayCallBackends = ({ auth }: Backends): iam.PolicyStatement[] => {
  if (auth.type === 'bearer') {
    return [mayReadSecret(auth.secretArn)];
  }
  return auth.type === 'sigv4' ? auth.functionArns.flatMap(mayInvokeUrl) : [];
};

export const mayReadSecret = (secretArn: string): iam.PolicyStatement =>
  new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] });

/**
 * A function URL with IAM authentication takes two permissions since October 2025 (Lambda developer guide, "Control access
 * to Lambda function URLs"). The second is bound to calls through the URL.
 */
const mayInvokeUrl = (functionArn: string): iam.PolicyStatement[] => [
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
