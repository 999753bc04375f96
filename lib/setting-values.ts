import * as z from 'zod/mini';

/** A wrong or incomplete configuration. The message is one line that says what to set. */
export class SettingsError extends Error {}

const KMS_KEY_ARN =
  /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

/** Host names of the machine itself, as URLs have them. */
export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** A yes or no: a boolean in cdk.json, text on the command line. */
export const flag = z.pipe(
  z.union([z.boolean(), z.enum(['true', 'false'])], 'must be true or false'),
  z.transform((value) => value === true || value === 'true'),
);

/** A list, separated by commas. */
export const commaList = z.pipe(
  z.string(),
  z.transform((list) => list.split(',').map((entry) => entry.trim())),
);

/** Returns the schema of an ARN of one service. */
export function arn(service: string, example: string) {
  return z
    .string()
    .check(z.regex(new RegExp(`^arn:[a-z-]+:${service}:[^\\s]+$`), `must be an ARN such as ${example}`));
}

/** Returns the schema of a KMS key's ARN. Not an alias's, which IAM does not accept as the resource of `kms:Decrypt`. */
export function kmsKeyArn() {
  const example = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  return z.string().check(z.regex(KMS_KEY_ARN, `must be a key's ARN such as ${example}`));
}

/**
 * Returns the URL without trailing slashes. Plain HTTP is allowed only for a server on the same machine.
 *
 * @throws {SettingsError} for any other URL, and for one with credentials, a query or a fragment
 */
export function httpsUrl(key: string, value: string, stage: string): string {
  const url = URL.parse(value);
  const loopback = url?.protocol === 'http:' && stage === 'local' && LOOPBACK_HOSTS.includes(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !loopback)) {
    throw new SettingsError(
      `context ${key}: must be an https URL (http only on the loopback of stage local), not ${quoted(value)}`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SettingsError(`context ${key}: must not contain credentials, a query or a fragment`);
  }
  return url.href.replace(/\/+$/, '');
}

/** Returns a rejected URL, without its user and password, for a message that may end up in a log. */
export function quoted(url: string): string {
  return JSON.stringify(url.replace(/\/\/.*@/, '//…@'));
}

/** Returns whether a stage may do without a real platform. */
export function isSandbox(stage: string): boolean {
  return stage === 'sandbox' || stage === 'local';
}
