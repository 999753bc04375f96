import type { RequestScope } from '../request-scope.ts';

/** How many causes behind an error are told. */
const CAUSES = 5;

const telephoneNumber = /\d{3,}(?=\d{2})/g;

/** Text with every long run of digits cut to its last two: messages of others may carry telephone numbers. */
export const withoutNumbers = (text: string): string => text.replace(telephoneNumber, '…');

/** An error as a log line tells it: names, codes and messages down the chain of causes, and where the last one came from. */
export const describeError = (error: unknown): string => {
  const lines: string[] = [];
  let current = error;
  let origin: string | undefined;
  for (let depth = 0; depth < CAUSES && current instanceof Error; depth += 1) {
    const code = 'code' in current && typeof current.code === 'string' ? ` ${current.code}` : '';
    lines.push(withoutNumbers(`${current.name}${code}: ${current.message}`));
    origin =
      current.stack
        ?.split('\n')
        .find((line) => line.startsWith('    at '))
        ?.trim() ?? origin;
    current = current.cause;
  }
  if (lines.length === 0) return `thrown: ${typeof error}`;
  return [lines.join(' ← '), origin].filter((part) => part !== undefined).join(' ');
};

/** The member `warnings` of a log line; none when nothing went wrong on the way. */
export const describeWarnings = ({ warnings }: RequestScope): { warnings?: string[] } =>
  warnings.length === 0
    ? {}
    : { warnings: warnings.map(({ what, error }) => `${what}: ${describeError(error)}`) };
