import { PlatformError } from '../platform-error.ts';
import type { Actor } from '../provider-calls/provider-call.ts';
import { isProjectSuperAdmin } from './permission.ts';

/** Who a good credential speaks for, and what that one may do. */
export type Principal = { customerId: string; actor: Actor; permission: number };

/** A credential that proves nobody. `why` goes to the log; the client is told the same whatever it was. */
export const unauthenticated = (why: string, cause?: unknown) =>
  new PlatformError('AUTHENTICATION_REQUIRED', why, { cause });

/** The rule of this API: only project super-admins. Throws PlatformError. */
export const requireProjectSuperAdmin = ({ permission }: Principal): void => {
  if (!isProjectSuperAdmin(permission)) {
    throw new PlatformError(
      'PERMISSION_DENIED',
      'This needs PermissionProjectSuperAdmin: use the credential of a super-admin.',
    );
  }
};
