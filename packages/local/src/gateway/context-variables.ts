import { StartError } from '../start-error.ts';
import type { Place } from '../template/place.ts';
import type { RestApiDefinition } from '../template/rest-api.ts';
import type { Exchange } from './exchange.ts';

/** Of which API and stage the variables speak. */
export type ApiIdentity = Pick<RestApiDefinition, 'id' | 'stage'> & Pick<Place, 'accountId'>;

type Variable = (exchange: Exchange, api: ApiIdentity) => string | number | null | undefined;

/**
 * `$context` variables of a REST API, for gateway responses and access logs (API Gateway Developer Guide, "Variables
 * for data transformations" and "Variables for access logging").
 */
const variables: Record<string, Variable> = {
  accountId: (_, api) => api.accountId,
  apiId: (_, api) => api.id,
  'authorizer.integrationLatency': ({ authorizer }) => authorizer?.latencyMs,
  'authorizer.latency': ({ authorizer }) => authorizer?.latencyMs,
  domainName: domainName,
  'error.message': ({ fault }) => fault && (fault.text ?? ''),
  'error.messageString': ({ fault }) => fault && JSON.stringify(fault.text),
  'error.responseType': ({ fault }) => fault?.type,
  extendedRequestId: (exchange) => exchange.extendedRequestId,
  httpMethod: ({ request }) => request?.httpMethod,
  'identity.sourceIp': ({ request }) => request?.sourceIp,
  'identity.userAgent': ({ request }) => request?.userAgent,
  'integration.integrationStatus': ({ integration }) => integration?.status,
  'integration.latency': ({ integration }) => integration?.latencyMs,
  'integration.status': ({ integration }) => integration?.status,
  integrationLatency: ({ integration }) => integration?.latencyMs,
  integrationStatus: ({ integration }) => integration?.status,
  path: ({ request }, api) => request && `/${api.stage}${request.path}`,
  protocol: ({ request }) => request?.protocol,
  requestId: (exchange) => exchange.requestId,
  requestTime: ({ startedAt }) => requestTime(startedAt),
  requestTimeEpoch: ({ startedAt }) => startedAt,
  resourceId: ({ method }) => method?.resourceId,
  resourcePath: ({ method }) => method?.resourcePath,
  responseLatency: ({ response }) => response?.latencyMs,
  responseLength: ({ response }) => response?.bytes,
  stage: (_, api) => api.stage,
  status: ({ response }) => response?.status,
};

const variablePattern = /\$context((?:\.\w+)+)/g;
const ownAuthorizerVariable = /^authorizer\.\w+$/;

/** The value of one variable, named without `$context.`; undefined where there is none in this exchange. */
export function contextVariable(name: string, exchange: Exchange, api: ApiIdentity): string | undefined {
  const variable = variables[name];
  if (variable !== undefined) return variable(exchange, api)?.toString();
  return ownAuthorizerVariable.test(name)
    ? exchange.authorizer?.context[name.slice('authorizer.'.length)]
    : undefined;
}

/** Puts the variables' values into a text. It is plain substitution: no escaping, no template language. */
export function substitute(text: string, exchange: Exchange, api: ApiIdentity, missing: string): string {
  return text.replace(
    variablePattern,
    (_, name: string) => contextVariable(name.slice(1), exchange, api) ?? missing,
  );
}

/** @throws {StartError} naming each variable of the text that the gateway would never fill in. */
export function refuseUnknownVariables(text: string, where: string): void {
  const unknown = [...text.matchAll(variablePattern)]
    .map(([, name = '']) => name.slice(1))
    .filter((name) => !(name in variables) && !ownAuthorizerVariable.test(name));
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

/** The host that the client asked for. */
export function domainName({ request }: Exchange): string | undefined {
  const [, host] =
    Object.entries(request?.headers ?? {}).find(([name]) => name.toLowerCase() === 'host') ?? [];
  return host?.at(-1);
}
