import type { Operation } from '../functions/log/operation.ts';

/** The prefixes under which every route is served: the specification's own, and the alias that it also uses. */
export const VERSION_PREFIXES = ['v1.0', 'v1'] as const;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The backend that serves a route of the platform. */
type BackendName = 'route' | 'flow' | 'call';

/** A route of the API. */
export type Route = {
  method: Method;
  /** Path below a version prefix, with its parameters in braces. */
  path: `/${string}`;
  /** Name in the OpenAPI document. */
  operationId: string;
  /** The function that handles it. */
  operation: Operation;
};

/** A route of ProviderCall, each of which has a function of its own. */
export type ProviderCallRoute = Route & { operation: 'create' | 'list' | 'get' | 'delete' };

/** A route of the platform: served by the platform itself, and locally and in the sandbox by the platform stand-in. */
export type PlatformRoute = Route & { operation: 'platform'; backend: BackendName };

/** The routes of ProviderCall. The OpenAPI paths and the stack's routes are derived from them. */
export const PROVIDER_CALL_ROUTES = [
  { method: 'POST', path: '/providercalls', operationId: 'createProviderCall', operation: 'create' },
  { method: 'GET', path: '/providercalls/{id}', operationId: 'getProviderCall', operation: 'get' },
  { method: 'GET', path: '/providercalls', operationId: 'listProviderCalls', operation: 'list' },
  { method: 'DELETE', path: '/providercalls/{id}', operationId: 'deleteProviderCall', operation: 'delete' },
] as const satisfies ProviderCallRoute[];

const PLATFORM_ROUTE_ROWS = [
  { method: 'GET', path: '/providers', operationId: 'listProviders', backend: 'route' },
  { method: 'POST', path: '/providers', operationId: 'createProvider', backend: 'route' },
  { method: 'GET', path: '/providers/{id}', operationId: 'getProvider', backend: 'route' },
  { method: 'PUT', path: '/providers/{id}', operationId: 'updateProvider', backend: 'route' },
  { method: 'DELETE', path: '/providers/{id}', operationId: 'deleteProvider', backend: 'route' },
  { method: 'GET', path: '/flows', operationId: 'listFlows', backend: 'flow' },
  { method: 'GET', path: '/flows/{id}', operationId: 'getFlow', backend: 'flow' },
  { method: 'GET', path: '/calls', operationId: 'listCalls', backend: 'call' },
  { method: 'GET', path: '/calls/{id}', operationId: 'getCall', backend: 'call' },
  { method: 'POST', path: '/calls/{id}/hangup', operationId: 'hangupCall', backend: 'call' },
  { method: 'GET', path: '/groupcalls/{id}', operationId: 'getGroupcall', backend: 'call' },
  {
    method: 'GET',
    path: '/timelines/calls/{id}/sip-analysis',
    operationId: 'getSipAnalysis',
    backend: 'call',
  },
  { method: 'GET', path: '/timelines/calls/{id}/pcap', operationId: 'getPcap', backend: 'call' },
  { method: 'GET', path: '/timelines/calls/{id}/events', operationId: 'listCallEvents', backend: 'call' },
] as const satisfies Omit<PlatformRoute, 'operation'>[];

export type ProviderCallOperationId = (typeof PROVIDER_CALL_ROUTES)[number]['operationId'];
export type PlatformOperationId = (typeof PLATFORM_ROUTE_ROWS)[number]['operationId'];
export type OperationId = ProviderCallOperationId | PlatformOperationId;

/** The platform's routes. The OpenAPI paths, the sandbox's routes and the stand-in's public endpoints are derived from them. */
export const PLATFORM_ROUTES: readonly (PlatformRoute & { operationId: PlatformOperationId })[] =
  PLATFORM_ROUTE_ROWS.map((row) => ({ ...row, operation: 'platform' }));

/** Every route of the API. */
export const ROUTES: readonly (Route & { operationId: OperationId })[] = [
  ...PROVIDER_CALL_ROUTES,
  ...PLATFORM_ROUTES,
];
