import { type Credential, createProviderCallClient } from '@provider-call/client';
import { CliError, EXIT } from '../cli-error.ts';
import { baseUrlOf, removeLogin, type StoredLogin, writeLogin } from '../configuration.ts';
import { plainLine } from '../plain-text.ts';
import type { Terminal } from '../terminal.ts';

export type LoginInput = { url?: string; platformUrl?: string };

type LoginDeps = { terminal: Terminal; environment: Readonly<Record<string, string | undefined>> };

/**
 * Checks a credential, from the terminal or from stdin, and stores it so that only this user can read it.
 *
 * @throws {CliError} 2 without a URL, 4 when the input is neither a token nor an access key
 */
export async function logIn({ terminal, environment }: LoginDeps, input: LoginInput): Promise<number> {
  const named = input.url ?? environment['PROVIDERCALL_URL'];
  if (named === undefined || named === '') {
    throw new CliError(EXIT.usage, 'name the API: providercall login --url https://api.example.com/v1.0');
  }
  const url = baseUrlOf('--url', named);
  const platformUrl =
    input.platformUrl === undefined ? undefined : baseUrlOf('--platform-url', input.platformUrl);
  const text = terminal.isInteractive
    ? await terminal.askHidden('Token or access key: ')
    : await terminal.readInput();
  const credential = credentialIn(text);
  await createProviderCallClient({ ...credential, baseUrl: url }).listProviderCalls({ pageSize: 1 });

  const login: StoredLogin = { url, ...(platformUrl !== undefined && { platformUrl }), ...credential };
  terminal.print(
    `credential accepted and stored in ${await writeLogin(environment, login)} (only you can read it)`,
  );
  const expiry = 'token' in credential ? expiryOf(credential.token) : undefined;
  if (expiry !== undefined) terminal.print(`it expires at ${plainLine(expiry)}`);
  return EXIT.ok;
}

/** Removes the stored credential. */
export async function logOut({ terminal, environment }: LoginDeps): Promise<number> {
  await removeLogin(environment);
  terminal.print('the stored credential is removed');
  return EXIT.ok;
}

/** Access keys begin with `vb_`; tokens are compact JWTs. */
function credentialIn(text: string): (Credential & { token: string }) | { accessKey: string } {
  const value = text.trim().replace(/^Bearer\s+/i, '');
  if (/^vb_[\x21-\x7e]+$/.test(value)) return { accessKey: value };
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return { token: value };
  throw new CliError(
    EXIT.credential,
    'that is neither a token (three parts with dots) nor an access key (vb_…)',
  );
}

/** The platform's own claim; it sets no `exp`. */
function expiryOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (
      typeof claims === 'object' &&
      claims !== null &&
      'expire' in claims &&
      typeof claims.expire === 'string'
    ) {
      return claims.expire;
    }
  } catch {
    // The API has accepted the token; its expiry is simply not known.
  }
  return undefined;
}
