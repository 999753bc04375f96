import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';

function commandsBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsBelow)];
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** The help as it is printed, what addHelpText appends included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (written) => (text += written) }).outputHelp();
  return text;
}

const commands = commandsBelow(createProgram(() => {})).map((command) => [nameOf(command), command] as const);

test('the commands are those of the contract', () => {
  expect(commands.map(([name]) => name.replace(/^providercall ?/, ''))).toEqual([
    '',
    'call',
    'list',
    'get',
    'delete',
    'hangup',
    'trace',
    'providers',
    ...['list', 'get', 'add', 'update', 'delete', 'check'].map((name) => `providers ${name}`),
    'compare',
    'verify',
    'login',
    'logout',
    'completion',
  ]);
});

test.each(commands.filter(([name]) => name !== 'providercall providers'))(
  '%s --help has examples',
  (name, command) => {
    const [, examples = ''] = helpOf(command).split('\nExamples:\n');
    expect(examples).toContain(
      name
        .replace(/^providercall providers list$/, 'providercall providers')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    );
  },
);

/** What a command line is rejected with. */
async function rejection(...args: string[]): Promise<string> {
  const program = createProgram(() => {});
  for (const command of commandsBelow(program))
    command.exitOverride().configureOutput({ writeErr: () => {} });
  return program.parseAsync(args, { from: 'user' }).then(
    () => 'accepted',
    ({ message }: Error) => message,
  );
}

test.each([
  [['call', '+82'], "error: required option '--provider <name>' not specified"],
  [['call', '--provider', 'x'], "error: missing required argument 'to'"],
  [
    ['call', '--provider', 'x', '--say', 'a', '--flow', 'b', '+82'],
    "error: option '--flow <id>' cannot be used with option '--say <text>'",
  ],
  [
    ['call', '--provider', 'x', '--anonymous', 'maybe', '+82'],
    /argument 'maybe' is invalid\. Allowed choices are yes, no, auto\./,
  ],
  [['list', '--limit', '0'], /argument '0' is invalid\. It must be a whole number from 1 to 10000\./],
  [['list', '--limit', '1e2'], /argument '1e2' is invalid/],
  [['compare', 'a'], "error: missing required argument 'b'"],
  [['list', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
])('%j is rejected', async (args, message) => {
  expect(await rejection(...args)).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
});
