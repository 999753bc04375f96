import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { hashAccessKey } from '../../functions/auth/access-key.ts';
import { awsVariables, startDynamodb } from '../dynamodb.ts';
import { lambdaContext } from './api-under-test.ts';
import { jsonResponse, startBackend } from './backend-server.ts';

/** What a test sends to the authorizer, in the form in which the gateway passes it on. */
export type Sent = {
  headers?: Record<string, string[]>;
  query?: Record<string, string[]>;
};

const METHOD_ARN = 'arn:aws:execute-api:us-east-1:000000000000:api/test/GET/v1.0/providercalls';

/** Starts the handler with its environment, a Secrets Manager and a table. Called once in a file. */
export async function startAuthorizer(signingSecret: string, variables: Record<string, string> = {}) {
  const dynamodb = await startDynamodb();
  const table = await dynamodb.createAccessKeyTable();
  const secrets = await startBackend(jsonResponse(200, { SecretString: signingSecret }));
  Object.assign(process.env, awsVariables(dynamodb), {
    STAGE: 'test',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    SIGNING_KEY_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:signing',
    ACCESS_KEY_TABLE: table,
    ...variables,
  });
  const { handler } = await import('../../functions/authorize.ts');
  return {
    methodArn: METHOD_ARN,
    dynamodb,
    secrets,
    handle: (sent: Sent) => handler(authorizerEvent(sent), lambdaContext(10_000)),
    storeAccessKey: async (key: string, attributes: Record<string, unknown>) => {
      const Item = { key_hash: hashAccessKey(key), ...attributes };
      await dynamodb.documents.send(new PutCommand({ TableName: table, Item }));
    },
  };
}

function authorizerEvent({ headers = {}, query = {} }: Sent) {
  return {
    type: 'REQUEST',
    methodArn: METHOD_ARN,
    resource: '/v1.0/providercalls',
    path: '/v1.0/providercalls',
    httpMethod: 'GET',
    headers: {},
    multiValueHeaders: headers,
    queryStringParameters: {},
    multiValueQueryStringParameters: query,
    pathParameters: {},
    stageVariables: {},
    requestContext: { requestId: 'gateway-request-1' },
  };
}
