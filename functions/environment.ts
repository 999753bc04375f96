import * as z from 'zod/mini';

/** A variable that must be set and not empty. */
export const requiredVariable = z.string('is missing').check(z.refine((value) => value !== '', 'is empty'));

/**
 * Returns the function's environment, parsed. Called once, while the module loads: a function that lacks a variable
 * fails to start and names it, rather than failing at its first request.
 *
 * @throws {Error} with every variable at fault
 */
export function readEnvironment<Schema extends z.ZodMiniType>(schema: Schema): z.infer<Schema> {
  const { data, error, success } = z.safeParse(schema, process.env);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`environment: ${faults.join('; ')}`);
}
