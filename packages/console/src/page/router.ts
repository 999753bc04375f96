/** The views of the page. Each has an address, which may contain ids but never a credential. */
export type Route =
  | { view: 'providers' }
  | { view: 'new-provider' }
  | { view: 'provider'; id: string }
  | { view: 'edit-provider'; id: string }
  | { view: 'place'; providerId?: string }
  | { view: 'records'; providerId?: string; pageToken?: string }
  | { view: 'record'; id: string; callId?: string; message?: number }
  | { view: 'compare'; first?: string; second?: string }
  | { view: 'unknown'; path: string };

/** Returns the route of an address. An unknown path has its own view, which says so. */
export function routeOf({ pathname, search }: Pick<URL, 'pathname' | 'search'>): Route {
  const [collection = '', id, action, ...rest] = pathname
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decoded);
  const query = new URLSearchParams(search);
  const unknown: Route = { view: 'unknown', path: pathname };
  if (rest.length > 0) return unknown;
  switch (collection) {
    case '':
      return { view: 'providers' };
    case 'providers':
      if (id === undefined) return { view: 'providers' };
      if (id === 'new' && action === undefined) return { view: 'new-provider' };
      if (action === undefined) return { view: 'provider', id };
      return action === 'edit' ? { view: 'edit-provider', id } : unknown;
    case 'place':
      return id === undefined ? { view: 'place', ...given('providerId', query.get('provider')) } : unknown;
    case 'records':
      if (action !== undefined) return unknown;
      return id === undefined
        ? {
            view: 'records',
            ...given('providerId', query.get('provider')),
            ...given('pageToken', query.get('page')),
          }
        : { view: 'record', id, ...given('callId', query.get('call')), ...messageOf(query.get('message')) };
    case 'compare':
      return id === undefined
        ? { view: 'compare', ...given('first', query.get('a')), ...given('second', query.get('b')) }
        : unknown;
    default:
      return unknown;
  }
}

/** Returns the address of a view: path and query. */
export function addressOf(route: Route): string {
  switch (route.view) {
    case 'providers':
      return '/providers';
    case 'new-provider':
      return '/providers/new';
    case 'provider':
      return `/providers/${encodeURIComponent(route.id)}`;
    case 'edit-provider':
      return `/providers/${encodeURIComponent(route.id)}/edit`;
    case 'place':
      return withQuery('/place', { provider: route.providerId });
    case 'records':
      return withQuery('/records', { provider: route.providerId, page: route.pageToken });
    case 'record':
      return withQuery(`/records/${encodeURIComponent(route.id)}`, {
        call: route.callId,
        message: route.message?.toString(),
      });
    case 'compare':
      return withQuery('/compare', { a: route.first, b: route.second });
    case 'unknown':
      return route.path;
  }
}

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

function given<Name extends string>(name: Name, value: string | null): { [key in Name]?: string } {
  const present: { [key in Name]?: string } = {};
  if (value !== null && value !== '') present[name] = value;
  return present;
}

function messageOf(value: string | null): { message?: number } {
  return value !== null && /^\d{1,6}$/.test(value) ? { message: Number(value) } : {};
}

/** Decodes a part of a path; one that is not a valid encoding is returned unchanged. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
