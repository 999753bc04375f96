import { isDeepStrictEqual } from 'node:util';
import type { Provider, ProviderInput } from '@provider-call/client';
import { parseJson, readText, withoutByteOrderMark } from '../arguments.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { findProvider } from '../find.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { type Column, tableLines } from '../table.ts';
import { pause } from '../watch-calls.ts';

type Json = { json?: boolean };

const COLUMNS: Column<Provider>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'hostname', value: ({ hostname }) => hostname },
  { title: 'prefix', value: ({ tech_prefix }) => tech_prefix },
  { title: 'health', value: ({ health_status }) => health_status },
  { title: 'checked (UTC)', value: ({ health_checked_at }) => health_checked_at?.slice(0, 19) ?? 'never' },
];

/** Prints all providers that are not deleted, with their health. */
export async function listProviders({ platform, terminal }: Session, { json }: Json): Promise<number> {
  const providers: Provider[] = [];
  for await (const provider of platform.allProviders()) providers.push(provider);
  if (json) terminal.print(JSON.stringify({ result: providers }, null, 2));
  else for (const line of tableLines(providers, COLUMNS, terminal)) terminal.print(line);
  if (providers.length === 0) terminal.note('no providers');
  return EXIT.ok;
}

/** Prints one provider, field by field. */
export async function getProvider(session: Session, input: Json & { provider: string }): Promise<number> {
  printProvider(session, await findProvider(session, input.provider), input);
  return EXIT.ok;
}

export type ProviderFields = Json & {
  name?: string;
  hostname?: string;
  detail?: string;
  techPrefix?: string;
  techPostfix?: string;
  techHeader?: string[];
  codecs?: string;
  authUsername?: string;
  authPasswordStdin?: boolean;
  metadata?: string;
};

/** Creates a provider and prints it. */
export async function addProvider(
  session: Session,
  input: ProviderFields & { hostname: string },
): Promise<number> {
  const fields = await fieldsOf(session, input);
  const provider = await session.platform.createProvider({ ...fields, hostname: input.hostname });
  printProvider(session, provider, input);
  noteWhatIsNotShown(session, fields, provider);
  return EXIT.ok;
}

/**
 * Changes the fields that are named and prints the provider.
 *
 * @throws {CliError} 2 when none is named
 */
export async function updateProvider(
  session: Session,
  input: ProviderFields & { provider: string },
): Promise<number> {
  const fields = await fieldsOf(session, input);
  if (Object.keys(fields).length === 0) {
    throw new CliError(EXIT.usage, 'nothing to change: name at least one option, such as --hostname');
  }
  const { id } = await findProvider(session, input.provider);
  const provider = await session.platform.updateProvider(id, fields);
  printProvider(session, provider, input);
  noteWhatIsNotShown(session, fields, provider);
  return EXIT.ok;
}

/**
 * Deletes a provider. On a terminal it asks first; otherwise it needs `--yes`.
 *
 * @throws {CliError} 2 when the deletion is not confirmed
 */
export async function deleteProvider(
  session: Session,
  input: Json & { provider: string; yes?: boolean },
): Promise<number> {
  const { terminal, platform } = session;
  const { id, name } = await findProvider(session, input.provider);
  const question = `Delete provider ${plainLine(name)} (${id})? No more calls will go through it.`;
  if (!input.yes && !(terminal.isInteractive && (await terminal.confirm(question)))) {
    throw new CliError(EXIT.usage, 'nothing was deleted: add --yes to delete the provider');
  }
  printProvider(session, await platform.deleteProvider(id), input);
  return EXIT.ok;
}

/**
 * Waits for the next health check of a provider and reports it.
 *
 * @throws {CliError} 20 when there is none within `timeout` seconds
 */
export async function checkProvider(
  session: Session,
  input: Json & { provider: string; timeout: number },
): Promise<number> {
  const { terminal, platform } = session;
  const before = await findProvider(session, input.provider);
  terminal.note(`waiting for the next health check of ${plainLine(before.name)} (up to ${input.timeout} s)`);
  const deadline = Date.now() + input.timeout * 1000;
  for (;;) {
    const provider = await platform.getProvider(before.id);
    if (provider.health_checked_at !== null && provider.health_checked_at !== before.health_checked_at) {
      printProvider(session, provider, input);
      return provider.health_status === 'healthy' ? EXIT.ok : EXIT.providerUnreachable;
    }
    if (Date.now() >= deadline) {
      throw new CliError(
        EXIT.outcomeUnknown,
        `there was no health check within ${input.timeout} s; ${before.health_checked_at === null ? 'there has never been one' : `the last one was at ${before.health_checked_at} UTC: ${before.health_status}`}`,
      );
    }
    await pause(1000, new AbortController().signal);
  }
}

async function fieldsOf({ terminal }: Session, input: ProviderFields): Promise<Partial<ProviderInput>> {
  const password = input.authPasswordStdin ? await passwordFrom(terminal) : undefined;
  return {
    ...(input.name !== undefined && { name: input.name }),
    ...(input.hostname !== undefined && { hostname: input.hostname }),
    ...(input.detail !== undefined && { detail: input.detail }),
    ...(input.techPrefix !== undefined && { tech_prefix: input.techPrefix }),
    ...(input.techPostfix !== undefined && { tech_postfix: input.techPostfix }),
    ...(input.techHeader !== undefined && { tech_headers: headersOf(input.techHeader) }),
    ...(input.codecs !== undefined && { codecs: input.codecs }),
    ...(input.authUsername !== undefined && { auth_username: input.authUsername }),
    ...(password !== undefined && { auth_password: password }),
    ...(input.metadata !== undefined && { metadata: await metadataOf(terminal, input.metadata) }),
  };
}

/** Passwords are never arguments, which would be in the shell's history and in the list of processes. */
async function passwordFrom(terminal: Session['terminal']): Promise<string> {
  const text = terminal.isInteractive ? await terminal.askHidden('Password: ') : await terminal.readInput();
  return withoutByteOrderMark(text).replace(/\r?\n$/, '');
}

function headersOf(lines: string[]): Record<string, string> {
  const headers = new Map<string, [name: string, value: string]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (name === '') {
      throw new CliError(EXIT.usage, `--tech-header takes "Name: value", not "${plainLine(line)}"`);
    }
    // RFC 3261 §7.3.1: names are case-insensitive.
    const key = name.toLowerCase();
    if (headers.has(key)) {
      throw new CliError(
        EXIT.usage,
        `--tech-header names ${plainLine(name)} twice: a provider has one value for each header`,
      );
    }
    headers.set(key, [name, line.slice(colon + 1).trim()]);
  }
  return Object.fromEntries(headers.values());
}

async function metadataOf(terminal: Session['terminal'], argument: string): Promise<Record<string, unknown>> {
  const text = argument.startsWith('{') ? argument : await readText(terminal, argument);
  const metadata = parseJson(text, '--metadata');
  if (typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)) return { ...metadata };
  throw new CliError(EXIT.usage, '--metadata must be a JSON object');
}

/** Returns a provider's health and, if the platform reports it, what the last check found. */
export function healthOf({ health_status, health_detail }: Provider): string {
  return health_detail === '' ? health_status : `${health_status} (${health_detail})`;
}

function printProvider({ terminal }: Session, provider: Provider, { json }: Json): void {
  if (json) {
    terminal.print(JSON.stringify(provider, null, 2));
    return;
  }
  const { health_checked_at: checkedAt } = provider;
  const lines: [string, string][] = [
    ['id', provider.id],
    ['name', provider.name],
    ['hostname', provider.hostname],
    ['detail', provider.detail],
    ['tech_prefix', provider.tech_prefix],
    ['tech_postfix', provider.tech_postfix],
    [
      'tech_headers',
      Object.entries(provider.tech_headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join('; '),
    ],
    ['codecs', provider.codecs],
    ['health', `${healthOf(provider)}${checkedAt === null ? '' : `, checked ${checkedAt} UTC`}`],
    ['metadata', Object.keys(provider.metadata).length === 0 ? '' : JSON.stringify(provider.metadata)],
    ['deleted', provider.tm_delete === null ? '' : `${provider.tm_delete} UTC`],
  ];
  for (const [name, value] of lines)
    if (value !== '') terminal.print(`${name.padEnd(14)}${plainLine(value)}`);
}

/**
 * Notes which of the fields that were sent are not in the response. The platform ignores those that it does not know; it
 * never returns a password, so that the user name has to do for both.
 */
function noteWhatIsNotShown(
  { terminal }: Session,
  { auth_username, auth_password, metadata }: Partial<ProviderInput>,
  provider: Provider,
): void {
  const hasCredentials = (auth_username ?? auth_password ?? '') !== '';
  if (hasCredentials && (provider.auth_username ?? '') === '') {
    terminal.note(
      'the response shows no user name for SIP authentication: the platform may not have stored it or the password',
    );
  }
  if (metadata !== undefined && !isDeepStrictEqual(provider.metadata, metadata)) {
    terminal.note('the response does not show this metadata: the platform may not have stored it');
  }
}
