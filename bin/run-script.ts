import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import * as z from 'zod/mini';

/** A mistake on the command line. Its message is the single line that the user sees. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command line's options by name, and its positional arguments. */
export type CommandLine<Name extends string> = {
  options: Partial<Record<Name, string>>;
  positionals: string[];
};

/**
 * Runs a script of package.json: reads its command line, prints its usage for `--help`, and reports an error in one line
 * with exit status 1.
 *
 * @param names of the options, each of which takes a value
 */
export async function runScript<Name extends string>(
  usage: string,
  names: readonly Name[],
  run: (commandLine: CommandLine<Name>) => Promise<void>,
): Promise<void> {
  try {
    const { isHelp, ...commandLine } = readCommandLine(names);
    if (isHelp) console.log(usage);
    else await run(commandLine);
  } catch (error) {
    console.error(describe(error));
    process.exitCode = 1;
  }
}

function readCommandLine<Name extends string>(
  names: readonly Name[],
): CommandLine<Name> & { isHelp: boolean } {
  const takesValue = { type: 'string' } as const;
  const { values, positionals } = parse(withNegativeNumbers(process.argv.slice(2), names), {
    ...Object.fromEntries(names.map((name) => [name, takesValue])),
    help: { type: 'boolean', short: 'h' },
  });
  const options: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = values[name];
    if (typeof value === 'string') options[name] = value;
  }
  return { isHelp: values['help'] === true, options, positionals };
}

/** Returns the arguments with `--name -60` as `--name=-60`: Node takes a value with a dash for a forgotten one. */
function withNegativeNumbers(args: readonly string[], names: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const option = joined.at(-1);
    const isValue = /^-\d+$/.test(arg) && names.some((name) => option === `--${name}`);
    if (isValue) joined.splice(-1, 1, `${option}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

function parse(args: string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (cause) {
    // The other sentences of Node's message explain how to pass such text as an argument.
    const [sentence] = cause instanceof Error ? cause.message.split(/[.\n]/) : [];
    throw new UsageError(`${sentence}; --help lists the options`, { cause });
  }
}

function describe(error: unknown): string {
  if (error instanceof z.core.$ZodError) {
    return error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; ');
  }
  return error instanceof Error ? error.message || error.name : String(error);
}
