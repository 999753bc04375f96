import openapiTypescript, { astToString } from 'openapi-typescript';

/** Returns the TypeScript types of an OpenAPI document. */
export async function clientTypes(document: object): Promise<string> {
  return `// Generated from contract/openapi.json by \`npm run contract\`.\n\n${astToString(
    await openapiTypescript(JSON.stringify(document), { defaultNonNullable: false }),
  )}`;
}
