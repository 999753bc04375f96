import type { StackTemplate } from './assembly.ts';
import type { Resource, ResourceType } from './resource-schemas.ts';

type ResourceOf<Type extends ResourceType> = Extract<Resource, { Type: Type }>;

/** Logical id and properties of every resource of one type. */
export function resourcesOfType<Type extends ResourceType>(
  { resources }: StackTemplate,
  type: Type,
): [logicalId: string, properties: ResourceOf<Type>['Properties']][] {
  const found: [string, ResourceOf<Type>['Properties']][] = [];
  for (const [logicalId, resource] of resources) {
    if (isOfType(resource, type)) found.push([logicalId, propertiesOf(resource)]);
  }
  return found;
}

function isOfType<Type extends ResourceType>(resource: Resource, type: Type): resource is ResourceOf<Type> {
  return resource.Type === type;
}

function propertiesOf<Any extends Resource>(resource: Any): Any['Properties'] {
  return resource.Properties;
}
