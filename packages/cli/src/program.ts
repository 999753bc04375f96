import { Command, InvalidArgumentError, Option } from 'commander';

/**
 * Returns the command line. The code of a command is loaded only when it runs, so that help and mistakes are reported
 * at once.
 *
 * @param onExitCode receives the command's exit code
 */
export function createProgram(onExitCode: (exitCode: number) => void): Command {
  /** Opens a session and runs a command in it. */
  async function run<Input>(
    load: () => Promise<(session: import('./session.ts').Session, input: Input) => Promise<number>>,
    input: Input,
  ): Promise<void> {
    const [{ openSession }, command] = await Promise.all([import('./session.ts'), load()]);
    onExitCode(await command(await openSession(), input));
  }

  const program = new Command('providercall')
    .description('Place real calls through one SIP provider, and see how they end.')
    .version('0.1.0')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      'after',
      examples([
        [
          'providercall call --provider Answers --from +14155551234 +821012345678',
          'place a call and watch it',
        ],
        ['providercall list', 'the newest records'],
        ['providercall trace 4f2a', 'the SIP messages of a call'],
        ['providercall compare Answers Busy', 'two providers over their newest calls'],
      ]),
    )
    .addHelpText('after', ENVIRONMENT);

  program
    .command('call')
    .description('place calls and watch them to their end')
    .argument('<to...>', 'whom to call: +821012345678, sip:user@host, agent:ID or extension:NUMBER')
    .requiredOption('--provider <name>', 'the provider, by name, id or the beginning of its id')
    .option('--from <source>', 'the caller id, such as +14155551234')
    .addOption(
      new Option('--anonymous <choice>', 'whether the caller id is hidden').choices(['yes', 'no', 'auto']),
    )
    .addOption(new Option('--flow <id>', 'the flow to run after the answer').conflicts(['say', 'actions']))
    .addOption(
      new Option('--say <text>', 'say this after the answer, then hang up').conflicts(['flow', 'actions']),
    )
    .addOption(
      new Option('--actions <file>', 'JSON list of actions to run after the answer; - for stdin').conflicts([
        'flow',
        'say',
      ]),
    )
    .option('--dry-run', 'place nothing: check everything and show the request and its INVITEs')
    .option('--yes', 'dial in spite of warnings')
    .option('--no-watch', 'do not wait for the outcome')
    .option('--hangup-on-exit', 'on Ctrl-C or SIGTERM, hang up without asking')
    .option('--idempotency-key <key>', 'repeat an earlier command with its key; nothing is dialled twice')
    .option('--json', 'print the record, the calls and their outcome as JSON')
    .addHelpText(
      'after',
      examples([
        ['providercall call --provider Answers --from +14155551234 +821012345678', 'one call'],
        [
          'providercall call --provider Answers --from +14155551234 --say "This is a test." +821012345678 +821087654321',
          'two calls that say a sentence',
        ],
        [
          'providercall call --provider Answers --from +14155551234 --dry-run +821012345678',
          'what would be dialled',
        ],
      ]),
    )
    .addHelpText('after', EXIT_CODES)
    .action((destinations: string[], options: Omit<import('./commands/call.ts').CallInput, 'destinations'>) =>
      run(async () => (await import('./commands/call.ts')).placeCalls, { ...options, destinations }),
    );

  program
    .command('list')
    .description('show the newest records')
    .option('--provider <name>', 'only those of this provider')
    .option('--limit <count>', 'how many', wholeNumber(1, 10_000), 20)
    .option('--all', 'all of them, page by page')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['providercall list --provider Busy --limit 5', ''],
        ['providercall list --all --csv > records.csv', ''],
      ]),
    )
    .action((options: import('./commands/list.ts').ListInput) =>
      run(async () => (await import('./commands/list.ts')).listRecords, options),
    );

  program
    .command('get')
    .description('show a record, who placed it, and how its calls went')
    .argument('<id>', 'the record, by its id or the beginning of it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall get 4f2a', '']]))
    .action((id: string, options: { json?: boolean }) =>
      run(async () => (await import('./commands/get.ts')).getRecord, { ...options, id }),
    );

  program
    .command('delete')
    .description('remove a record from the lists; its calls go on')
    .argument('<id>', 'the record, by its id or the beginning of it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall delete 4f2a', '']]))
    .action((id: string, options: { json?: boolean }) =>
      run(async () => (await import('./commands/delete.ts')).deleteRecord, { ...options, id }),
    );

  program
    .command('hangup')
    .description('end a call, or all calls of a record')
    .argument('<id>', 'the call or record, by its id or the beginning of it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall hangup 4f2a', '']]))
    .action((id: string, options: { json?: boolean }) =>
      run(async () => (await import('./commands/hangup.ts')).hangUpCalls, { ...options, id }),
    );

  program
    .command('trace')
    .description('show the SIP messages of a call, or of each call of a record')
    .argument('<id>', 'the call or record, by its id or the beginning of it')
    .option('--raw', 'print whole messages instead of the ladder')
    .option('--pcap <file>', 'write a capture for Wireshark, tshark or sngrep; - for stdout')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['providercall trace 4f2a', ''],
        ['providercall trace 4f2a --pcap call.pcap', ''],
      ]),
    )
    .action((id: string, options: { pcap?: string; raw?: boolean; json?: boolean }) =>
      run(async () => (await import('./commands/trace.ts')).traceCalls, { ...options, id }),
    );

  addProviders(program, run);

  program
    .command('compare')
    .description('compare two providers over the calls of their newest records')
    .argument('<a>', 'the reference')
    .argument('<b>', 'the provider to judge; exit code 1 if it is significantly worse')
    .option('--last <count>', 'how many calls of each', wholeNumber(1, 10_000), 100)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall compare Answers Busy --last 50', '']]))
    .action((a: string, b: string, options: { last: number; json?: boolean }) =>
      run(async () => (await import('./commands/compare.ts')).compareProviders, { ...options, a, b }),
    );

  program
    .command('verify')
    .description('place the calls of a plan and check that each ends as expected')
    .argument('<plan>', 'JSON file (schema/verify-plan.schema.json describes it); - for stdin')
    .option('--yes', 'place the calls: they are real and billed')
    .option('--resume <run>', 'continue a run: what it placed is not dialled again')
    .option(
      '--baseline <file>',
      'an earlier --json-file; exit code 1 if a provider became significantly worse',
    )
    .option('--json-file <file>', 'write the report as JSON')
    .option('--csv-file <file>', 'write a line for each call as CSV')
    .option('--junit-file <file>', 'write the report as JUnit XML')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples([
        ['providercall verify plan.json --yes --junit-file report.xml', ''],
        ['providercall verify plan.json --yes --baseline last-week.json', ''],
      ]),
    )
    .action((plan: string, options: Omit<import('./commands/verify.ts').VerifyInput, 'plan'>) =>
      run(async () => (await import('./commands/verify.ts')).verifyPlan, { ...options, plan }),
    );

  addLogin(program, onExitCode);

  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples([
        ['source <(providercall completion bash)', 'in ~/.bashrc'],
        ['source <(providercall completion zsh)', 'in ~/.zshrc'],
        ['providercall completion fish | source', 'in config.fish'],
      ]),
    );
  return program;
}

type Run = <Input>(
  load: () => Promise<(session: import('./session.ts').Session, input: Input) => Promise<number>>,
  input: Input,
) => Promise<void>;

function addProviders(program: Command, run: Run): void {
  const commands = () => import('./commands/providers.ts');
  const providers = program.command('providers').description('show and change providers');

  providers
    .command('list', { isDefault: true })
    .description('show all providers with their health')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall providers', '']]))
    .action((options: { json?: boolean }) => run(async () => (await commands()).listProviders, options));

  providers
    .command('get')
    .description('show a provider')
    .argument('<provider>', 'by name, id or the beginning of its id')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall providers get Busy', '']]))
    .action((provider: string, options: { json?: boolean }) =>
      run(async () => (await commands()).getProvider, { ...options, provider }),
    );

  withFields(providers.command('add').description('add a provider'))
    .requiredOption('--hostname <host>', 'host or IP address, with a port unless it is 5060')
    .addHelpText(
      'after',
      examples([['providercall providers add --name Acme --hostname sip.example.com --tech-prefix 99', '']]),
    )
    .action((options: import('./commands/providers.ts').ProviderFields & { hostname: string }) =>
      run(async () => (await commands()).addProvider, options),
    );

  withFields(providers.command('update').description('change a provider; omitted fields stay as they are'))
    .argument('<provider>', 'by name, id or the beginning of its id')
    .option('--hostname <host>', 'host or IP address, with a port unless it is 5060')
    .addHelpText('after', examples([['providercall providers update Acme --hostname sip2.example.com', '']]))
    .action((provider: string, options: import('./commands/providers.ts').ProviderFields) =>
      run(async () => (await commands()).updateProvider, { ...options, provider }),
    );

  providers
    .command('delete')
    .description('delete a provider: no more calls will go through it')
    .argument('<provider>', 'by name, id or the beginning of its id')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall providers delete Acme', '']]))
    .action((provider: string, options: { yes?: boolean; json?: boolean }) =>
      run(async () => (await commands()).deleteProvider, { ...options, provider }),
    );

  providers
    .command('check')
    .description('wait for the next health check of a provider and report it')
    .argument('<provider>', 'by name, id or the beginning of its id')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1, 3600), 90)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['providercall providers check Busy', '']]))
    .action((provider: string, options: { timeout: number; json?: boolean }) =>
      run(async () => (await commands()).checkProvider, { ...options, provider }),
    );
}

function withFields(command: Command): Command {
  return command
    .option('--name <name>', 'display name')
    .option('--detail <text>', 'a description')
    .option('--tech-prefix <text>', 'dialled before the number')
    .option('--tech-postfix <text>', 'dialled after the number')
    .option('--tech-header <header>', 'SIP header to send, "Name: value"; may be repeated', collect)
    .option('--codecs <list>', 'in order of preference, such as PCMU,PCMA')
    .option('--auth-username <name>', 'digest user name')
    .option('--auth-password-stdin', 'read the digest password from stdin, or ask for it')
    .option('--metadata <json>', 'JSON object, or a file that contains one')
    .option('--json', 'print JSON');
}

function addLogin(program: Command, onExitCode: (exitCode: number) => void): void {
  const deps = async () => ({
    terminal: (await import('./terminal.ts')).processTerminal(),
    environment: process.env,
  });

  program
    .command('login')
    .description('check a token or access key, from the terminal or stdin, and store it for this user only')
    .option('--url <url>', 'the API, such as https://api.example.com/v1.0')
    .option('--platform-url <url>', 'providers, calls and timelines, if they are elsewhere')
    .addHelpText(
      'after',
      examples([
        ['providercall login --url https://api.example.com/v1.0', ''],
        ['npm run -s token | providercall login --url http://127.0.0.1:3000', ''],
      ]),
    )
    .action(async (options: import('./commands/login.ts').LoginInput) =>
      onExitCode(await (await import('./commands/login.ts')).logIn(await deps(), options)),
    );

  program
    .command('logout')
    .description('remove the stored credential')
    .addHelpText('after', examples([['providercall logout', '']]))
    .action(async () => onExitCode(await (await import('./commands/login.ts')).logOut(await deps())));
}

const ENVIRONMENT = `
Environment:
  PROVIDERCALL_URL           the API; npm start on this machine unless set
  PROVIDERCALL_PLATFORM_URL  providers, calls and timelines; the API's URL unless set
  PROVIDERCALL_TOKEN         a project super-admin's token
  PROVIDERCALL_ACCESS_KEY    an access key, instead of a token
  NO_COLOR                   no colours
Without them, what "providercall login" stored. None is needed against npm start.`;

const EXIT_CODES = `
Exit codes:
  0 answered          2 usage              10 busy, no answer        14 cancelled
                      3 rejected (API)     11 rejected (provider)    15 blocked, local fault
                      4 credential         12 provider unreachable   20 outcome unknown
                      5 API unreachable
  With several calls, the worst one in the order 20, 12, 11, 15, 14, 10.`;

function examples(lines: [command: string, meaning: string][]): string {
  const text = lines.map(([command, meaning]) => `  ${command}${meaning === '' ? '' : `\n      ${meaning}`}`);
  return `\nExamples:\n${text.join('\n')}`;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text];
}
