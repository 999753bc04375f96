import { readFile, writeFile } from 'node:fs/promises';
import type { CreateProviderCall } from '@provider-call/client';
import { CliError, EXIT } from './cli-error.ts';
import { plainText } from './plain-text.ts';
import type { Terminal } from './terminal.ts';

type AddressInput = CreateProviderCall['destinations'][number];

const ADDRESS_TYPES = ['tel', 'sip', 'agent', 'extension'] as const;

/**
 * Returns the address in an argument: `sip:alice@example.com`, `agent:ID`, `extension:1001`, or otherwise a number.
 *
 * @throws {CliError} 2 when it is empty
 */
export function addressIn(text: string): AddressInput {
  const type = ADDRESS_TYPES.find((known) => text.startsWith(`${known}:`));
  const target = type === undefined ? text : text.slice(type.length + 1);
  if (target.trim() === '')
    throw new CliError(EXIT.usage, `"${text}" is not an address to call: name a number or sip:user@host`);
  if (type !== undefined) return { type, target };
  return { type: text.includes('@') ? 'sip' : 'tel', target };
}

/**
 * Returns the actions in a file, on stdin (`-`), or in the argument itself if it begins with `[`.
 *
 * @throws {CliError} 2 when they are not a JSON list of objects with a type
 */
export async function readActions(
  terminal: Pick<Terminal, 'readInput'>,
  argument: string,
): Promise<NonNullable<CreateProviderCall['actions']>> {
  const text = argument.startsWith('[') ? argument : await readText(terminal, argument);
  const actions = parseJson(text, argument.startsWith('[') ? '--actions' : argument);
  if (Array.isArray(actions) && actions.every(isAction)) return actions;
  throw new CliError(
    EXIT.usage,
    '--actions must be a JSON list such as [{"type": "answer"}, {"type": "hangup"}]',
  );
}

function isAction(value: unknown): value is NonNullable<CreateProviderCall['actions']>[number] {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/**
 * Returns the text of a file, or of stdin for `-`, without a byte order mark.
 *
 * @throws {CliError} 2 when the file cannot be read
 */
export async function readText(terminal: Pick<Terminal, 'readInput'>, file: string): Promise<string> {
  if (file === '-') return withoutByteOrderMark(await terminal.readInput());
  try {
    return withoutByteOrderMark(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read (${codeOf(error)})`, { cause: error });
  }
}

/** Windows' own programs write a byte order mark, which is not JSON and not part of a password. */
export function withoutByteOrderMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

/**
 * Writes a file that was named on the command line.
 *
 * @param flag `a` leaves an existing file as it is when the content is empty
 * @throws {CliError} 2 when the file cannot be written
 */
export async function writeOutput(
  file: string,
  content: string | Uint8Array,
  flag: 'w' | 'a' = 'w',
): Promise<void> {
  try {
    await writeFile(file, content, { flag });
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be written (${codeOf(error)})`, { cause: error });
  }
}

/** Returns the code of a system error, such as ENOENT; anything else as it is. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}

/**
 * Returns the value of a JSON text.
 *
 * @param name what the error calls it: the file or the option
 * @throws {CliError} 2 with the location of the mistake
 */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message quotes the text.
    const fault = plainText(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
    throw new CliError(EXIT.usage, `${name} is not JSON: ${fault}`, { cause: error });
  }
}
