import { isIP } from 'node:net';
import { type AllowList, parseAllowList } from '@provider-call/sip/allow-list';
import * as z from 'zod/mini';
import { signingKeySchema } from '../../../functions/auth/signing-keys.ts';
import type { AwsAccess } from './dynamodb.ts';
import { LOOPBACK } from './http-server.ts';
import { StartError } from './start-error.ts';

const notEmpty = z.string().check(z.minLength(1, 'must not be empty'));
const httpUrl = z.pipe(
  z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  z.transform((url) => url.replace(/\/+$/, '')),
);
/** The URL of a broker, or its protocol. */
export const AMQP_URL = /^amqps?:/;
const amqpUrl = z.pipe(
  z.url({ protocol: /^amqps?$/, error: 'must be an amqp or amqps URL' }),
  z.transform((url) => url.replace(/\/$/, '')),
);
const backendUrl = z.union([httpUrl, amqpUrl], 'must be an http, https, amqp or amqps URL');

/** The variables that `npm start` reads. */
const environmentSchema = z.object({
  HOST: z._default(
    z
      .string()
      .check(z.refine((text) => isIP(text) > 0, 'must be an IP address, such as 127.0.0.1 or 0.0.0.0')),
    LOOPBACK,
  ),
  PORT: z._default(
    z.pipe(
      z.string().check(z.regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')),
      z.transform(Number).check(z.lte(65_535, 'must be a number from 0 to 65535')),
    ),
    3000,
  ),
  JWT_KEY: z.optional(signingKeySchema),
  DATA_DIR: z.optional(notEmpty),
  DYNAMODB_ENDPOINT: z.optional(httpUrl),
  ROUTE_BACKEND_URL: z.optional(backendUrl),
  FLOW_BACKEND_URL: z.optional(backendUrl),
  CALL_BACKEND_URL: z.optional(backendUrl),
  AMQP_URL: z.optional(amqpUrl),
  WEBHOOK_URL: z.optional(httpUrl),
  SIP_ALLOW: z._default(z.string(), ''),
  LOG: z.optional(z.enum(['text', 'json', 'debug'], 'must be text, json or debug')),
  // Read only together with DYNAMODB_ENDPOINT, which may be one that checks them.
  AWS_REGION: z.optional(notEmpty),
  AWS_ACCESS_KEY_ID: z.optional(notEmpty),
  AWS_SECRET_ACCESS_KEY: z.optional(notEmpty),
  AWS_SESSION_TOKEN: z.optional(notEmpty),
});

const BACKEND_VARIABLES = ['ROUTE_BACKEND_URL', 'FLOW_BACKEND_URL', 'CALL_BACKEND_URL'] as const;

export type LocalEnvironment = Omit<z.infer<typeof environmentSchema>, 'SIP_ALLOW'> & {
  SIP_ALLOW: AllowList;
};

/**
 * Parses the variables of `npm start`.
 *
 * @throws {StartError} that names each variable at fault and says what it must be
 */
export function parseEnvironment(variables: Record<string, string | undefined>): LocalEnvironment {
  const parsed = environmentSchema.safeParse(variables);
  if (parsed.success) {
    requireOneTransport(parsed.data);
    return { ...parsed.data, SIP_ALLOW: readAllowList(parsed.data.SIP_ALLOW) };
  }
  throw new StartError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
  );
}

/** The functions' bundles speak HTTP or AMQP, so either all backends are behind a broker or none is. */
function requireOneTransport(environment: z.infer<typeof environmentSchema>): void {
  const urls = BACKEND_VARIABLES.map((name) => environment[name]);
  const overAmqp = urls.filter((url) => url !== undefined && AMQP_URL.test(url));
  if (environment.AMQP_URL !== undefined && urls.some((url) => url !== undefined)) {
    throw new StartError(
      `AMQP_URL serves the platform stand-in on a broker: unset ${BACKEND_VARIABLES.join(', ')}, or AMQP_URL to use real managers`,
    );
  }
  if (overAmqp.length > 0 && overAmqp.length < BACKEND_VARIABLES.length) {
    throw new StartError(`${BACKEND_VARIABLES.join(', ')} must be amqp or amqps URLs, all three or none`);
  }
}

function readAllowList(text: string): AllowList {
  try {
    return parseAllowList(text);
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}

/** Returns region and credentials for DYNAMODB_ENDPOINT, if it is set. */
export function awsAccessOf(environment: LocalEnvironment): AwsAccess | undefined {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (environment.DYNAMODB_ENDPOINT === undefined) return undefined;
  return {
    region: AWS_REGION ?? 'us-east-1',
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? 'local',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? 'local',
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}
