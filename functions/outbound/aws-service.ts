import aws4 from 'aws4';
import * as z from 'zod/mini';
import { ReportableError } from '../platform-error.ts';
import { type HttpRequest, type HttpResponse, sendRequest } from './http-client.ts';

/** The AWS services that are called without the SDK, each with the variable that can point it elsewhere. */
const SERVICES = {
  dynamodb: { version: '1.0', target: 'DynamoDB_20120810', endpoint: 'AWS_ENDPOINT_URL_DYNAMODB' },
  secretsmanager: { version: '1.1', target: 'secretsmanager', endpoint: 'AWS_ENDPOINT_URL_SECRETS_MANAGER' },
} as const;

const TIMEOUT_MS = 3_000;
const RETRY_AFTER_MS = 50;

/** The names of errors after which DynamoDB and Secrets Manager may accept the same request a moment later. */
const THROTTLED = /Throttl|ThroughputExceeded|RequestLimitExceeded/;

const errorSchema = z.object({ __type: z.string() });

/**
 * Calls one operation of an AWS service that only reads, with the function's own credentials (AWS JSON protocol), and
 * returns the parsed response. A lost connection, a 5xx and throttling are tried once more.
 *
 * For functions whose start must not pay for the SDK, which takes several times as long to load as all of authorize.
 *
 * @throws {ReportableError} with the service's error name for any status but 200, never with its message, which may repeat the input
 */
export async function callAwsService(
  service: keyof typeof SERVICES,
  operation: string,
  input: Record<string, unknown>,
): Promise<unknown> {
  const { version, target, endpoint } = SERVICES[service];
  const url = new URL(
    process.env[endpoint] ?? `https://${service}.${variable('AWS_REGION')}.${variable('URL_SUFFIX')}`,
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
  const send = () =>
    sendRequest({ ...request, headers: signedHeaders(service, request), timeoutMs: TIMEOUT_MS });
  let response: HttpResponse | undefined;
  try {
    response = await send();
  } catch (error) {
    if (!isLostConnection(error)) throw error;
  }
  if (response === undefined || isTemporary(response)) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    response = await send();
  }
  const { status, text } = response;
  if (status !== 200) {
    throw new ReportableError(`${service} ${operation} returned ${status}: ${errorName(text)}`);
  }
  return JSON.parse(text);
}

/**
 * Returns the headers of a request with those of Signature Version 4 added, made with the function's own credentials
 * (the AWS_ variables that the Lambda runtime sets).
 *
 * @throws {ReportableError} without AWS_REGION: a signature for no region would be rejected as if the credentials were wrong
 */
export function signedHeaders(
  service: string,
  { method, url, headers, body }: Omit<HttpRequest, 'timeoutMs'>,
): Record<string, string> {
  const request = {
    service,
    region: variable('AWS_REGION'),
    method,
    host: url.host,
    path: url.pathname + url.search,
    headers,
    ...(body !== undefined && { body }),
  };
  // Replaces the headers by a copy with more of them, the length as a number.
  aws4.sign(request);
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}

/** Returns a variable that a request needs. Read late, so that a function starts without it where its endpoints are replaced. */
function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new ReportableError(`environment: ${name} is missing`);
  return value;
}

/** Node's own errors have a name as their code; a timeout does not, and has taken too long to be tried again. */
function isLostConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function isTemporary({ status, text }: HttpResponse): boolean {
  return status >= 500 || (status === 400 && THROTTLED.test(errorName(text)));
}

function errorName(text: string): string {
  try {
    return errorSchema.parse(JSON.parse(text)).__type;
  } catch {
    return 'an error without a name';
  }
}
