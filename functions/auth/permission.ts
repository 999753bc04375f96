import * as z from 'zod/mini';

/** PermissionProjectSuperAdmin in the platform's permission mask. */
export const PROJECT_SUPER_ADMIN = 0x0001;

/** A permission mask: an unsigned integer, as far as JSON can carry one exactly. */
export const permissionSchema = z
  .number()
  .check(z.refine((mask) => Number.isSafeInteger(mask) && mask >= 0, 'is not a permission mask'));

/** Returns whether a mask has the project super-admin's bit. By remainder: JavaScript's bit operators keep 32 bits only. */
export function isProjectSuperAdmin(permission: number): boolean {
  return permission % (PROJECT_SUPER_ADMIN * 2) === PROJECT_SUPER_ADMIN;
}
