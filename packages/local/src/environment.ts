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
  ROUTE_BACKEND_URL: z.optional(httpUrl),
  FLOW_BACKEND_URL: z.optional(httpUrl),
  CALL_BACKEND_URL: z.optional(httpUrl),
  WEBHOOK_URL: z.optional(httpUrl),
  SIP_ALLOW: z._default(z.string(), ''),
  LOG: z.optional(z.enum(['text', 'json', 'debug'], 'must be text, json or debug')),
  // Read only together with DYNAMODB_ENDPOINT, which may be one that checks them.
  AWS_REGION: z.optional(notEmpty),
  AWS_ACCESS_KEY_ID: z.optional(notEmpty),
  AWS_SECRET_ACCESS_KEY: z.optional(notEmpty),
  AWS_SESSION_TOKEN: z.optional(notEmpty),
});

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
  if (parsed.success) return { ...parsed.data, SIP_ALLOW: readAllowList(parsed.data.SIP_ALLOW) };
  throw new StartError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
  );
}

function readAllowList(text: string): AllowList {
  try {
    return parseAllowList(text);
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}

/** Returns region and credentials for DYNAMODB_ENDPOINT, where that is set. */
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
