import * as z from 'zod/mini';
import { type ErrorDetail, PlatformError, type Reason } from '../platform-error.ts';
import { uuidSchema } from '../uuid.ts';
import type { ApiRequest } from './api-request.ts';

/** How many faults a response names; a body with fifty bad destinations needs no fifty lines. */
const MAX_DETAILS = 20;

/** How much of an unknown field's name, which is the client's own text, is repeated. */
const MAX_FIELD_CHARACTERS = 100;

/**
 * Parses what a client sent.
 *
 * @param root name of the whole: of a parameter, or "body"
 * @throws {PlatformError} `reason` with a detail for each field at fault
 */
export function parseInput<Schema extends z.ZodMiniType>(
  schema: Schema,
  input: unknown,
  root: string,
  reason: Reason = 'INVALID_ARGUMENT',
): z.infer<Schema> {
  const { data, error, success } = z.safeParse(schema, input);
  if (success) return data;
  const details = error.issues.flatMap((issue) => detailsOf(issue, root)).slice(0, MAX_DETAILS);
  const first = details.map((detail) => ('field' in detail ? `${detail.field} ${detail.message}` : ''))[0];
  throw new PlatformError(reason, `The request is not acceptable: ${first}.`, { details });
}

/**
 * Returns the one value sent under a name, or undefined.
 *
 * @throws {PlatformError} INVALID_ARGUMENT when there are several: which one was meant is not ours to guess
 */
export function onlyValue([value, ...more]: string[], name: string): string | undefined {
  if (more.length > 0) {
    throw new PlatformError('INVALID_ARGUMENT', `Send ${name} once.`, {
      details: [{ field: name, message: 'must be given once' }],
    });
  }
  return value;
}

/**
 * Returns the id in the path. The nil UUID is one that names no record.
 *
 * @throws {PlatformError} INVALID_ID when it is not a UUID
 */
export function pathIdOf({ path }: ApiRequest): string {
  return parseInput(uuidSchema, path['id'], 'id', 'INVALID_ID');
}

function detailsOf(issue: z.core.$ZodIssue, root: string): ErrorDetail[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({
    field: fieldOf(path).slice(0, MAX_FIELD_CHARACTERS) || root,
    message: messageOf(issue),
  }));
}

function fieldOf(path: PropertyKey[]): string {
  return path.reduce<string>((field, part) => {
    if (typeof part === 'number') return `${field}[${part}]`;
    return field === '' ? String(part) : `${field}.${String(part)}`;
  }, '');
}

/** Returns an issue's message, in words of ours where our schemas leave it to zod. It never repeats what was sent. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'is not a field that can be set';
  if (issue.code === 'invalid_type' && issue.message === 'Invalid input')
    return `must be of type ${issue.expected}`;
  return issue.message === 'Invalid input' ? 'is not acceptable' : issue.message;
}
