import { clientTypes } from '../packages/client/src/generate-types.ts';
import { eventSchema } from './event-schema.ts';
import { formatted, jsonFile } from './formatted.ts';
import { openApiDocument } from './openapi-document.ts';

/** A file that is generated and committed; the path is relative to the repository. */
export type GeneratedFile = { path: string; content: string };

/** All files that are made of the schemas and tables in the code, as they have to be. */
export const generatedFiles = async (): Promise<GeneratedFile[]> => {
  const document = openApiDocument();
  return [
    { path: 'contract/openapi.json', content: jsonFile(document, 'openapi.json') },
    { path: 'contract/events.schema.json', content: jsonFile(eventSchema(), 'events.schema.json') },
    { path: 'packages/client/src/api.ts', content: formatted(await clientTypes(document), 'api.ts') },
  ];
};
