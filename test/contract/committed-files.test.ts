import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../contract/generated-files.ts';

function committed(path: string) {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

test('the committed documents and client types are what the code generates (if not, run `npm run contract`)', async () => {
  const files = await generatedFiles();
  expect(files.map(({ path }) => path)).toEqual([
    'contract/openapi.json',
    'contract/events.schema.json',
    'packages/client/src/api.ts',
  ]);
  for (const { path, content } of files) expect(committed(path), path).toBe(content);
});
