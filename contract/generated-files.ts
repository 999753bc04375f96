import { execFileSync } from 'node:child_process';
import { clientTypes } from '../packages/client/src/generate-types.ts';
import { eventSchema } from './event-schema.ts';
import { openApiDocument } from './openapi-document.ts';

/** A file that is generated and committed; its path is relative to the repository. */
export type GeneratedFile = { path: string; content: string };

/** Returns all files that are generated from the schemas and tables in the code. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const document = openApiDocument();
  return [
    { path: 'contract/openapi.json', content: formatted(JSON.stringify(document), 'openapi.json') },
    {
      path: 'contract/events.schema.json',
      content: formatted(JSON.stringify(eventSchema()), 'events.schema.json'),
    },
    { path: 'packages/client/src/api.ts', content: formatted(await clientTypes(document), 'api.ts') },
  ];
}

/**
 * Returns the text as formatted by Biome for a file with this name: generated files have to pass the same checks as
 * written ones.
 */
function formatted(text: string, fileName: string): string {
  return execFileSync('biome', ['format', `--stdin-file-path=${fileName}`], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
}
