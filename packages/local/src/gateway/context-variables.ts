import { StartError } from '../start-error.ts';
import type { StackLocation } from '../template/location.ts';
import type { RestApiDefinition } from '../template/rest-api.ts';
import type { RequestContext } from './request-context.ts';

/** The API and stage that the variables describe. */
export type ApiIdentity = Pick<RestApiDefinition, 'id' | 'stage'> & Pick<StackLocation, 'accountId'>;

type Variable = (context: RequestContext, api: ApiIdentity) => string | number | null | undefined;

/**
 * `$context` variables of a REST API, for gateway responses and access logs (API Gateway Developer Guide, "Variables
 * for data transformations" and "Variables for access logging").
 */
const VARIABLES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['accountId', (_, api) => api.accountId],
  ['apiId', (_, api) => api.id],
  ['authorizer.integrationLatency', ({ authorizer }) => authorizer?.latencyMs],
  ['authorizer.latency', ({ authorizer }) => authorizer?.latencyMs],
  ['domainName', domainName],
  ['error.message', ({ fault }) => fault && (fault.text ?? '')],
  ['error.messageString', ({ fault }) => fault && JSON.stringify(fault.text)],
  ['error.responseType', ({ fault }) => fault?.type],
  ['extendedRequestId', (context) => context.extendedRequestId],
  ['httpMethod', ({ request }) => request?.httpMethod],
  ['identity.sourceIp', ({ request }) => request?.sourceIp],
  ['identity.userAgent', ({ request }) => request?.userAgent],
  ['integration.integrationStatus', ({ integration }) => integration?.status],
  ['integration.latency', ({ integration }) => integration?.latencyMs],
  ['integration.status', ({ integration }) => integration?.status],
  ['integrationLatency', ({ integration }) => integration?.latencyMs],
  ['integrationStatus', ({ integration }) => integration?.status],
  ['path', ({ request }, api) => request && `/${api.stage}${request.path}`],
  ['protocol', ({ request }) => request?.protocol],
  ['requestId', (context) => context.requestId],
  ['requestTime', ({ startedAt }) => requestTime(startedAt)],
  ['requestTimeEpoch', ({ startedAt }) => startedAt],
  ['resourceId', ({ method }) => method?.resourceId],
  ['resourcePath', ({ method }) => method?.resourcePath],
  ['responseLatency', ({ response }) => response?.latencyMs],
  ['responseLength', ({ response }) => response?.bytes],
  ['stage', (_, api) => api.stage],
  ['status', ({ response }) => response?.status],
]);

const VARIABLE_PATTERN = /\$context((?:\.\w+)+)/g;
const AUTHORIZER_CONTEXT_VARIABLE = /^authorizer\.\w+$/;

/** Returns the value of a variable, named without `$context.`, or undefined if this request has none. */
export function contextVariable(name: string, context: RequestContext, api: ApiIdentity): string | undefined {
  const variable = VARIABLES.get(name);
  if (variable !== undefined) return variable(context, api)?.toString();
  return AUTHORIZER_CONTEXT_VARIABLE.test(name)
    ? context.authorizer?.context[name.slice('authorizer.'.length)]
    : undefined;
}

/**
 * Returns the text with variables replaced by their values. This is plain substitution, without escaping or a template
 * language.
 */
export function substitute(text: string, context: RequestContext, api: ApiIdentity, missing: string): string {
  return text.replace(
    VARIABLE_PATTERN,
    (_, name: string) => contextVariable(name.slice(1), context, api) ?? missing,
  );
}

/** @throws {StartError} naming each variable of the text that the gateway would never fill in. */
export function requireKnownVariables(text: string, where: string): void {
  const unknown = [...text.matchAll(VARIABLE_PATTERN)]
    .map(([, name = '']) => name.slice(1))
    .filter((name) => !VARIABLES.has(name) && !AUTHORIZER_CONTEXT_VARIABLE.test(name));
  const other = /\$(?!context\b)\w+/.exec(text);
  if (other !== null) unknown.push(other[0]);
  if (unknown.length > 0) {
    throw new StartError(`not emulated on one machine: ${where} uses ${unknown.join(', ')}`);
  }
}

/** `09/Apr/2015:12:34:56 +0000` */
export function requestTime(epochMs: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(epochMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Returns the host that the client requested. */
export function domainName({ request }: RequestContext): string | undefined {
  const [, host] =
    Object.entries(request?.headers ?? {}).find(([name]) => name.toLowerCase() === 'host') ?? [];
  return host?.at(-1);
}
