import openapiTypescript, { astToString } from 'openapi-typescript';

/** TypeScript types of an OpenAPI document. */
export const clientTypes = async (document: object): Promise<string> =>
  `// Generated from contract/openapi.json by \`npm run contract\`.\n\n${astToString(
    await openapiTypescript(JSON.stringify(document), { defaultNonNullable: false }),
  )}`;
