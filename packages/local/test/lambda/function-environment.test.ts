import { expect, test } from 'vitest';
import { functionEnvironment } from '../../src/lambda/function-environment.ts';

const DEFINITION = {
  logicalId: 'F',
  name: 'f',
  arn: 'arn:f',
  codeDirectory: '/bundle',
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  timeoutMs: 3_000,
  memoryMb: 256,
  reservedConcurrency: undefined,
  variables: { TABLE: 'things', AWS_ENDPOINT_URL_DYNAMODB: 'http://filled.in.later' },
  referenceNames: ['TABLE'],
};
const AWS = {
  region: 'eu-west-1',
  accessKeyId: 'key',
  secretAccessKey: 'secret',
  dynamodbEndpoint: 'http://127.0.0.1:1',
  secretsManagerEndpoint: 'http://127.0.0.1:2',
};

test('a function’s environment is Lambda’s, the template’s and the endpoints of this machine', () => {
  expect(functionEnvironment(DEFINITION, AWS)).toEqual({
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    LAMBDA_TASK_ROOT: '/bundle',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    _HANDLER: 'index.handler',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: 'f',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/f',
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    TABLE: 'things',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:2',
  });
});

test('a session token is passed on where there is one', () => {
  expect(functionEnvironment(DEFINITION, { ...AWS, sessionToken: 'token' })).toMatchObject({
    AWS_SESSION_TOKEN: 'token',
  });
});
