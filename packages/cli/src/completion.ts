import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { CliError, EXIT } from './cli-error.ts';
import { plainLine } from './plain-text.ts';

const SHELLS = ['bash', 'zsh', 'fish'];
/** A shell waits for the names of providers, but not long. */
const MAX_WAIT_MS = 1500;

/** Prints a shell's completion script, or what the script asks for when the person presses TAB. */
export async function runCompletion(program: Command, args: string[]): Promise<void> {
  const [command, shell = ''] = args;
  if (command === 'completion' && !shell.startsWith('-') && !SHELLS.includes(shell)) {
    throw new CliError(EXIT.usage, `completion takes ${SHELLS.join(', ')}, not "${shell}"`);
  }
  if (command === 'completion' && shell.startsWith('-')) {
    await program.parseAsync(args, { from: 'user' });
    return;
  }
  const words = args.slice(args.indexOf('--') + 1);
  const names = command === 'complete' && completesProvider(words) ? await providerNames() : [];
  const completion = tab(withoutCompletion(program), { completionCommandName: 'completion' });
  for (const [name, subcommand] of completion.commands) {
    const provider = subcommand.options.get('provider');
    if (provider !== undefined) provider.handler = (complete) => offer(complete);
    for (const [argument, { handler: _ }] of subcommand.arguments) {
      const isProvider = argument === 'provider' || (name === 'compare' && /^[ab]$/.test(argument));
      if (isProvider) subcommand.argument(argument, (complete) => offer(complete));
    }
  }
  await program.parseAsync(args, { from: 'user' });

  function offer(complete: (value: string, description: string) => void): void {
    for (const name of names) complete(name, 'provider');
  }
}

/** Tab adds a `completion` command of its own; ours only describes it. */
function withoutCompletion(program: Command): Command {
  const commands = program.commands as Command[];
  const index = commands.findIndex((command) => command.name() === 'completion');
  if (index >= 0) commands.splice(index, 1);
  return program;
}

function completesProvider(words: string[]): boolean {
  return words.at(-2) === '--provider' || words[0] === 'compare' || words[0] === 'providers';
}

/** No message may disturb the line that is being typed. */
async function providerNames(): Promise<string[]> {
  try {
    const { createPlatformClient } = await import('@provider-call/client');
    const { readConfiguration } = await import('./configuration.ts');
    const { credential, platformUrl } = await readConfiguration(process.env);
    const client = createPlatformClient({
      ...credential,
      baseUrl: platformUrl,
      timeoutMs: MAX_WAIT_MS,
      maxRetries: 0,
    });
    const { result } = await client.listProviders();
    // A line end within a name would end the line that the shell reads.
    return result.map(({ name }) => name).filter((name) => name !== '' && plainLine(name) === name);
  } catch {
    return [];
  }
}
