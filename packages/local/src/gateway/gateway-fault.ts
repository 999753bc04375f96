import type { GatewayResponseType } from '../template/resource-schemas.ts';

/** API Gateway's own response of each type: status, message and the corresponding `x-amzn-ErrorType`. */
const DEFAULTS = {
  ACCESS_DENIED: [403, 'User is not authorized to access this resource', 'AccessDeniedException'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, null, 'AuthorizerConfigurationException'],
  AUTHORIZER_FAILURE: [500, null, 'AuthorizerFailureException'],
  DEFAULT_4XX: [400, 'Bad Request', 'BadRequestException'],
  DEFAULT_5XX: [502, 'Internal server error', 'InternalServerErrorException'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out', 'InternalServerErrorException'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token', 'MissingAuthenticationTokenException'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long', 'RequestTooLargeException'],
  THROTTLED: [429, 'Too Many Requests', 'TooManyRequestsException'],
  UNAUTHORIZED: [401, 'Unauthorized', 'UnauthorizedException'],
} as const satisfies Partial<Record<GatewayResponseType, readonly [number, string | null, string]>>;

export type FaultType = keyof typeof DEFAULTS;

/**
 * A response of API Gateway itself, instead of the integration's.
 * Types, statuses and texts: API Gateway Developer Guide, "Gateway response types".
 */
export class GatewayFault extends Error {
  override readonly name = 'GatewayFault';
  readonly type: FaultType;
  readonly status: number;
  /** `$context.error.message`; null where API Gateway has none. */
  readonly text: string | null;
  readonly errorType: string;

  constructor(type: FaultType, differing: { status?: number; text?: string; cause?: unknown } = {}) {
    const [status, text, errorType] = DEFAULTS[type];
    super(differing.text ?? text ?? type, { cause: differing.cause });
    this.type = type;
    this.status = differing.status ?? status;
    this.text = differing.text ?? text;
    this.errorType = errorType;
  }
}
