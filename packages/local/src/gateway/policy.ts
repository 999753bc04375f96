import * as z from 'zod/mini';

const oneOrMore = z.union([z.string(), z.array(z.string())]);

/** The policy of an authorizer. Strict: an element that is not evaluated here must not be ignored. */
export const policySchema = z.strictObject({
  Version: z.optional(z.enum(['2012-10-17', '2008-10-17'])),
  Id: z.optional(z.string()),
  Statement: z.array(
    z.strictObject({
      Sid: z.optional(z.string()),
      Effect: z.enum(['Allow', 'Deny']),
      Action: oneOrMore,
      Resource: oneOrMore,
    }),
  ),
});

export type Policy = z.infer<typeof policySchema>;

/** `explicitDeny` when a statement denies; `implicitDeny` when none allows. */
export type Decision = 'allow' | 'explicitDeny' | 'implicitDeny';

/** Evaluates a policy for invoking a method, as IAM does: a Deny takes precedence over any Allow. */
export function evaluatePolicy(policy: Policy, methodArn: string): Decision {
  const effects = policy.Statement.filter(
    ({ Action, Resource }) =>
      matchesAny(Action, 'execute-api:invoke', 'i') && matchesAny(Resource, methodArn, ''),
  ).map(({ Effect }) => Effect);
  if (effects.includes('Deny')) return 'explicitDeny';
  return effects.includes('Allow') ? 'allow' : 'implicitDeny';
}

/** IAM patterns: `*` is any run of characters, `?` any single one. Actions ignore case, ARNs do not. */
function matchesAny(patterns: string | string[], text: string, flags: '' | 'i'): boolean {
  return [patterns].flat().some((pattern) => {
    const source = RegExp.escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
    return new RegExp(`^${source}$`, `s${flags}`).test(text);
  });
}
