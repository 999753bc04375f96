import type { Method, ResourceNode } from '../template/rest-api.ts';

export type FoundMethod = { method: Method; pathParameters: Record<string, string> };

/**
 * Returns the method that a path leads to. At each part, a resource with exactly that name takes precedence over one
 * with a parameter; HEAD and OPTIONS are methods like any other and are not derived from GET.
 */
export function findMethod(
  root: ResourceNode,
  pathParts: readonly string[],
  httpMethod: string,
): FoundMethod | undefined {
  let node = root;
  const pathParameters: Record<string, string> = {};
  for (const part of pathParts) {
    const child = node.children.get(part);
    if (child !== undefined) {
      node = child;
    } else if (node.parameter !== undefined && part !== '') {
      pathParameters[node.parameter.name] = part;
      node = node.parameter.node;
    } else {
      return undefined;
    }
  }
  const method = node.methods.get(httpMethod);
  return method && { method, pathParameters };
}
