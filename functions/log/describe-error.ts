import type { RequestScope } from '../request-scope.ts';

/** How many causes behind an error are told. */
const CAUSES = 5;

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const ipAddress = String.raw`(?<![\p{Nd}.])${octet}(?:\.${octet}){3}(?![\p{Nd}.])`;
const telephoneNumber = String.raw`\p{Nd}(?:[\s().\/-]{0,3}\p{Nd}){4,}`;

/** What may stand as it is, before what may not: five digits and more, in any script and however they are grouped. */
const numbers = new RegExp(`(?<kept>${uuid}|${ipAddress})|${telephoneNumber}`, 'gu');

/** Access keys, and JWTs or what is left of one: a JSON object in base64url begins with "eyJ". */
const credentials = /vb_[\w-]+|eyJ[\w.-]+/g;

/** How many digits of a telephone number a log line may have. */
const TOLD_DIGITS = 2;

const shorten = (text: string, kept: string | undefined): string =>
  kept ?? `…${[...text.matchAll(/\p{Nd}/gu)].slice(-TOLD_DIGITS).join('')}`;

/** Text without credentials and telephone numbers: messages of others may carry what a client sent. */
export const withoutSecrets = (text: string): string =>
  text.replace(credentials, '…').replace(numbers, shorten);

/** An error's message. That of JSON.parse quotes what it could not read, which is a client's own text: it is left out. */
const messageOf = ({ name, message }: Error, code: string): string =>
  name === 'SyntaxError' ? name : withoutSecrets(`${name}${code}: ${message}`);

/** An error as a log line tells it: names, codes and messages down the chain of causes, and where the last one came from. */
export const describeError = (error: unknown): string => {
  const lines: string[] = [];
  let current = error;
  let origin: string | undefined;
  for (let depth = 0; depth < CAUSES && current instanceof Error; depth += 1) {
    const code = 'code' in current && typeof current.code === 'string' ? ` ${current.code}` : '';
    lines.push(messageOf(current, code));
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
