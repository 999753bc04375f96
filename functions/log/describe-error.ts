import { $ZodError, type $ZodIssue } from 'zod/v4/core';
import { PlatformError, ReportableError } from '../platform-error.ts';
import type { RequestScope } from '../request-scope.ts';

/** How many causes behind an error are described. */
const MAX_CAUSES = 5;

/** How many faults of one value are described. */
const MAX_ISSUES = 3;

/** The form of an error's class or code. Anything else could be free text. */
const IDENTIFIER = /^[A-Za-z$][\w$]{0,63}$/;

/**
 * Describes an error for a log line: down the chain of causes the name of each, its code, reason and fields, and where
 * the last one came from. A message is repeated only if it is a ReportableError's: any other may quote what a client or a
 * backend sent.
 */
export function describeError(error: unknown): string {
  const lines: string[] = [];
  let current = error;
  let origin: string | undefined;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    lines.push(lineOf(current));
    origin = originOf(current) ?? origin;
    current = current.cause;
  }
  if (lines.length === 0) return `thrown: ${typeof error}`;
  return [lines.join(' ← '), origin].filter((part) => part !== undefined).join(' ');
}

/** Returns the member `warnings` of a log line; none when there are no warnings. */
export function describeWarnings({ warnings }: RequestScope): { warnings?: string[] } {
  return warnings.length === 0
    ? {}
    : { warnings: warnings.map(({ what, error }) => `${what}: ${describeError(error)}`) };
}

function lineOf(error: Error): string {
  const name = [error.name, 'code' in error ? error.code : undefined]
    .filter((part) => typeof part === 'string' && IDENTIFIER.test(part))
    .join(' ');
  if (error instanceof $ZodError) return [name, ...error.issues.slice(0, MAX_ISSUES).map(issueOf)].join(' ');
  if (error instanceof ReportableError) return `${name}: ${error.message}`;
  return error instanceof PlatformError ? [name, error.reason, ...error.fields].join(' ') : name;
}

/** Returns the kind of an issue and the outermost field that has it; deeper ones may have names of the client's. */
function issueOf({ code, path }: $ZodIssue): string {
  return `${code} at ${path.find((part) => typeof part === 'string')}`;
}

/** Returns the first frame of an error's stack. The message before the frames may imitate one. */
function originOf({ message, stack = '' }: Error): string | undefined {
  const start = stack.indexOf(message);
  const frames = start < 0 ? '' : stack.slice(start + message.length);
  return /^ {4}(at .+)/m.exec(frames)?.[1];
}
