import { StartError } from '../start-error.ts';
import type { StackTemplate } from './assembly.ts';
import { unqualifiedArn } from './functions.ts';
import type { References } from './references.ts';
import type { GatewayResponseType } from './resource-schemas.ts';
import { resourcesOfType } from './resources-of-type.ts';

/** Requests per second, and the size of the token bucket. */
export type Throttle = { rateLimit: number; burstLimit: number };

/** One method on one resource. */
export type Method = {
  httpMethod: string;
  resourceId: string;
  /** The resource's path as the template writes it, `/v1/things/{id}`. */
  resourcePath: string;
  functionArn: string;
  integrationTimeoutMs: number;
  /** Absent when anyone may call the method. */
  authorizerArn: string | undefined;
  throttle: Throttle | undefined;
};

/** One path part of the resource tree. */
export type ResourceNode = {
  children: Map<string, ResourceNode>;
  /** The child that matches any single path part, and the parameter's name. */
  parameter: { name: string; node: ResourceNode } | undefined;
  methods: Map<string, Method>;
};

export type GatewayResponseDefinition = {
  statusCode: number | undefined;
  /** Header name → `'literal'` in quotes, or `context.variable`. */
  headers: Record<string, string>;
  /** Body template for application/json; undefined means API Gateway's own. */
  template: string | undefined;
};

export type RestApiDefinition = {
  id: string;
  stage: string;
  stageVariables: Record<string, string> | undefined;
  root: ResourceNode;
  gatewayResponses: ReadonlyMap<GatewayResponseType, GatewayResponseDefinition>;
  accessLogFormat: string | undefined;
  /** Whether every media type is binary: bodies reach functions as base64, and theirs may be base64. */
  hasBinaryMedia: boolean;
};

/**
 * Returns the template's only REST API with its only stage.
 *
 * @throws {StartError} when there is not exactly one of each, or a part of it is not connected to the rest.
 */
export function readRestApi(template: StackTemplate, references: References): RestApiDefinition {
  const [id, restApi] = only(resourcesOfType(template, 'AWS::ApiGateway::RestApi'), 'REST API');
  const [, stage] = only(resourcesOfType(template, 'AWS::ApiGateway::Stage'), 'stage of the REST API');
  const { root, nodes } = readResourceTree(id, template, references);

  const authorizers = new Map(
    resourcesOfType(template, 'AWS::ApiGateway::Authorizer').map(([logicalId, { AuthorizerUri }]) => [
      logicalId,
      functionOfUri(references.resolveString(AuthorizerUri)),
    ]),
  );

  for (const [logicalId, method] of resourcesOfType(template, 'AWS::ApiGateway::Method')) {
    const resourceId = references.resolveString(method.ResourceId);
    const resource = nodes.get(resourceId);
    if (resource === undefined)
      throw new StartError(`${logicalId} does not belong to any resource of the template`);
    const authorizerArn =
      method.AuthorizationType === 'CUSTOM'
        ? authorizers.get(references.resolveString(method.AuthorizerId))
        : undefined;
    if (method.AuthorizationType === 'CUSTOM' && authorizerArn === undefined) {
      throw new StartError(`${logicalId} names an authorizer that the template does not contain`);
    }
    resource.node.methods.set(method.HttpMethod, {
      httpMethod: method.HttpMethod,
      resourceId,
      resourcePath: resource.path,
      functionArn: functionOfUri(references.resolveString(method.Integration.Uri)),
      integrationTimeoutMs: method.Integration.TimeoutInMillis,
      authorizerArn,
      throttle: throttleOf(stage.MethodSettings, resource.path, method.HttpMethod),
    });
  }

  return {
    id,
    stage: stage.StageName,
    stageVariables: stage.Variables,
    root,
    gatewayResponses: readGatewayResponses(template),
    accessLogFormat: stage.AccessLogSetting?.Format,
    hasBinaryMedia: restApi.BinaryMediaTypes !== undefined,
  };
}

type NodeAtPath = { path: string; node: ResourceNode };

function readResourceTree(
  restApiId: string,
  template: StackTemplate,
  references: References,
): { root: ResourceNode; nodes: Map<string, NodeAtPath> } {
  const root = emptyNode();
  const rootId = references.resolveString({ 'Fn::GetAtt': [restApiId, 'RootResourceId'] });
  const nodes = new Map<string, NodeAtPath>([[rootId, { path: '/', node: root }]]);
  const resources = new Map(resourcesOfType(template, 'AWS::ApiGateway::Resource'));

  function nodeOf(logicalId: string): NodeAtPath {
    const known = nodes.get(logicalId);
    if (known !== undefined) return known;
    const resource = resources.get(logicalId);
    if (resource === undefined)
      throw new StartError(`the template refers to ${logicalId}, but does not contain it`);
    const parent = nodeOf(references.resolveString(resource.ParentId));
    const { PathPart } = resource;
    const node = emptyNode();
    if (PathPart.startsWith('{')) parent.node.parameter = { name: PathPart.slice(1, -1), node };
    else parent.node.children.set(PathPart, node);
    const placed = { path: `${parent.path === '/' ? '' : parent.path}/${PathPart}`, node };
    nodes.set(logicalId, placed);
    return placed;
  }

  for (const logicalId of resources.keys()) nodeOf(logicalId);
  return { root, nodes };
}

function readGatewayResponses(template: StackTemplate): Map<GatewayResponseType, GatewayResponseDefinition> {
  const prefix = 'gatewayresponse.header.';
  return new Map(
    resourcesOfType(template, 'AWS::ApiGateway::GatewayResponse').map(([, response]) => [
      response.ResponseType,
      {
        statusCode: response.StatusCode === undefined ? undefined : Number(response.StatusCode),
        headers: Object.fromEntries(
          Object.entries(response.ResponseParameters).map(([name, value]) => [
            name.slice(prefix.length),
            value,
          ]),
        ),
        template: response.ResponseTemplates?.['application/json'],
      },
    ]),
  );
}

type MethodSetting = {
  HttpMethod: string;
  ResourcePath: string;
  ThrottlingBurstLimit?: number | undefined;
  ThrottlingRateLimit?: number | undefined;
};

/** A method's own setting replaces the stage's; within the path of a setting, `/` is written `~1`. */
function throttleOf(settings: readonly MethodSetting[], path: string, method: string): Throttle | undefined {
  const own = `/${path.replaceAll('/', '~1')}`;
  const setting =
    settings.find(({ ResourcePath, HttpMethod }) => ResourcePath === own && HttpMethod === method) ??
    settings.find(({ ResourcePath, HttpMethod }) => ResourcePath === own && HttpMethod === '*') ??
    settings.find(({ ResourcePath, HttpMethod }) => ResourcePath === '/*' && HttpMethod === '*');
  if (setting?.ThrottlingRateLimit === undefined || setting.ThrottlingBurstLimit === undefined)
    return undefined;
  return { rateLimit: setting.ThrottlingRateLimit, burstLimit: setting.ThrottlingBurstLimit };
}

/** `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations` */
function functionOfUri(uri: string): string {
  const [, functionArn] = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri) ?? [];
  if (functionArn === undefined) throw new StartError(`not emulated on one machine: integration URI ${uri}`);
  return unqualifiedArn(functionArn);
}

function emptyNode(): ResourceNode {
  return { children: new Map(), parameter: undefined, methods: new Map() };
}

function only<Element>(elements: readonly Element[], what: string): Element {
  const [first, ...others] = elements;
  if (first === undefined || others.length > 0) {
    throw new StartError(`the template must contain exactly one ${what}, but contains ${elements.length}`);
  }
  return first;
}
