import { type Command, CommanderError } from 'commander';
import { EXIT } from './cli-error.ts';
import { createProgram } from './program.ts';

/**
 * Runs the command line and ends the process with its exit code. An error is reported in one line on stderr.
 *
 * @param args without the program's name
 */
export async function main(args: string[]): Promise<void> {
  process.stdout.on('error', endWithoutStdout);
  let exitCode: number = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    for (const command of [program, ...commandsBelow(program)]) reportMistakes(command);
    if (args[0] === 'completion' || args[0] === 'complete') {
      const { runCompletion } = await import('./completion.ts');
      await runCompletion(program, args);
    } else await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = await report(error);
  }
  // Keep-alive sockets must not keep the process running.
  process.stdout.write('', (error) => {
    if (error) endWithoutStdout(error);
    process.exit(exitCode);
  });
}

/** Ends the process because stdout takes nothing more: its reader, such as head, has closed it, or its disk is full. */
function endWithoutStdout(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.stderr.write(`providercall: stdout cannot be written (${error.code ?? error.message})\n`);
  process.exit(EXIT.local);
}

function commandsBelow(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...commandsBelow(child)]);
}

/** Reformats commander's own messages, which begin with "error: " and may have a suggestion on a second line. */
function reportMistakes(command: Command): void {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const message = text
        .replace(/^error: /, '')
        .trim()
        .replaceAll('\n', ' ')
        .replace(/\.$/, '');
      write(`providercall: ${message}: see ${names.join(' ')} --help\n`);
    },
  });
}

async function report(error: unknown): Promise<number> {
  // Commander has already written the message. Without a command it shows the help, which in a script is a mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { describeError } = await import('./describe-error.ts');
  const { message, exitCode } = describeError(error);
  process.stderr.write(`providercall: ${message}\n`);
  return exitCode;
}
