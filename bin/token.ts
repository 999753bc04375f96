import { parseEnvironment } from '@provider-call/local/environment';
import { SUPER_ADMIN, signToken } from '@provider-call/local/token';
import * as z from 'zod/mini';
import { DEVELOPMENT_KEY } from '../functions/auth/development-key.ts';
import { runScript, UsageError } from './run-script.ts';

const USAGE = `Prints a token for the API, signed with JWT_KEY or else with a development key that no deployed stack accepts.

npm run -s token -- [--permission MASK] [--customer UUID] [--agent UUID] [--type TYPE] [--expires-in SECONDS]

  --permission   bit mask: 1 may do everything, 32 is a customer's admin and gets 403; 1 by default
  --customer     whose ProviderCalls: the seeded customer's by default
  --agent        who acts: the seeded agent by default
  --type         agent (default), direct or delegate
  --expires-in   seconds, negative for an expired token; 3600 by default

TOKEN=$(npm run -s token)
TOKEN=$(npm run -s token -- --expires-in 43200)
npm run -s token -- --permission 32
JWT_KEY=… npm run -s token -- --customer 11111111-2222-4333-8444-555555555555`;

const wholeNumber = z.pipe(
  z.string().check(z.regex(/^-?\d+$/, 'must be a whole number')),
  z.transform(Number),
);

const optionsSchema = z.object({
  permission: z._default(wholeNumber, SUPER_ADMIN.permission),
  customer: z._default(z.uuid('must be a UUID'), SUPER_ADMIN.customerId),
  agent: z._default(z.uuid('must be a UUID'), SUPER_ADMIN.agentId),
  type: z._default(z.enum(['agent', 'direct', 'delegate'], 'must be agent, direct or delegate'), 'agent'),
  'expires-in': z._default(wholeNumber, SUPER_ADMIN.expiresInSeconds),
});

await runScript(
  USAGE,
  ['permission', 'customer', 'agent', 'type', 'expires-in'],
  async ({ options: given, positionals }) => {
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not an option; see --help`);
    const options = optionsSchema.parse(given);
    const token = await signToken({
      key: parseEnvironment(process.env).JWT_KEY ?? DEVELOPMENT_KEY,
      permission: options.permission,
      customerId: options.customer,
      agentId: options.agent,
      type: options.type,
      expiresInSeconds: options['expires-in'],
    });
    console.log(token);
  },
);
