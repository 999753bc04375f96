import { SignJWT } from 'jose';

/** The customer and the agent of the platform stand-in's seed. */
export const SEED_CUSTOMER = '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c';
export const SEED_AGENT = '1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f1';

export type TokenOptions = {
  key: string;
  permission: number;
  customerId: string;
  agentId: string;
  type: string;
  expiresInSeconds: number;
};

export const SUPER_ADMIN: Omit<TokenOptions, 'key'> = {
  permission: 1,
  customerId: SEED_CUSTOMER,
  agentId: SEED_AGENT,
  type: 'agent',
  expiresInSeconds: 3600,
};

/** Signs a token as the platform does: its own claim `expire` in UTC with microseconds, HS256. */
export async function signToken(options: TokenOptions): Promise<string> {
  const expiresAt = new Date(Date.now() + options.expiresInSeconds * 1000);
  return await new SignJWT({
    type: options.type,
    expire: expiresAt.toISOString().replace('Z', '000Z'),
    agent: {
      id: options.agentId,
      customer_id: options.customerId,
      username: 'local',
      permission: options.permission,
    },
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(options.key));
}
