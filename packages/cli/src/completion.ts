import tab from '@bomb.sh/tab/commander';
import type { Provider } from '@provider-call/client';
import type { Command } from 'commander';
import { CliError, EXIT } from './cli-error.ts';
import { plainLine } from './plain-text.ts';

const SHELLS = ['bash', 'zsh', 'fish'];
/** A shell waits for the names of providers, but not long. */
const MAX_WAIT_MS = 3000;

/** The bash script uses a function of Debian's bash-completion, which is not installed everywhere. */
const BASH_WITHOUT_PACKAGE = `if ! declare -F _get_comp_words_by_ref >/dev/null; then
  _get_comp_words_by_ref() {
    cur=\${COMP_WORDS[COMP_CWORD]}
    prev=\${COMP_WORDS[COMP_CWORD - 1]}
    words=("\${COMP_WORDS[@]}")
    cword=$COMP_CWORD
  }
fi`;

/** Prints a shell's completion script, or the completions that the script requests when the user presses Tab. */
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
  const providers = command === 'complete' && completesProvider(words) ? await listedProviders() : [];
  const completion = tab(withoutCompletion(program), { completionCommandName: 'completion' });
  for (const [name, subcommand] of completion.commands) {
    const provider = subcommand.options.get('provider');
    if (provider !== undefined) provider.handler = (complete) => offer(complete);
    for (const [argument, { handler: _ }] of subcommand.arguments) {
      const isProvider = argument === 'provider' || (name === 'compare' && /^[ab]$/.test(argument));
      if (isProvider) subcommand.argument(argument, (complete) => offer(complete));
    }
  }
  if (command === 'completion' && shell === 'bash') console.log(BASH_WITHOUT_PACKAGE);
  await program.parseAsync(args, { from: 'user' });

  /** Offers the providers, by id if a name would have to be quoted in a shell. */
  function offer(complete: (value: string, description: string) => void): void {
    for (const { id, name } of providers) {
      if (/^[\w.+-]+$/.test(name)) complete(name, id);
      else complete(id, plainLine(name));
    }
  }
}

/** The tab library adds its own `completion` command; ours only describes it. */
function withoutCompletion(program: Command): Command {
  const commands = program.commands as Command[];
  const index = commands.findIndex((command) => command.name() === 'completion');
  if (index >= 0) commands.splice(index, 1);
  return program;
}

function completesProvider(words: string[]): boolean {
  return words.at(-2) === '--provider' || words[0] === 'compare' || words[0] === 'providers';
}

/** Never prints an error, which would disturb the line that is being typed. */
async function listedProviders(): Promise<Provider[]> {
  try {
    const { createPlatformClient } = await import('@provider-call/client');
    const { readConfiguration } = await import('./configuration.ts');
    const { credential, platformUrl } = await readConfiguration(process.env);
    const limits = { timeoutMs: MAX_WAIT_MS, maxRetries: 0 };
    const client = createPlatformClient({ ...credential, ...limits, baseUrl: platformUrl });
    // The id becomes part of a command line.
    return (await client.listProviders()).result.filter(({ id }) => /^[0-9a-f-]+$/i.test(id));
  } catch {
    return [];
  }
}
