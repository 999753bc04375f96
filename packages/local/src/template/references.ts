import { StartError } from '../start-error.ts';
import type { StackTemplate } from './assembly.ts';
import { arnOf, PARTITION, type StackLocation } from './location.ts';

/** Resolves the template's intrinsic functions as CloudFormation would. */
export type References = {
  /** Resolves the intrinsic functions anywhere inside a value. */
  resolve(value: unknown): unknown;
  /** Like `resolve`, for a value that must resolve to a string. */
  resolveString(value: unknown): string;
};

/** Stands for `AWS::NoValue`: the property or element is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Resolves `Ref`, `Fn::GetAtt`, `Fn::Join`, `Fn::Sub`, `Fn::Select` and `Fn::Split` against a template whose
 * resources exist only here.
 *
 * @throws {StartError} from the functions returned, at an intrinsic function, attribute or resource that is not
 *   emulated: a made-up value would point a function to something that does not exist.
 */
export function createReferences({ resources }: StackTemplate, location: StackLocation): References {
  const pseudoParameters = new Map<string, string | symbol>([
    ['AWS::AccountId', location.accountId],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::Partition', PARTITION],
    ['AWS::Region', location.region],
    ['AWS::StackName', location.stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);

  function ref(name: string): string | symbol {
    const pseudo = pseudoParameters.get(name);
    if (pseudo !== undefined) return pseudo;
    const resource = resources.get(name);
    switch (resource?.Type) {
      case 'AWS::DynamoDB::Table':
      case 'AWS::DynamoDB::GlobalTable':
        return resource.Properties.TableName ?? physicalName(location, name);
      case 'AWS::Lambda::Function':
        return resource.Properties.FunctionName ?? physicalName(location, name);
      case 'AWS::Lambda::Version':
        return `${functionArn(resource.Properties.FunctionName)}:1`;
      case 'AWS::Lambda::Alias':
        return `${functionArn(resource.Properties.FunctionName)}:${resource.Properties.Name}`;
      case 'AWS::SecretsManager::Secret':
        return arnOf(
          location,
          'secretsmanager',
          `secret:${resource.Properties.Name ?? physicalName(location, name)}`,
        );
      case 'AWS::ApiGateway::Stage':
        return resource.Properties.StageName;
      case 'AWS::ApiGateway::RestApi':
      case 'AWS::ApiGateway::Resource':
      case 'AWS::ApiGateway::Authorizer':
      case 'AWS::ApiGateway::Deployment':
        return name;
      default:
        throw new StartError(`the template refers to ${name}, which is not emulated on one machine`);
    }
  }

  function functionArn(functionName: unknown): string {
    const name = resolveString(functionName);
    return name.startsWith('arn:') ? name : arnOf(location, 'lambda', `function:${name}`);
  }

  function getAtt(name: string, attribute: string): string {
    const type = resources.get(name)?.Type;
    if (attribute === 'Arn') {
      if (type === 'AWS::DynamoDB::Table' || type === 'AWS::DynamoDB::GlobalTable') {
        return arnOf(location, 'dynamodb', `table/${resolveString({ Ref: name })}`);
      }
      if (type === 'AWS::Lambda::Function') return functionArn({ Ref: name });
    }
    if (attribute === 'RootResourceId' && type === 'AWS::ApiGateway::RestApi') return rootResourceId(name);
    if (attribute === 'Version' && type === 'AWS::Lambda::Version') return '1';
    throw new StartError(`the template refers to ${name}.${attribute}, which is not emulated on one machine`);
  }

  /** `${Name}`, `${Name.Attribute}` and the literal `${!Name}`; names in `variables` take precedence. */
  function sub(text: string, variables: Record<string, unknown>): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return resolveString(variables[name]);
      const dot = name.indexOf('.');
      return dot < 0 ? resolveString({ Ref: name }) : getAtt(name.slice(0, dot), name.slice(dot + 1));
    });
  }

  function intrinsic(name: string, argument: unknown): unknown {
    const list: unknown[] = Array.isArray(argument) ? argument : [argument];
    switch (name) {
      case 'Ref':
        return ref(String(argument));
      case 'Fn::GetAtt':
        return getAtt(String(list[0]), resolveString(list[1]));
      case 'Fn::Join':
        return resolveList(list[1]).map(String).join(String(list[0]));
      case 'Fn::Split':
        return resolveString(list[1]).split(String(list[0]));
      case 'Fn::Select':
        return resolveList(list[1])[Number(resolve(list[0]))];
      case 'Fn::Sub':
        return sub(String(list[0]), isObject(list[1]) ? list[1] : {});
      default:
        throw new StartError(`the template uses ${name}, which is not emulated on one machine`);
    }
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((element) => element !== NO_VALUE);
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
      return intrinsic(only[0], only[1]);
    }
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, resolve(inner)]).filter(([, inner]) => inner !== NO_VALUE),
    );
  }

  function resolveList(value: unknown): unknown[] {
    const resolved = resolve(value);
    return Array.isArray(resolved) ? resolved : [resolved];
  }

  function resolveString(value: unknown): string {
    const resolved = resolve(value);
    if (typeof resolved === 'string') return resolved;
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    throw new StartError(`the template contains ${JSON.stringify(value)} where a string is required`);
  }

  return { resolve, resolveString };
}

/** Id under which the root resource of a REST API is known to its children. */
function rootResourceId(restApi: string): string {
  return `${restApi}.RootResourceId`;
}

function physicalName(location: StackLocation, logicalId: string): string {
  return `${location.stackName}-${logicalId}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
