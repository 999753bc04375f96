import type { FunctionDefinition } from '../template/functions.ts';

/** The region, credentials and endpoints that the AWS SDK in every function uses instead of an account's. */
export type AwsEnvironment = {
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  dynamodbEndpoint: string;
  secretsManagerEndpoint: string;
};

/** Variables that point the AWS SDK to the services on this machine. */
export const ENDPOINT_VARIABLES = ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_SECRETS_MANAGER'] as const;

/**
 * Returns the whole environment of a function: Lambda's own variables (Lambda Developer Guide, "Defined runtime
 * environment variables"), the endpoints that stand in for AWS, and the template's variables. The environment in which
 * the local system was started is not passed on.
 */
export function functionEnvironment(
  definition: FunctionDefinition,
  aws: AwsEnvironment,
): Record<string, string> {
  return {
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    LAMBDA_TASK_ROOT: definition.codeDirectory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    _HANDLER: definition.handler,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
    ...(aws.sessionToken && { AWS_SESSION_TOKEN: aws.sessionToken }),
    ...definition.variables,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.secretsManagerEndpoint,
  };
}
