import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import * as z from 'zod/mini';

const reference = z.object({ $ref: z.string() });
const responseSchema = z.object({
  headers: z._default(z.record(z.string(), reference), {}),
  content: z.record(z.string(), z.object({ schema: z.unknown() })),
});
const operationSchema = z.object({ responses: z.record(z.string(), z.union([reference, responseSchema])) });

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({
    headers: z.record(z.string(), z.object({ required: z.optional(z.boolean()), schema: z.unknown() })),
    responses: z.record(z.string(), responseSchema),
  }),
});

/** A response, with the requested path, including version prefix and query. */
export type SeenResponse = {
  method: string;
  path: string;
  status: number;
  header(name: string): string | null;
  body: string;
};

/** Returns a check of responses against an OpenAPI document, which returns the faults of a response. */
export function createResponseCheck(openApiDocument: AnySchema) {
  const document = documentSchema.parse(openApiDocument);
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { uuid: true } });
  ajv.addSchema(openApiDocument, 'api');

  const compiled = new Map<string, ValidateFunction>();
  const faultsOf = (pointer: string, value: unknown): string[] => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, validate);
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };

  /** JSON pointer and content of the response in the document; undefined if it has none. */
  const documented = ({ method, path, status }: SeenResponse) => {
    const [, bare] = /^\/v1(?:\.0)?(\/[^?]*)/.exec(path) ?? [];
    const template =
      bare === undefined
        ? undefined
        : Object.keys(document.paths).find((candidate) => matches(candidate, bare));
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) {
      // There is no such route: only the gateway itself can respond.
      return status === 404 ? named('NotFound') : undefined;
    }
    const response = operation.responses[status];
    if (response === undefined) return undefined;
    if ('$ref' in response) return named(nameOf(response));
    const pathPointer = `/paths/${template.replaceAll('/', '~1')}/${method.toLowerCase()}`;
    return { pointer: `${pathPointer}/responses/${status}`, response };
  };

  const named = (name: string) => {
    const response = document.components.responses[name];
    return response && { pointer: `/components/responses/${name}`, response };
  };

  return (seen: SeenResponse): string[] => {
    const found = documented(seen);
    if (found === undefined) return [`${seen.method} ${seen.path} must not return ${seen.status}`];
    const { pointer, response } = found;
    const headerFaults = Object.entries(response.headers).flatMap(([header, reference]) => {
      const value = seen.header(header);
      const name = nameOf(reference);
      if (value !== null) return faultsOf(`/components/headers/${name}/schema`, value);
      return document.components.headers[name]?.required === true ? [`${header} is missing`] : [];
    });
    const contentType = seen.header('Content-Type') ?? '';
    if (response.content[contentType] === undefined) return [...headerFaults, `has the type ${contentType}`];
    const schemaPointer = `${pointer}/content/${contentType.replaceAll('/', '~1')}/schema`;
    const value: unknown = contentType === 'application/json' ? JSON.parse(seen.body) : seen.body;
    return [...headerFaults, ...faultsOf(encodeURI(schemaPointer), value)];
  };
}

function nameOf({ $ref }: z.infer<typeof reference>) {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
}
