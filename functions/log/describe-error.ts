import type { RequestScope } from '../request-scope.ts';

/** How many causes behind an error are described. */
const MAX_CAUSES = 5;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const IP_ADDRESS = String.raw`(?<![\p{Nd}.])${OCTET}(?:\.${OCTET}){3}(?![\p{Nd}.])`;
const TELEPHONE_NUMBER = String.raw`\p{Nd}(?:[\s().\/-]{0,3}\p{Nd}){4,}`;

/** What is kept, before what is masked: five digits and more, in any script and however they are grouped. */
const NUMBERS = new RegExp(`(?<kept>${UUID}|${IP_ADDRESS})|${TELEPHONE_NUMBER}`, 'gu');

/** Access keys, and JWTs or fragments of one: a JSON object in base64url begins with "eyJ". */
const CREDENTIALS = /vb_[\w-]+|eyJ[\w.-]+/g;

/** How many digits of a telephone number a log line may have. */
const MAX_VISIBLE_DIGITS = 2;

/** Describes an error for a log line: names, codes and messages down the chain of causes, and where the last one came from. */
export function describeError(error: unknown): string {
  const lines: string[] = [];
  let current = error;
  let origin: string | undefined;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    const { name, message } = current;
    const code = 'code' in current && typeof current.code === 'string' ? ` ${current.code}` : '';
    // JSON.parse quotes its input, which is a client's own text, so its message is left out.
    lines.push(name === 'SyntaxError' ? name : withoutSecrets(`${name}${code}: ${message}`));
    origin =
      current.stack
        ?.split('\n')
        .find((line) => line.startsWith('    at '))
        ?.trim() ?? origin;
    current = current.cause;
  }
  if (lines.length === 0) return `thrown: ${typeof error}`;
  return [lines.join(' ← '), origin].filter((part) => part !== undefined).join(' ');
}

/** Returns the member `warnings` of a log line; none when nothing went wrong on the way. */
export function describeWarnings({ warnings }: RequestScope): { warnings?: string[] } {
  return warnings.length === 0
    ? {}
    : { warnings: warnings.map(({ what, error }) => `${what}: ${describeError(error)}`) };
}

/** Masks credentials and telephone numbers: messages from outside may quote what a client sent. */
function withoutSecrets(text: string): string {
  return text
    .replace(CREDENTIALS, '…')
    .replace(
      NUMBERS,
      (number, kept: string | undefined) =>
        kept ?? `…${[...number.matchAll(/\p{Nd}/gu)].slice(-MAX_VISIBLE_DIGITS).join('')}`,
    );
}
