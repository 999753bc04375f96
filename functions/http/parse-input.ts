import * as z from 'zod/mini';
import { type ErrorDetail, PlatformError, type Reason } from '../platform-error.ts';

/** How many faults an answer names; a body with fifty bad destinations needs no fifty lines. */
const MAXIMUM_DETAILS = 20;
/** Of an unknown field's name, which is the client's own text, this much is repeated. */
const FIELD_CHARACTERS = 100;

/** zod's own words for what our schemas leave unsaid. They never repeat what was sent. */
const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') return 'is not a field that can be set';
  if (issue.code === 'invalid_type' && issue.message === 'Invalid input')
    return `must be of type ${issue.expected}`;
  return issue.message === 'Invalid input' ? 'is not acceptable' : issue.message;
};

const fieldOf = (path: PropertyKey[]): string =>
  path.reduce<string>((field, part) => {
    if (typeof part === 'number') return `${field}[${part}]`;
    return field === '' ? String(part) : `${field}.${String(part)}`;
  }, '');

const detailsOf = (issue: z.core.$ZodIssue, root: string): ErrorDetail[] => {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({
    field: fieldOf(path).slice(0, FIELD_CHARACTERS) || root,
    message: messageOf(issue),
  }));
};

/**
 * Parses what a client sent. `root` is the name of the whole: of a parameter, or "body". Throws PlatformError with the
 * reason and a detail for each field at fault.
 */
export const parseInput = <Schema extends z.ZodMiniType>(
  schema: Schema,
  input: unknown,
  root: string,
  reason: Reason = 'INVALID_ARGUMENT',
): z.infer<Schema> => {
  const { data, error, success } = z.safeParse(schema, input);
  if (success) return data;
  const details = error.issues.flatMap((issue) => detailsOf(issue, root)).slice(0, MAXIMUM_DETAILS);
  const first = details.map((detail) => ('field' in detail ? `${detail.field} ${detail.message}` : ''))[0];
  throw new PlatformError(reason, `The request is not acceptable: ${first}.`, { details });
};
