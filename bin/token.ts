import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { DEVELOPMENT_KEY } from '../functions/auth/development-key.ts';
import { parseEnvironment } from '../packages/local/src/environment.ts';
import { signToken, superAdmin } from '../packages/local/src/token.ts';

const wholeNumber = z.pipe(
  z.string().check(z.regex(/^-?\d+$/, 'must be a whole number')),
  z.transform(Number),
);

const optionsSchema = z.object({
  permission: z._default(wholeNumber, superAdmin.permission),
  customer: z._default(z.uuid('must be a UUID'), superAdmin.customerId),
  agent: z._default(z.uuid('must be a UUID'), superAdmin.agentId),
  type: z._default(z.enum(['agent', 'direct', 'delegate'], 'must be agent, direct or delegate'), 'agent'),
  'expires-in': z._default(wholeNumber, superAdmin.expiresInSeconds),
});

try {
  const { values } = parseArgs({
    options: {
      permission: { type: 'string' },
      customer: { type: 'string' },
      agent: { type: 'string' },
      type: { type: 'string' },
      'expires-in': { type: 'string' },
    },
  });
  const options = optionsSchema.parse(values);
  const token = await signToken({
    key: parseEnvironment(process.env).JWT_KEY ?? DEVELOPMENT_KEY,
    permission: options.permission,
    customerId: options.customer,
    agentId: options.agent,
    type: options.type,
    expiresInSeconds: options['expires-in'],
  });
  console.log(token);
} catch (error) {
  if (error instanceof z.core.$ZodError) {
    console.error(error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; '));
  } else {
    console.error(error instanceof Error ? error.message : error);
  }
  process.exit(1);
}
