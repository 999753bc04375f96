import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { machinePath } from '../../../test/packed-workspace.ts';

export type Outcome = { exitCode: number | null; stdout: string; stderr: string };

/** How each Node is started: the machine's (20 in CI) and ours (24). */
const NODES = {
  'the machine’s Node': ['env', `PATH=${machinePath}`, 'node'],
  'Node 24': [process.execPath],
} as const satisfies Record<string, readonly string[]>;
export type NodeName = keyof typeof NODES;
export const NODE_NAMES = Object.keys(NODES) as NodeName[];

/** Starts the packed command in a pipe. */
export function startCommand(
  node: NodeName,
  args: readonly string[],
  variables: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  const [program = '', ...rest] = NODES[node];
  return spawn(program, [...rest, command(), ...args], { env: environmentOf(variables) });
}

function command() {
  return join(inject('cliFolder'), 'node_modules/.bin/providercall');
}

/** Only what a test sets: no login of the person who runs it. */
function environmentOf(variables: Record<string, string>): Record<string, string> {
  return { PATH: machinePath, HOME: '/nonexistent', TERM: 'xterm', ...variables };
}

/** Runs the packed command in a pipe to its end. */
export async function runCommand(
  node: NodeName,
  args: readonly string[],
  variables: Record<string, string> = {},
  input = '',
): Promise<Outcome> {
  const child = startCommand(node, args, variables);
  child.stdin.end(input);
  return outcomeOf(child);
}

export async function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { exitCode, stdout, stderr };
}

export type PseudoTerminal = {
  /** Everything that was shown so far. */
  screen(): string;
  /** Resolves once the screen matches, from the end of the last match on. */
  until(pattern: RegExp): Promise<void>;
  type(keys: string): void;
  exitCode: Promise<number | null>;
};

/** Runs a shell command line on a pseudo-terminal of `script`, 100 columns wide. */
export function openTerminal(commandLine: string, variables: Record<string, string> = {}): PseudoTerminal {
  const child = spawn('script', ['-qefc', `stty cols 100 rows 40; exec ${commandLine}`, '/dev/null'], {
    env: environmentOf(variables),
  });
  let shown = '';
  let matched = 0;
  let changed = () => {};
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    changed();
  });
  const exitCode = once(child, 'close').then(([code]: (number | null)[]) => {
    changed();
    return code ?? null;
  });
  return {
    screen: () => shown,
    async until(pattern) {
      for (;;) {
        const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(shown.slice(matched));
        if (match !== null) {
          matched += match.index + match[0].length;
          return;
        }
        if (child.exitCode !== null) throw new Error(`ended without ${pattern}: ${JSON.stringify(shown)}`);
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
    type: (keys) => void child.stdin.write(keys),
    exitCode,
  };
}

/** The command as a shell writes it, on Node 24. */
export function commandLine(args: readonly string[]): string {
  return [process.execPath, command(), ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}
