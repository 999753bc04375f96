import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL('../', import.meta.url));

/** PATH without the folders that npm puts first: the machine's own Node and npm. */
export const machinePath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter);

/**
 * Packs a workspace with `npm pack`, and installs the result with the machine's npm in an empty folder. A copy
 * is packed, so that the repository does not change meanwhile.
 *
 * @returns the folder
 */
export async function installPacked(name: string, scratch: string): Promise<string> {
  const copy = join(scratch, 'repository/packages', name);
  await cp(join(REPOSITORY, 'packages', name), copy, {
    recursive: true,
    filter: (path) => !path.endsWith('node_modules'),
  });
  await cp(join(REPOSITORY, 'tsconfig.json'), join(scratch, 'repository/tsconfig.json'));
  await symlink(join(REPOSITORY, 'node_modules'), join(scratch, 'repository/node_modules'));
  await linkOwnModules(name, copy);
  const before = await readdir(copy);
  const manifest = await readFile(join(copy, 'package.json'), 'utf8');
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', scratch], { cwd: copy });
  const after = await readdir(copy);
  if (`${after}` !== `${before}` || (await readFile(join(copy, 'package.json'), 'utf8')) !== manifest) {
    throw new Error(`npm pack left changes in packages/${name}: ${after}`);
  }

  const consumer = join(scratch, 'consumer');
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(scratch, stdout.trim())], {
    cwd: consumer,
    env: { ...process.env, PATH: machinePath },
  });
  return consumer;
}

/** Dependencies that npm did not hoist. */
async function linkOwnModules(name: string, copy: string): Promise<void> {
  const modules = join(REPOSITORY, 'packages', name, 'node_modules');
  const exists = await readdir(modules).catch(() => undefined);
  if (exists !== undefined) await symlink(modules, join(copy, 'node_modules'));
}
