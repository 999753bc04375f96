import type { CustomerId } from '../flavor.ts';
import { PlatformError } from '../platform-error.ts';
import type { Actor } from '../provider-calls/provider-call.ts';
import { isProjectSuperAdmin } from './permission.ts';

/** Whom a valid credential represents, and what they may do. */
export type Principal = { customerId: CustomerId; actor: Actor; permission: number };

/**
 * Why a credential is not valid, as log lines name it. `repeated`: more than one credential, or a claim twice. `malformed_row`:
 * the access key is known, but its row cannot be read.
 */
export type CredentialFault =
  | 'missing'
  | 'repeated'
  | 'malformed'
  | 'algorithm_not_allowed'
  | 'unknown'
  | 'expired'
  | 'not_yet_valid'
  | 'revoked'
  | 'malformed_row';

/** The error for a credential that is not valid. The fault is logged; the client gets the same response in every case. */
export class CredentialError extends PlatformError {
  readonly fault: CredentialFault;

  constructor(fault: CredentialFault, cause?: unknown) {
    super('AUTHENTICATION_REQUIRED', fault, { cause });
    this.fault = fault;
  }
}

/**
 * Admits project super-admins only.
 *
 * @throws {PlatformError} PERMISSION_DENIED for anybody else
 */
export function requireProjectSuperAdmin({ permission }: Principal): void {
  if (!isProjectSuperAdmin(permission)) {
    throw new PlatformError(
      'PERMISSION_DENIED',
      'This needs PermissionProjectSuperAdmin: use the credential of a super-admin.',
    );
  }
}
