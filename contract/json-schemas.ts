import * as z from 'zod/mini';
import { idSchema, NIL_UUID } from '../functions/uuid.ts';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Schemas by their names in the document. */
export type NamedSchemas = Readonly<Record<string, z.ZodMiniType>>;

/** Returns a reference to a schema of the document. */
export function schemaReference(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/**
 * Returns JSON Schemas (draft 2020-12, as used by OpenAPI 3.1) for zod schemas, which refer to each other by name.
 *
 * @param io whether they describe input to the API or its output
 */
export function jsonSchemasOf(
  schemas: NamedSchemas,
  io: 'input' | 'output',
  uri = (name: string) => schemaReference(name).$ref,
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const generated = z.toJSONSchema(registry, {
    io,
    override: complete,
    uri,
  }).schemas;
  return Object.fromEntries(
    Object.keys(schemas).map((name) => {
      const { $schema: _dialect, $id: _id, ...schema } = generated[name] ?? {};
      return [name, schema];
    }),
  );
}

/**
 * Returns the schema with descriptions at its properties.
 *
 * @throws {Error} when a property has none
 */
export function describeProperties(
  schema: JsonSchema,
  descriptions: Readonly<Record<string, string>>,
): JsonSchema {
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, property]) => {
        const description = descriptions[name];
        if (description === undefined) throw new Error(`the property ${name} has no description`);
        return [name, typeof property === 'boolean' ? property : { ...property, description }];
      }),
    ),
  };
}

type OverrideContext = Parameters<NonNullable<z.core.ToJSONSchemaParams['override']>>[0];

/** Adds what zod omits: defaults of transformed values, that an id is not nil, and that any JSON is allowed. */
function complete({ zodSchema, jsonSchema }: OverrideContext): void {
  const { def } = zodSchema._zod;
  if (def.type === 'default') jsonSchema.default = def.defaultValue;
  if (zodSchema === idSchema) jsonSchema.not = { const: NIL_UUID };
  if (def.type === 'record') {
    delete jsonSchema.propertyNames;
    const { type } = def.valueType._zod.def;
    if (type === 'lazy' || type === 'unknown') jsonSchema.additionalProperties = true;
  }
}
