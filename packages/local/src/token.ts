import { SEED_IDS } from '@provider-call/platform/seed';
import { SignJWT } from 'jose';

export type TokenOptions = {
  key: string;
  permission: number;
  customerId: string;
  agentId: string;
  type: string;
  expiresInSeconds: number;
};

/** The token of the seeded agent, who is a project super-admin, for an hour. */
export const SUPER_ADMIN: Omit<TokenOptions, 'key'> = {
  permission: 1,
  customerId: SEED_IDS.customer,
  agentId: SEED_IDS.agent,
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
