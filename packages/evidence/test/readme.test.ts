import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

test('the code in the README prints what the README says', () => {
  const readme = readFileSync(`${FOLDER}/README.md`, 'utf8');
  const block = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '--eval', block('ts') ?? ''],
    { cwd: FOLDER, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(stdout.trimEnd()).toBe(block('text')?.trimEnd());
});
