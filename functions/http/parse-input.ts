import * as z from 'zod/mini';
import { PlatformError, type Reason } from '../platform-error.ts';
import { uuidSchema } from '../uuid.ts';
import type { ApiRequest } from './api-request.ts';

/** How many faults a response names; a body with fifty invalid destinations does not need fifty details. */
const MAX_DETAILS = 20;

/** Maximum length at which a field's name, which may be the client's own text, is repeated. */
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
  throw unacceptable(
    error.issues.flatMap((issue) => faultsOf(issue, root)),
    reason,
    error.issues.flatMap(({ code, path }) => (code === 'unrecognized_keys' ? [] : fieldOf(path) || root)),
  );
}

/** A field, header or parameter of the request, which may be the client's own text, and what is wrong with it. */
type Fault = { field: string; message: string };

/**
 * Returns the error for a request with these faults.
 *
 * @param fields what a log line may name: fields that are this API's own
 */
export function unacceptable(
  faults: Fault[],
  reason: Reason = 'INVALID_ARGUMENT',
  fields: string[] = [],
): PlatformError {
  const details = faults
    .slice(0, MAX_DETAILS)
    .map(({ field, message }) => ({ field: field.slice(0, MAX_FIELD_CHARACTERS), message }));
  const [first] = details.map(({ field, message }) => `${field} ${message}`);
  return new PlatformError(reason, `The request is not acceptable: ${first}.`, {
    details,
    fields: fields.slice(0, MAX_DETAILS),
  });
}

/**
 * Returns the one value sent under a name, or undefined.
 *
 * @throws {PlatformError} INVALID_ARGUMENT when there are several: guessing which one was meant would be wrong
 */
export function onlyValue([value, ...more]: string[], name: string): string | undefined {
  if (more.length > 0) throw unacceptable([{ field: name, message: 'must be given once' }]);
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

function faultsOf(issue: z.core.$ZodIssue, root: string): Fault[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({ field: fieldOf(path) || root, message: messageOf(issue) }));
}

function fieldOf(path: PropertyKey[]): string {
  return path.reduce<string>((field, part) => {
    if (typeof part === 'number') return `${field}[${part}]`;
    return field === '' ? String(part) : `${field}.${String(part)}`;
  }, '');
}

/** Returns an issue's message, in our own words where the schemas leave it to zod. It never repeats what was sent. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'is not a field that can be set';
  if (issue.code === 'invalid_type' && issue.message === 'Invalid input')
    return `must be of type ${issue.expected}`;
  return issue.message === 'Invalid input' ? 'is not acceptable' : issue.message;
}
