import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { machinePath } from '../../../test/packed-workspace.ts';
import { type RealSystem, startRealSystem } from './real-system.ts';

const PAGE = fileURLToPath(new URL('../../../docs/cli.md', import.meta.url));
const README = fileURLToPath(new URL('../README.md', import.meta.url));
const PLAN = fileURLToPath(new URL('../examples/onboarding.json', import.meta.url));
/** With UPDATE_DOCS=1 both are rewritten. */
const isUpdate = process.env['UPDATE_DOCS'] === '1';

let system: RealSystem;
let folder: string;
beforeAll(async () => {
  system = await startRealSystem();
  folder = await mkdtemp(join(tmpdir(), 'cli-docs-'));
  await symlink(join(inject('cliFolder'), 'node_modules/.bin/providercall'), join(folder, 'providercall'));
  await copyFile(PLAN, join(folder, 'onboarding.json'));
});
afterAll(async () => {
  await system?.local.close();
  await rm(folder, { recursive: true });
});

/** Returns what a person sees who types the command at the repository's root, with the port that the page names. */
async function shown(command: string): Promise<string> {
  const script = command
    .replace(/^npx /, '')
    .replace('packages/cli/examples/', '')
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${system.local.port}`);
  const { port } = system.local;
  const output = await new Promise<string>((resolve) => {
    execFile(
      'bash',
      ['-c', `${script} 2>&1; status=$?; [ $status = 0 ] || echo "exit code $status"`],
      {
        cwd: folder,
        env: {
          PATH: `${folder}:${machinePath}`,
          HOME: folder,
          PORT: String(port),
          TOKEN: system.local.token,
        },
      },
      (_, stdout) => resolve(stdout),
    );
  });
  return output
    .replaceAll('\r', '')
    .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:3000')
    .replaceAll(folder, '~')
    .trimEnd();
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Returns the output without what differs from run to run. */
function comparable(output: string): string[] {
  return (
    output
      .replace(UUID, 'ID')
      .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'TIME')
      .replace(/\d\d:\d\d:\d\d\.\d+/g, 'TIME')
      .replace(/\+?\d+\.\d+ (s|ms)\b/g, 'N $1')
      // A provider that was just added may have been checked already.
      .replace(/^(health +)(unknown|unhealthy).*$/gm, '$1N')
      .replace(/127\.0\.0\.1:(?!3000)\d+/g, 'HOST')
      .replace(/[0-9a-f]{12}-[0-9a-f]{8}/g, 'RUN')
      .replace(/ {2,}|-{2,}/g, ' ')
      .split('\n')
      .map((line) => line.trim())
      // Which states a poll sees, and which call ends first, differs from run to run.
      .filter((line) => !/^\+\d+ (dialing|ringing|progressing)$/.test(line))
      .map((line) => line.replace(/^\d+\/\d+ /, 'N/N '))
      .sort((a, b) => (a.startsWith('N/N ') && b.startsWith('N/N ') ? (a < b ? -1 : 1) : 0))
  );
}

/** Returns the commands in a page's console blocks, each with what is shown below it. */
function stepsIn(markdown: string): { command: string; output: string }[] {
  return [...markdown.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = '', ...output] = step.split('\n');
        return { command, output: output.join('\n').trimEnd() };
      }),
  );
}

test.each([
  ['docs/cli.md', PAGE, 15],
  ['the README', README, 2],
])(
  'every command of %s shows what it says there',
  async (_, page, minSteps) => {
    let markdown = await readFile(page, 'utf8');
    /** The page's ids and what they are in this run, from output to output. */
    const ids = new Map<string, string>();
    const translated = (command: string) =>
      command.replace(/(?<= )[0-9a-f]{8}(?= |$)/g, (prefix) => {
        const known = [...ids].find(([id]) => id.startsWith(prefix));
        return known === undefined ? prefix : known[1].slice(0, prefix.length);
      });
    const steps = stepsIn(markdown);
    for (const { command, output } of steps) {
      const runnable = translated(command);
      const actual = await shown(runnable);
      if (isUpdate) {
        const end = output === '' ? '\n' : '';
        markdown = markdown.replace(`$ ${command}\n${output}`, () => `$ ${runnable}\n${actual}${end}`);
      } else expect(comparable(actual), command).toEqual(comparable(output));
      const now = actual.match(UUID) ?? [];
      for (const [index, id] of (output.match(UUID) ?? []).entries()) ids.set(id, now[index] ?? id);
    }
    expect(steps.length).toBeGreaterThanOrEqual(minSteps);
    if (isUpdate) await writeFile(page, markdown);
  },
  300_000,
);
