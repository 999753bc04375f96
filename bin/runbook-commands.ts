import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the shell commands that docs/operations.md marks with a title, for the rehearsal and the tests that run them.
 *
 * @throws {Error} when there are none
 */
export function runbookCommands(title: string): string {
  const operations = readFileSync(join(import.meta.dirname, '../docs/operations.md'), 'utf8');
  const [, after] = operations.split(`<!-- commands: ${title} -->\n\`\`\`sh\n`);
  const [commands] = after?.split('\n```') ?? [];
  if (commands === undefined) throw new Error(`docs/operations.md has no commands marked "${title}"`);
  return commands;
}
