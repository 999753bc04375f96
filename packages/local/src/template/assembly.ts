import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { StartError } from '../start-error.ts';
import { IGNORED_TYPES, type Resource, resourceSchema } from './resource-schemas.ts';

/** One synthesized stack: its resources by logical id, and the location of its functions' code. */
export type StackTemplate = {
  stackName: string;
  resources: ReadonlyMap<string, Resource>;
  /** Directory of an asset by its S3 object key. */
  assetDirectories: ReadonlyMap<string, string>;
};

const assemblyManifest = z.object({
  artifacts: z.record(z.string(), z.object({ type: z.string(), properties: z.optional(z.unknown()) })),
});
const stackProperties = z.object({ templateFile: z.string() });
const assetManifestProperties = z.object({ file: z.string() });

const assetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string(), packaging: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

const templateSchema = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

/**
 * Reads the only stack of a cloud assembly (`cdk.out`, or any other output directory of a synthesis).
 *
 * @throws {StartError} naming every resource, property and value of the template that is not emulated.
 */
export function readAssembly(directory: string): StackTemplate {
  const manifest = assemblyManifest.parse(readJson(join(directory, 'manifest.json')));
  const artifacts = Object.entries(manifest.artifacts);
  const [stack, ...others] = artifacts.filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  if (stack === undefined || others.length > 0) {
    throw new StartError(
      `${directory} must contain exactly one stack, but contains ${others.length + (stack ? 1 : 0)}`,
    );
  }
  const [stackName, { properties }] = stack;
  const { templateFile } = stackProperties.parse(properties);
  return {
    stackName,
    resources: parseResources(readJson(join(directory, templateFile))),
    assetDirectories: new Map(
      artifacts
        .filter(([, artifact]) => artifact.type === 'cdk:asset-manifest')
        .flatMap(([, artifact]) =>
          readAssets(directory, assetManifestProperties.parse(artifact.properties).file),
        ),
    ),
  };
}

function readAssets(directory: string, file: string): [objectKey: string, directory: string][] {
  const { files } = assetManifest.parse(readJson(join(directory, file)));
  return Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }): [string, string] => [
      objectKey,
      join(directory, source.path),
    ]),
  );
}

/**
 * Parses the resources of a template, leaving out those that have no effect on one machine.
 *
 * @throws {StartError} naming everything in it that is not emulated.
 */
export function parseResources(template: unknown): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  const rejected: string[] = [];
  for (const [logicalId, resource] of Object.entries(templateSchema.parse(template).Resources)) {
    if (IGNORED_TYPES.has(resource.Type)) continue;
    const parsed = resourceSchema.safeParse(resource);
    if (parsed.success) resources.set(logicalId, parsed.data);
    else rejected.push(...parsed.error.issues.map((issue) => describeIssue(logicalId, resource, issue)));
  }
  if (rejected.length > 0) throw new StartError(`not emulated on one machine: ${rejected.join('; ')}`);
  return resources;
}

function describeIssue(logicalId: string, resource: { Type: string }, issue: z.core.$ZodIssue): string {
  const name = `${resource.Type} ${logicalId}`;
  if (issue.path[0] === 'Type') return name;
  const path = issue.path.filter((step) => step !== 'Properties');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${name} ${[...path, key].join('.')}`).join('; ');
  }
  return `${name} ${path.join('.')} = ${JSON.stringify(valueAt(resource, issue.path)) ?? 'absent'}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
