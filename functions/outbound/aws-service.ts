import * as z from 'zod/mini';
import { exchange } from './exchange.ts';
import { signedHeaders } from './sign.ts';

/** The AWS services that are called without the SDK, each with the variable that can point it elsewhere. */
const services = {
  dynamodb: { version: '1.0', target: 'DynamoDB_20120810', endpoint: 'AWS_ENDPOINT_URL_DYNAMODB' },
  secretsmanager: { version: '1.1', target: 'secretsmanager', endpoint: 'AWS_ENDPOINT_URL_SECRETS_MANAGER' },
} as const;

const TIMEOUT_MS = 3_000;

const errorSchema = z.object({ __type: z.string() });

const errorName = (text: string): string => {
  try {
    return errorSchema.parse(JSON.parse(text)).__type;
  } catch {
    return 'an error without a name';
  }
};

/**
 * Calls one operation of an AWS service with the function's own credentials (AWS JSON protocol) and gives the parsed
 * answer. Rejects with the service's error name for any status but 200, never with its message, which may repeat what
 * was asked for.
 *
 * For functions whose start must not pay for the SDK, which takes several times as long to load as all of authorize.
 */
export const callAwsService = async (
  service: keyof typeof services,
  operation: string,
  input: Record<string, unknown>,
): Promise<unknown> => {
  const { version, target, endpoint } = services[service];
  const url = new URL(
    process.env[endpoint] ?? `https://${service}.${process.env['AWS_REGION']}.amazonaws.com`,
  );
  const request = {
    method: 'POST',
    url,
    headers: {
      'Content-Type': `application/x-amz-json-${version}`,
      'X-Amz-Target': `${target}.${operation}`,
    },
    body: JSON.stringify(input),
  };
  const { status, text } = await exchange({
    ...request,
    headers: signedHeaders(service, request),
    timeoutMs: TIMEOUT_MS,
  });
  if (status !== 200) throw new Error(`${service} ${operation} answered ${status}: ${errorName(text)}`);
  return JSON.parse(text);
};
