import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject, test } from 'vitest';
import { machinePath } from '../../../test/packed-workspace.ts';
import { openTerminal, type PseudoTerminal } from './packed-command.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';

let system: RealSystem;
let home: string;
beforeAll(async () => {
  system = await startRealSystem();
  home = await mkdtemp(join(tmpdir(), 'cli-shell-'));
  await symlink(join(inject('cliFolder'), 'node_modules/.bin/providercall'), join(home, 'providercall'));
  await writeFile(join(home, '.bashrc'), 'PS1="READY> "\nsource <(providercall completion bash)\n');
  await writeFile(
    join(home, '.zshrc'),
    'PS1="READY> "\nautoload -Uz compinit\ncompinit -u\nsource <(providercall completion zsh)\n',
  );
  await writeFile(
    join(home, 'config.fish'),
    'providercall completion fish | source\nfunction fish_prompt; echo "READY> "; end\n',
  );
});
afterAll(async () => {
  await system?.local.close();
  await rm(home, { recursive: true });
});

const SHELLS: [string, () => string][] = [
  ['bash', () => `bash --rcfile ${join(home, '.bashrc')} -i`],
  ['zsh', () => 'zsh -i'],
  ['fish', () => `fish --no-config --init-command "source ${join(home, 'config.fish')}" -i`],
];

function open(commandLine: string): PseudoTerminal {
  return openTerminal(commandLine, {
    ...system.variables,
    HOME: home,
    ZDOTDIR: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    PATH: `${home}:${machinePath}`,
  });
}

test.each(SHELLS)(
  'TAB completes commands, options, choices and providers in %s',
  async (_, commandLine) => {
    const shell = open(commandLine());
    await shell.until(/READY> /);
    shell.type('providercall verif\t');
    await shell.until(/verify/);
    shell.type('\u0015providercall call --anonym\t');
    await shell.until(/--anonymous/);
    shell.type('\u0015providercall call --anonymous y\t');
    await shell.until(/--anonymous yes/);
    shell.type('\u0015providercall call --provider Bus\t');
    await shell.until(/--provider Busy/);
    shell.type('\u0015exit\r');
    await shell.exitCode;
  },
  60_000,
);
