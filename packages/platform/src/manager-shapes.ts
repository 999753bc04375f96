import * as z from 'zod/mini';

/*
 * What the managers' Go structs look like as JSON. Times are RFC 3339, as Go writes a time.Time: without the trailing
 * zeros of the fraction. Fields tagged `omitempty` are absent when they are empty; a UUID, or an object that Go holds
 * by value, never counts as empty.
 */

type Json = Record<string, unknown>;

const objectSchema = z.record(z.string(), z.unknown());
const placedSchema = z.object({ calls: z.array(objectSchema), groupcalls: z.array(objectSchema) });
const pageSchema = z.strictObject({ result: z.array(objectSchema), next_page_token: z.string() });

/** Returns the body of a response in the shape of the manager's own response. */
export function managerShapeOf(path: string, body: unknown): unknown {
  const shape = shapeOf(path);
  const page = z.safeParse(pageSchema, body);
  if (page.success) return page.data.result.map(shape);
  const placed = z.safeParse(placedSchema, body);
  if (placed.success) {
    const { calls, groupcalls } = placed.data;
    return omitEmpty({ calls: calls.map(callShape), groupcalls: groupcalls.map(groupcallShape) });
  }
  return shape(z.parse(objectSchema, body));
}

function shapeOf(path: string): (document: Json) => Json {
  if (path.startsWith('/v1/calls')) return callShape;
  if (path.startsWith('/v1/groupcalls')) return groupcallShape;
  if (path.startsWith('/v1/flows')) return flowShape;
  return withTimes;
}

function callShape(call: Json): Json {
  return { ...omitEmpty(withTimes(call)), ...addressesOf(call, ['source', 'destination']) };
}

function groupcallShape(groupcall: Json): Json {
  const destinations = z.parse(z.array(objectSchema), groupcall['destinations']);
  return {
    ...omitEmpty(withTimes({ ...groupcall, destinations: destinations.map(omitEmpty) })),
    ...addressesOf(groupcall, ['source']),
  };
}

function flowShape(flow: Json): Json {
  return omitEmpty(withTimes(flow));
}

/** The source of a call without one is an empty address, not null. */
function addressesOf(document: Json, fields: readonly string[]): Json {
  return Object.fromEntries(
    fields.map((field) => [field, omitEmpty(z.parse(objectSchema, document[field] ?? {}))]),
  );
}

function withTimes(document: Json): Json {
  return Object.fromEntries(
    Object.entries(document).map(([field, value]) => [
      field,
      /^tm_|_at$/.test(field) && typeof value === 'string' ? goTime(value) : value,
    ]),
  );
}

function goTime(timestamp: string): string {
  return `${timestamp.replace(' ', 'T').replace(/\.?0+$/, '')}Z`;
}

function omitEmpty(document: Json): Json {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
