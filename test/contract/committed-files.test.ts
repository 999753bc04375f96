import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../contract/generated-files.ts';
import { openApiDocument } from '../../contract/openapi-document.ts';

const committed = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the committed documents and client types are what the code makes: run `npm run contract` when not', async () => {
  const files = await generatedFiles();
  expect(files.map(({ path }) => path)).toEqual([
    'contract/openapi.json',
    'contract/events.schema.json',
    'packages/client/src/api.ts',
  ]);
  for (const { path, content } of files) expect(committed(path), path).toBe(content);
});

test('the committed page is built from the document: run `npm run contract` when not', () => {
  const page = committed('docs/api.html');
  const [, definition = ''] = /const __redoc_definition = (\{.*\});\n/.exec(page) ?? [];
  expect(JSON.parse(definition)).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});
