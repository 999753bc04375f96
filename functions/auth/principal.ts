import type { CustomerId } from '../flavor.ts';
import { PlatformError } from '../platform-error.ts';
import type { Actor } from '../provider-calls/provider-call.ts';
import { isProjectSuperAdmin } from './permission.ts';

/** Whom a valid credential represents, and what that one may do. */
export type Principal = { customerId: CustomerId; actor: Actor; permission: number };

/** Returns the error for a credential that is not valid. `why` is logged; the client gets the same response in every case. */
export function unauthenticated(why: string, cause?: unknown): PlatformError {
  return new PlatformError('AUTHENTICATION_REQUIRED', why, { cause });
}

/**
 * The rule of this API: only project super-admins.
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
