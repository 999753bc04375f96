import { expect, test } from 'vitest';
import { CredentialError, requireProjectSuperAdmin } from '../../../functions/auth/principal.ts';

function principal(permission: number) {
  return {
    customerId: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
    actor: { type: 'agent', id: '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1' } as const,
    permission,
  };
}

test.each([[1], [3], [0xffff]])('a principal with the mask %i is allowed', (permission) => {
  expect(() => requireProjectSuperAdmin(principal(permission))).not.toThrow();
});

test.each([[0], [2], [0x20], [0xf0]])('a principal with the mask %i is denied', (permission) => {
  expect(() => requireProjectSuperAdmin(principal(permission))).toThrow(
    expect.objectContaining({ reason: 'PERMISSION_DENIED' }),
  );
});

test('a credential that is not valid is a 401', () => {
  expect(new CredentialError('expired')).toMatchObject({
    reason: 'AUTHENTICATION_REQUIRED',
    fault: 'expired',
  });
});
