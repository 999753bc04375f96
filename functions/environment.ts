import * as z from 'zod/mini';

/**
 * The function's environment, parsed. Called once, while the module loads: a function that lacks a variable fails to
 * start and says which one, rather than failing at its first request.
 */
export const readEnvironment = <Schema extends z.ZodMiniType>(schema: Schema): z.infer<Schema> => {
  const { data, error, success } = z.safeParse(schema, process.env);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`environment: ${faults.join('; ')}`);
};

/** A variable that must be there and not empty. */
export const requiredVariable = z.string('is missing').check(z.refine((value) => value !== '', 'is empty'));
